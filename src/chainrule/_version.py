"""The version, stated once: the package, its metadata and the wheel's name all read it here."""

__version__ = "0.1.0"
