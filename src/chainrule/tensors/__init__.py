"""The surface: the `Tensor` that users hold, and the functions on it, by PyTorch's names."""
