"""The heavy operations of neural networks as plain functions on NumPy arrays, forward and backward, without tensors.

Every forward function returns ``(y, kept)``; the backward function beside it takes the upstream gradient g = ∂L/∂y,
``kept``, and ``needs``: which inputs need a gradient, in the order of the forward function. It returns one gradient
per input, None where none was asked for.

How they are made fast, in the order of what it brings:

1. *Few passes over memory.* Work is done in chunks that stay in the second-level cache, into buffers that are reused:
   fresh memory costs more than the arithmetic done on it.
2. *One matrix product per chunk* (convolution, recurrent layers, attention), so that BLAS does the arithmetic.
3. *One thread per core over the batch* (`threads`), with BLAS held to one thread meanwhile.
"""
