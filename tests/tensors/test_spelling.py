"""``axis`` and ``keepdims`` for ``dim`` and ``keepdim``, wherever PyTorch takes them."""

import pytest

import chainrule as cr

CALLS = """
sum(x, axis=1) mean(x, axis=1, keepdims=True) prod(x, axis=1, keepdims=True) std(x, axis=1) var(x, axis=(0,1), keepdims=True)
amax(x, axis=1, keepdims=True) amin(x, axis=0) all(x > 1, axis=1) any(x > 1, axis=1, keepdims=True) cumsum(x, axis=1)
cumprod(x, axis=0) logcumsumexp(x, axis=1) softmax(x, axis=1) log_softmax(x, axis=0) logsumexp(x, axis=1, keepdims=True)
median(x, axis=1, keepdims=True) nanmedian(x, axis=1) mode(x, axis=1) sort(x, axis=0) argsort(x, axis=1) topk(x, 2, axis=1)
chunk(x, 2, axis=1) tensor_split(x, 3, axis=1) count_nonzero(x, axis=1) nansum(x, axis=1) nanmean(x, axis=1, keepdims=True)
std_mean(x, axis=1) var_mean(x, axis=1) diff(x, axis=1) kthvalue(x, 2, axis=1) cummax(x, axis=1) cummin(x, axis=0)
quantile(x, 0.5, axis=1) nanquantile(x, 0.5, axis=1) repeat_interleave(x, 2, axis=1) aminmax(x, axis=1, keepdims=True)
argmax(x, axis=1, keepdims=True) argmin(x, axis=1) max(x, axis=1) min(x, axis=1, keepdims=True) unsqueeze(x, axis=0)
squeeze(x, axis=0) cat([x, x], axis=1) stack([x, x], axis=1) linalg.norm(x, axis=1) unflatten(x, axis=1, sizes=(3, 1))
index_select(x, axis=1, index=i) gather(x, axis=1, index=i[:, None]) linalg.vector_norm(x, axis=1, keepdims=True)
"""
SPLIT = [call for call in CALLS.replace("\n", " ").replace(") ", ")|").split("|") if call.strip()]


@pytest.mark.parametrize("call", [call.strip() for call in SPLIT])
def test_numpys_words(call):
    torch = pytest.importorskip("torch")
    theirs, ours = (
        repr(eval(f"torch.{call}", {"torch": lib, "x": lib.tensor([[1.0, 5.0, 2.0], [4.0, 0.0, 6.0]]), "i": lib.tensor([0, 1])}))
        for lib in (torch, cr)
    )
    assert ours == theirs


def test_methods_take_them_too_and_both_are_too_many():
    assert cr.ones(2, 3).std(axis=1, keepdims=True).shape == (2, 1)
    assert cr.std.__name__ == "std"
    with pytest.raises(TypeError):
        cr.ones(2, 3).std(1, axis=1)
