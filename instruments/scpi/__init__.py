"""SCPI, the language that bench instruments speak: its grammar, and a client that talks it."""
