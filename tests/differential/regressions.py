"""Cases that differed from PyTorch once, and what was wrong. `test_differential.py` runs them."""

from .case import At, Case, X, inf

REGRESSIONS = {
    "second derivatives of complex numbers without axes never ended": [
        Case("sin", (X((), "complex128", values="small", grad="mid"),)),
    ],
    "the gradient of an index with a mask beside it counted repeated entries once": [
        Case(
            "x[...]",
            (
                X((2, 3, 1), values="small", grad="leaf"),
                (None, X((3,), "int64", "plain", "below 2"), slice(2, None, 2), None, X((1,), "bool", "plain", (True,))),
            ),
        ),
    ],
    "index_fill gave the value a gradient for each time an entry was named": [
        Case("index_fill", (X((3,), "float32"), 0, X((3,), "int64", "plain", (1, 1, 0)), X((), values="small", grad="leaf"))),
    ],
    "a negative number did not fit into bytes": [
        Case("masked_fill", (X((2,), "uint8"), X((2,), "bool", "plain", (True, False)), -2)),
        Case("Tensor.index_fill_", (X((1, 1), "uint8", "plain", "small"), -2, X((), "int64", "plain", (0,)), -1)),
        Case("index_add", (X((1, 4), "uint8"), 0, X((2,), "int64", "plain", (0, 0)), X((2, 4), "uint8")), {"alpha": -2}),
    ],
    "products of complex numbers did not conjugate their gradient": [
        Case("cumprod", (X((1, 2, 1), "complex128", values="small", grad="leaf"), 1)),
        Case("prod", (X((2,), "complex64", values="small", grad="leaf"),)),
    ],
    "copies of expanded tensors lay in columns": [
        Case("Tensor.bool", (X((2, 2), "float32", "expand", "small"),)),
        Case("trunc", (X((2, 1, 2), "bfloat16", "expand", "small"),)),
    ],
    "results of sorting were views, backwards": [
        Case("topk", (X((2,), "float32", "plain", "apart"), 2)),
        Case("argsort", (X((2,), "float32", "plain", "apart"),), {"descending": True}),
    ],
    "shares of one along an empty axis were refused": [
        Case("softmax", (X((0, 1),), 0)),
        Case("log_softmax", (X((0, 1),), 0)),
    ],
    "integers to negative powers were refused": [
        Case("pow", (X((5,), "int64", values=(2, 1, -1, 0, -1)), X((5,), "int64", values=(-1, -2, -3, 2, -2)))),
    ],
    "NaN was sorted among bfloat16 numbers": [
        Case("nanmedian", (X((3, 1), "bfloat16", "plain", (3.0, float("nan"), -1.0)), 0)),
    ],
    "extremes of NaN had a gradient": [
        Case("amin", (X((3,), values=(1.0, float("nan"), -1.0), grad="leaf"),)),
    ],
    "the gradient of arcosh was NaN left of −1": [
        Case("acosh", (X((2,), values=(-2.0, 3.0), grad="leaf"),)),
    ],
    "dtype= of a sum was that of its inputs only": [
        Case("prod", (X((1,), "float32"),), {"dtype": At("int8")}),
        Case("nansum", (X((1,), "float32"),), {"dtype": At("int32")}),
    ],
    "where a computed tensor begins in memory was read off another array": [
        Case("Tensor.storage_offset", (X((2, 2, 2), layout="T", values="small", grad="mid"),)),
    ],
    "the derivative of a complex matrix's norm met a real zero": [
        Case("linalg.norm", (X((1, 1), "complex128", values="small", grad="leaf"),), {"ord": 2}),
    ],
    "infinity became the largest float32, which is infinity in bfloat16": [
        Case("nan_to_num", (X((2,), "bfloat16", values=(inf, -inf)),)),
    ],
    "batchmean divided by the samples of the target": [
        Case("nn.functional.kl_div", (X((3,), values="normal"), X((1, 3), values="unit")), {"reduction": "batchmean"}),
    ],
    "a transposed convolution with room at its end had no derivative": [
        Case(
            "nn.functional.conv_transpose2d",
            (X((1, 1, 1), "float64"), X((1, 1, 1, 1), "float64", grad="leaf")),
            {"dilation": 2, "output_padding": 1},
        ),
    ],
    "layers without samples or features had no gradient": [
        Case("nn.functional.linear", (X((1, 1, 3), grad="leaf"), X((0, 3)))),
        Case("nn.functional.embedding", (X((0, 1), "int64", values="below 2"), X((1, 1), grad="leaf"))),
    ],
    "the diagonal of a transposed matrix was filled in another place of its history": [
        Case("Tensor.fill_diagonal_", (X((3, 2), layout="T", values="small", grad="mid"), 1.5)),
    ],
    "i was false": [
        Case("Tensor.bool", (X((2,), "complex128", values=(1j, 0)),)),
    ],
    "the least int16 divided by a number became positive": [
        Case("Tensor.divide_", (X((2,), "int16", values=(-32768, 32767)), 9), {"rounding_mode": "trunc"}),
    ],
    "a loss of ignored samples had a gradient of NaN": [
        Case("nn.functional.nll_loss", (X((3, 1, 4), grad="leaf"), X((3, 4), "int64", values="below 1")), {"ignore_index": 0}),
    ],
    "columns chosen by a tensor lay in rows": [
        Case("x[...]", (X((3, 4)), (slice(None), X((2,), "int64", values=(0, 2))))),
    ],
    "a query that may look nowhere had a gradient of NaN": [
        Case(
            "nn.functional.scaled_dot_product_attention",
            (X((1, 2), "float64"), X((1, 2), "float64"), X((1, 1), "float64", grad="leaf")),
            {"attn_mask": X((1, 1), "bool", values=(False,))},
        ),
    ],
}
