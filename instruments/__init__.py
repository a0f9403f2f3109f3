"""How do I talk to a thing on a wire? Roles, transports, SCPI, drivers and their accuracy, the device protocol."""
