"""Single operations timed beside PyTorch's, to find those that are slow: `python -m benchmarks.survey`."""
