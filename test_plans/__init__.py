"""What is claimed of the device, and against which number? Claims, standards, requirements, plans and methods."""
