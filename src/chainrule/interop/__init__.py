"""Living beside other programs: running those written for PyTorch."""
