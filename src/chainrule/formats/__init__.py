"""File formats: names ↔ arrays, one format a file; and the way files are written."""
