"""The line protocol of the device's controller, and the client that speaks it (PROTOCOL.md)."""
