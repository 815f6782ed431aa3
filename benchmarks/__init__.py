"""Training steps timed under chainrule and its peers, side by side in one run: `python -m benchmarks`."""
