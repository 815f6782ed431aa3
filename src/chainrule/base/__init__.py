"""The ground: shapes, dtypes, errors, modes. Knows nothing of tensors, graphs or ops."""
