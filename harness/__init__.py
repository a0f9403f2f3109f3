"""What is a test? The vocabulary, the one executor, the record, and the command line; no driver, no wire, no bench."""

__version__ = "0.1.0"
