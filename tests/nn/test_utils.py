"""Clipping gradients, and parameters as one vector, against PyTorch."""

import pytest

pytest.importorskip("torch")

from tests.nn.against import BOTH, close, numbers  # noqa: E402


def with_gradients(names, scale=1.0):
    """Three parameters, of which the last has no gradient."""
    torch = names["torch"]
    w, b, unused = (torch.tensor(numbers(s, k), requires_grad=True) for k, s in enumerate(((3, 2), (3,), (2,))))
    ((w * w).sum() * scale + (b * 3).sum() * scale).backward()
    return [w, b, unused]


@pytest.mark.parametrize("norm_type", [2.0, 1.0, float("inf"), 3.0])
@pytest.mark.parametrize("max_norm", [0.5, 1e6])
def test_gradients_are_clipped_by_their_norm(norm_type, max_norm):
    found = []
    for names in BOTH:
        p = with_gradients(names)
        found.append((names["nn"].utils.clip_grad_norm_(p, max_norm, norm_type), [x.grad for x in p]))
    close(found[0][0], found[1][0], "norm")
    for ours, theirs in zip(found[0][1], found[1][1]):
        close(ours, theirs, "gradient")


def test_what_clipping_takes():
    for names in BOTH:
        clip = names["nn"].utils.clip_grad_norm_
        (w, *_) = p = with_gradients(names)
        assert float(clip(w, 0.1)) > 0.1 and float(clip(iter(p), 1e9)) > 0
        assert float(clip([p[2]], 1.0)) == 0
        with pytest.warns(UserWarning, match="empty generator"):
            clip((x for x in []), 1.0)
        with pytest.warns(FutureWarning, match="is now deprecated in favor of"):
            names["nn"].utils.clip_grad_norm(p, 1.0)


def test_norms_that_are_not_finite():
    for names in BOTH:
        p = with_gradients(names, float("inf"))
        with pytest.raises(RuntimeError, match="The total norm of order 2.0 for gradients from `parameters` is non-finite"):
            names["nn"].utils.clip_grad_norm_(p, 1.0, error_if_nonfinite=True)


def test_gradients_are_clipped_entry_by_entry():
    found = []
    for names in BOTH:
        p = with_gradients(names)
        names["nn"].utils.clip_grad_value_(p, 0.7)
        found.append([x.grad for x in p])
    for ours, theirs in zip(*found):
        close(ours, theirs, "gradient")


def test_parameters_as_a_vector():
    for names in BOTH:
        nn, torch = names["nn"], names["torch"]
        m = nn.Linear(2, 3)
        v = nn.utils.parameters_to_vector(m.parameters())
        assert v.shape == (9,) and v.requires_grad
        nn.utils.vector_to_parameters(torch.arange(9.0), m.parameters())
        assert m.weight.tolist() == [[0, 1], [2, 3], [4, 5]] and m.bias.tolist() == [6, 7, 8] and m.bias.requires_grad
        with pytest.raises(RuntimeError, match="is invalid for input of size"):
            nn.utils.vector_to_parameters(torch.arange(4.0), m.parameters())
