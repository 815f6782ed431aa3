"""`autograd.grad`, and the errors of everything that asks for a gradient."""

import numpy as np
import pytest

import chainrule
from chainrule import tensor
from chainrule.autograd import grad


def leaf(*entries: float):
    return tensor(list(entries), requires_grad=True)


def test_it_touches_no_grad_attribute():
    x, w = leaf(1.0, 2.0), leaf(3.0, 4.0)
    dx, dw = grad((x * w).sum(), [x, w])
    assert dx.tolist() == [3.0, 4.0] and dw.tolist() == [1.0, 2.0]
    assert x.grad is None and w.grad is None


def test_of_an_intermediate_and_what_it_came_from():
    x = leaf(1.0, 2.0)
    y = x * x
    z = (y * 3).sum()
    dy, dx = grad(z, (y, x))
    assert dy.tolist() == [3.0, 3.0] and dx.tolist() == [6.0, 12.0]


def test_of_the_output_itself():
    x = leaf(1.0, 2.0)
    y = (x * x).sum()
    assert grad(y, y)[0].item() == 1.0


def test_several_outputs_are_summed():
    x = leaf(1.0, 2.0)
    (d,) = grad([x.sum(), x * 2], x, grad_outputs=[None, tensor([1.0, 10.0])])
    assert d.tolist() == [3.0, 21.0]


def test_unused_inputs():
    x, w = leaf(1.0), leaf(2.0)
    y = x.sum()
    with pytest.raises(RuntimeError) as error:
        grad(y, [x, w], retain_graph=True)
    assert str(error.value).startswith(
        "The differentiated Tensor at index 1 appears to not have been used in the graph. "
        "Set allow_unused=True if this is the desired behavior."
    )
    assert "why: no operation leads from this input, of shape [1], to the outputs" in str(error.value)
    dx, dw = grad(y, [x, w], allow_unused=True)
    assert dx.tolist() == [1.0] and dw is None
    dx, dw = grad(x.sum(), [x, w], materialize_grads=True)
    assert dw.tolist() == [0.0]
    with pytest.raises(ValueError, match="Expected allow_unused to be True or not passed when materialize_grads=True"):
        grad(x.sum(), w, allow_unused=False, materialize_grads=True)


def test_batched_gradients():
    x = leaf(1.0, 2.0, 3.0)
    y = x**2
    (rows,) = grad(y, x, tensor(np.eye(3, dtype=np.float32)), is_grads_batched=True)
    assert rows.tolist() == [[2.0, 0.0, 0.0], [0.0, 4.0, 0.0], [0.0, 0.0, 6.0]]
    w = leaf(1.0)
    none, rows = grad(x * 2, [w, x], chainrule.ones(2, 3), is_grads_batched=True, allow_unused=True)
    assert none is None and rows.shape == (2, 3)


def test_what_grad_may_not_be_given():
    x, data = leaf(1.0, 2.0), tensor([1.0, 2.0])
    for call, text in [
        (lambda: grad(data.sum(), x), "element 0 of tensors does not require grad and does not have a grad_fn"),
        (lambda: grad((x * 2).sum(), data), "One of the differentiated Tensors does not require grad"),
        (lambda: grad(x * 2, x), "grad can be implicitly created only for scalar outputs"),
        (lambda: grad(x * 2, x, chainrule.ones(3)), r"Mismatch in shape: grad_output\[0\] has a shape of torch.Size\(\[3\]\)"),
        (lambda: grad((x * 2).sum(), x, [None, None]), "got 1 tensors and 2 gradients"),
    ]:
        with pytest.raises(RuntimeError, match=text):
            call()
    with pytest.raises(TypeError, match="gradients can be either Tensors or None, but got float"):
        grad(x * 2, x, [2.0])


def test_backward_on_a_tensor_without_history():
    data, scores = tensor([1.0, 2.0]), leaf(1.0, 2.0)
    what = "element 0 of tensors does not require grad and does not have a grad_fn\n  why: "
    with pytest.raises(RuntimeError) as error:
        y = data.sum()
        y.backward()
    assert str(error.value).startswith(what + "none of the tensors that `y` was computed from asks for gradients: `data`")
    with pytest.raises(RuntimeError) as error:
        scores.argmax().backward()
    assert str(error.value).startswith(what + "argmax gives positions: whole numbers, which do not change by a little: line ")
    with chainrule.no_grad():
        y = leaf(1.0).sum()
        with pytest.raises(RuntimeError, match="why: gradients are switched off here"):
            y.backward()


def test_the_element_without_history_is_counted():
    with pytest.raises(RuntimeError, match="element 1 of tensors does not require grad"):
        chainrule.autograd.backward([leaf(1.0).sum(), tensor(2.0)])


def test_backward_on_several_numbers():
    with pytest.raises(RuntimeError) as error:
        (leaf(1.0, 2.0) * 2).backward()
    assert str(error.value) == (
        "grad can be implicitly created only for scalar outputs\n"
        "  why: this tensor has shape [2]: 2 numbers, and each has a gradient of its own\n"
        "  instead: loss.mean().backward(), loss.sum().backward(), or loss.backward(gradient=v) for a vector-Jacobian product\n"
        "  (E005: chainrule why E005)"
    )


