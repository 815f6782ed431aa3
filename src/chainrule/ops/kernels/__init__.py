"""The heavy operations of neural networks as plain functions on NumPy arrays, forward and backward, without tensors.

Every forward function returns ``(y, kept)``; the backward function beside it takes the upstream gradient g = ∂L/∂y,
``kept``, and ``needs``: which inputs need a gradient, in the order of the forward function. It returns one gradient
per input, None where none was asked for.

How they are made fast, in the order of what it brings:

1. *Few passes over memory.* Work is done in chunks that stay in the second-level cache, into buffers that are reused:
   fresh memory costs more than the arithmetic done on it.
2. *One matrix product per chunk* (convolution, recurrent layers, attention), so that BLAS does the arithmetic.
3. *One thread per core over the batch* (`threads`), with BLAS held to one thread meanwhile.
4. *Machine code* (`native`) where a loop over memory says it all: files marked with * are that and nothing else, and
   another file does the same in NumPy.

The files, by what they compute:

    conv            convolution over any number of axes, its transpose, unfold and fold
    correlation     the three products of a convolution: the result, and the gradients of input and weights
    direct *        the same at stride 1, without columns: how the work is cut into pieces
    taps *          its loops
    columns         what a kernel sees at each place, as a matrix
    windows         where a sliding kernel stands
    pool            the largest or the mean entry of each window
    tiles *         max pooling where windows tile the plane
    along           the steps of pooling along one axis
    lines           the geometry of pooling, one axis at a time

    attention       scaled dot-product attention, a block of queries at a time
    attention_tiles *  the same, tile by tile of queries and keys
    recurrent       plain, LSTM and GRU layers over whole sequences
    rnn * gru * lstm *  the same, some sequences through all of time on each thread
    through_time *  what these three share: pieces of a batch, and the product with the states
    sequences       what recurrent layers do for all steps at once
    norm            normalization over the batch or within each sample
    planes *        batch norm's sums over planes, and what it makes of them
    rows *          layer norm of short rows
    softmax         softmax and log-softmax along one axis
    softmax_rows *  the same of short rows
    loss            cross-entropy of logits, and its gradient in the same pass

    activations     activation functions with few temporaries
    erf             the error function, for speed
    special         special functions of one real number, to the last digits
    bessel          Bessel's and Airy's functions
    incomplete_gamma  the incomplete gamma functions and the Hurwitz zeta function
    normal          the normal distribution's functions, far out too

    product         matrix products: by NumPy, or shared between the cores
    lu              triangular factorisations that NumPy does not have
    selection       the k first entries of a line, in PyTorch's order
    spacing         numbers in equal steps, rounded as PyTorch rounds them
    accumulate      adding into an array at index arrays
    addressed *     entries and rows at places that an index array names

    blocks, memory, precision, bits   walking in blocks; who owns memory; halves in float32; choosing without branches
"""
