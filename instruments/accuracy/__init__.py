"""How wrong an instrument may be, as its data sheet says: figures in TOML files, one a model."""

from instruments.accuracy.sheet import AccuracyLimit, DataSheet, accuracy

__all__ = ["AccuracyLimit", "DataSheet", "accuracy"]