def test_a_gradient_that_is_no_tensor():
    with pytest.raises(TypeError, match="instead: y.backward\\(torch.full_like\\(y, 2.0\\)\\)"):
        (leaf(1.0) * 2).backward(2.0)


def test_integers_asked_for_gradients():
    for call in (
        lambda: tensor([1, 2], requires_grad=True),
        lambda: tensor([1, 2]).requires_grad_(),
        lambda: setattr(tensor([True]), "requires_grad", True),
        lambda: chainrule.zeros(2, dtype=chainrule.int32, requires_grad=True),
        lambda: chainrule.nn.Parameter(tensor([1, 2])),
    ):
        with pytest.raises(RuntimeError, match="(?i)only Tensors of floating point (and complex )?dtype can require gradients"):
            call()
    with pytest.raises(RuntimeError) as error:
        tensor([1, 2]).requires_grad_()
    assert "  why: this tensor holds torch.int64; a derivative needs numbers that can change by a little" in str(error.value)
    assert "  instead: x = x.float().requires_grad_()" in str(error.value)


def test_requires_grad():
    x = tensor([1.0])
    assert not x.requires_grad and x.is_leaf and x.grad_fn is None
    x.requires_grad = True
    y = x * 2
    assert y.requires_grad and not y.is_leaf
    assert y.requires_grad_() is y
    with pytest.raises(RuntimeError, match="you can only change requires_grad flags of leaf variables.*\n  why: .*MulBackward0"):
        y.requires_grad_(False)
    x.requires_grad_(False)
    assert not x.requires_grad and not (x * 2).requires_grad


def test_the_grad_attribute():
    x = leaf(1.0, 2.0)
    x.grad = tensor([5.0, 6.0])
    (x * 1).sum().backward()
    assert x.grad.tolist() == [6.0, 7.0]
    with pytest.raises(RuntimeError, match=r"attempting to assign a gradient of size '\[3\]' to a tensor of size '\[2\]'"):
        x.grad = chainrule.ones(3)
    with pytest.raises(RuntimeError, match="attempting to assign a gradient with dtype 'torch.float64'"):
        x.grad = chainrule.ones(2, dtype=chainrule.float64)
    with pytest.raises(TypeError, match="assigned grad expected to be a Tensor or None but got grad of type int"):
        x.grad = 3
    del x.grad
    assert x.grad is None


def test_detach():
    x = leaf(1.0, 2.0)
    y = (x * 2).detach()
    assert y.is_leaf and not y.requires_grad
    z = x * 2
    assert z.detach_() is z and z.is_leaf
    with pytest.raises(RuntimeError, match="Can't detach views in-place. Use detach\\(\\) instead"):
        (x * 2)[:1].detach_()
    x.detach()[0] = 9.0
    assert x.tolist() == [9.0, 2.0]


def test_variable_of_old_programs():
    x = chainrule.autograd.Variable(tensor([1.0, 2.0]), requires_grad=True)
    assert isinstance(x, chainrule.autograd.Variable) and isinstance(x, chainrule.Tensor)
    (x * 2).sum().backward()
    assert x.grad.data.tolist() == [2.0, 2.0]
    assert not chainrule.autograd.Variable(x).requires_grad
    with pytest.raises(TypeError, match="Variable data has to be a tensor, but got list"):
        chainrule.autograd.Variable([1.0])


def test_numbers_and_arrays_do_not_leave_with_a_history():
    x = leaf(1.0, 2.0)
    with pytest.raises(RuntimeError, match="Can't call numpy\\(\\) on Tensor that requires grad. Use tensor.detach\\(\\).numpy"):
        x.numpy()
    with pytest.raises(RuntimeError, match="a Tensor with 2 elements cannot be converted to Scalar"):
        x.item()
    with pytest.raises(RuntimeError, match="Boolean value of Tensor with more than one value is ambiguous"):
        bool(x > 0)
    assert x.sum().item() == 3.0 and x.detach().numpy().tolist() == [1.0, 2.0]


def test_names_and_values_like_torch():
    torch = pytest.importorskip("torch")

    def run(lib):
        x = lib.tensor([[1.0, -2.0], [0.5, 3.0]], requires_grad=True)
        y = lib.tensor([2.0, 3.0], requires_grad=True)
        z = ((x @ y).exp() / (1 + x.abs()).log()).mean(0) - x.max(1).values * y[0]
        gradients = [d.numpy() for d in lib.autograd.grad(z.sum(), [x, y])]
        node, names = z.grad_fn, []
        while node.next_functions:
            names.append(node.name())
            node = node.next_functions[0][0]
        return gradients, names, repr(z.grad_fn)[:13]

    ours, theirs = run(chainrule), run(torch)
    for a, b in zip(ours[0], theirs[0], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5)
    assert ours[1:] == theirs[1:]
