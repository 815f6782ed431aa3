"""The same objects under both libraries, and the two ways from one to the other through a file."""

import io
from collections import Counter, OrderedDict

DTYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64",
          "complex64", "complex128", "uint16", "uint32", "uint64"]  # fmt: skip
NO_STORAGE_CLASS = ("uint16", "uint32", "uint64")  # stored as bytes, which the old format has no way for


def objects(torch):
    """Everything a checkpoint may hold."""
    w = torch.arange(6.0).reshape(2, 3)
    named = torch.nn.Parameter(torch.ones(2))
    named.note = 3
    labelled = torch.ones(2)
    labelled.label = "x"
    return {
        "views": [w, w.T, w[:, 1:], w.expand(4, 2, 3)[:, :, ::2], w[1, 1]],
        "parameters": [torch.nn.Parameter(w), torch.nn.Parameter(torch.ones(2), requires_grad=False), named],
        "attributes": labelled,
        "wants a gradient": torch.ones(1, requires_grad=True),
        "sizes": [torch.empty(0, 3), torch.tensor(3), torch.ones(1, 1, 1)],
        "torch": [torch.float32, torch.bfloat16, torch.device("cpu"), torch.device("cuda", 1), torch.Size([1, 2]), torch.strided],
        "numbers": [1, -1, 255, 256, 70_000, 2**31, -(2**40), 10**20, 2.5, float("inf"), True, 1j],
        "text": ["", "é∂", "x" * 300, b"x\xff", bytearray(b"y")],
        "containers": [OrderedDict(a=1), Counter("aab"), {1, 2}, (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), [], {}, None],
    }


def saved(torch, obj, **options):
    file = io.BytesIO()
    torch.save(obj, file, **options)
    return file.getvalue()


def loaded(torch, content, **options):
    return torch.load(io.BytesIO(content), **options)
