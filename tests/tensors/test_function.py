"""Operations of the program's own: what forward leaves for backward, what backward is given and may return."""

import gc
import weakref

import pytest

import chainrule
from chainrule import tensor
from chainrule.autograd import Function, grad
from chainrule.autograd.function import once_differentiable


def leaf(*entries: float):
    return tensor(list(entries), requires_grad=True)


class Square(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return 2 * x * g


def test_forward_and_backward():
    x = leaf(1.0, 2.0)
    y = Square.apply(x)
    assert y.tolist() == [1.0, 4.0] and y.grad_fn.name() == "SquareBackward"
    assert repr(y).endswith("grad_fn=<SquareBackward>)")
    y.sum().backward()
    assert x.grad.tolist() == [2.0, 4.0]


def test_it_can_be_differentiated_again():
    x = leaf(3.0)
    (first,) = grad(Square.apply(x) * x, x, create_graph=True)  # 3x²
    assert first.item() == 27.0
    assert grad(first, x)[0].item() == 18.0


def test_backward_runs_without_recording_unless_asked():
    seen = []

    class Watch(Square):
        @staticmethod
        def backward(ctx, g):
            seen.append((chainrule.is_grad_enabled(), g.requires_grad))
            return Square.backward(ctx, g)

    x = leaf(1.0)
    Watch.apply(x).backward()
    grad(Watch.apply(x), x, create_graph=True)
    assert seen == [(False, False), (True, False)]


def test_forward_runs_without_recording():
    seen = []

    class Watch(Function):
        @staticmethod
        def forward(ctx, x):
            y = x * 2
            seen.append((chainrule.is_grad_enabled(), y.requires_grad, ctx.needs_input_grad))
            return y

        @staticmethod
        def backward(ctx, g):
            return g * 2

    Watch.apply(leaf(1.0))
    assert not Watch.apply(tensor([1.0])).requires_grad
    with chainrule.no_grad():
        assert not Watch.apply(leaf(1.0)).requires_grad
    assert seen == [(False, False, (True,)), (False, False, (False,)), (False, False, (True,))]


class Affine(Function):
    @staticmethod
    def forward(ctx, x, scale, shift):
        ctx.save_for_backward(x, scale)
        return x * scale + shift

    @staticmethod
    def backward(ctx, g):
        x, scale = ctx.saved_tensors
        assert ctx.needs_input_grad[2] is False
        return (g * scale if ctx.needs_input_grad[0] else None), (g * x if ctx.needs_input_grad[1] else None), None


def test_inputs_that_need_no_gradient():
    x, scale = leaf(1.0, 2.0), tensor([3.0, 4.0])
    Affine.apply(x, scale, 1.0).sum().backward()
    assert x.grad.tolist() == [3.0, 4.0] and scale.grad is None
    scale.requires_grad_()
    Affine.apply(x.detach(), scale, 1.0).sum().backward()
    assert scale.grad.tolist() == [1.0, 2.0]


class Parts(Function):
    """Several outputs: a tensor, whole numbers, another tensor, and something that is no tensor."""

    seen: list = []

    @staticmethod
    def forward(ctx, x):
        place = x.argmax()
        ctx.mark_non_differentiable(place)
        return x * 2, place, x + 1, "text"

    @staticmethod
    def backward(ctx, double, place, plus, text):
        Parts.seen.append((double, place, plus, text))
        return (double if double is not None else 0) * 2 + (plus if plus is not None else 0)


def test_several_outputs():
    x = leaf(1.0, 5.0)
    double, place, plus, text = Parts.apply(x)
    assert place.item() == 1 and not place.requires_grad and text == "text"
    assert double.grad_fn is plus.grad_fn and (double.output_nr, plus.output_nr) == (0, 2)
    (double * 10).sum().backward()
    given = Parts.seen.pop()
    assert given[0].tolist() == [10.0, 10.0] and given[2].tolist() == [0.0, 0.0] and given[3] is None
    assert x.grad.tolist() == [20.0, 20.0]


def test_missing_gradients_may_stay_none():
    class Sparse(Parts):
        @staticmethod
        def forward(ctx, x):
            ctx.set_materialize_grads(False)
            return Parts.forward(ctx, x)

    x = leaf(1.0, 5.0)
    Sparse.apply(x)[2].sum().backward(retain_graph=True)
    assert [g if g is None else g.tolist() for g in Parts.seen.pop()] == [None, None, [1.0, 1.0], None]
    grad(Sparse.apply(x)[2].sum(), x, create_graph=True)
    assert Parts.seen.pop()[0] is None


def test_setup_context():
    class Scale(Function):
        @staticmethod
        def forward(x, by=3.0):
            return x * by

        @staticmethod
        def setup_context(ctx, inputs, output):
            x, ctx.by = inputs
            ctx.save_for_backward(x, output)

        @staticmethod
        def backward(ctx, g):
            x, y = ctx.saved_tensors
            assert y.tolist() == (x * ctx.by).tolist()
            return g * ctx.by, None

    x = leaf(1.0, 2.0)
    (Scale.apply(x) + Scale.apply(x, 4.0) + Scale.apply(x, by=5.0)).sum().backward()
    assert x.grad.tolist() == [12.0, 12.0]


def test_an_argument_that_is_returned_gets_a_node_of_its_own():
    class Identity(Function):
        @staticmethod
        def forward(ctx, x):
            return x

        @staticmethod
        def backward(ctx, g):
            return g * 5

    x = leaf(1.0)
    y = Identity.apply(x)
    assert y is not x and x.is_leaf
    y.backward()
    assert x.grad.tolist() == [5.0]


class DoubleInPlace(Function):
    @staticmethod
    def forward(ctx, x):
        x.mul_(2)
        ctx.mark_dirty(x)
        return x

    @staticmethod
    def backward(ctx, g):
        return g * 2


def test_mark_dirty():
    x = leaf(1.0, 2.0)
    y = x * 3
    z = DoubleInPlace.apply(y)
    assert z is y and y.tolist() == [6.0, 12.0]
    z.sum().backward()
    assert x.grad.tolist() == [6.0, 6.0]
    base = x.detach().requires_grad_() * 3
    DoubleInPlace.apply(base[:1])
    assert base.tolist() == [6.0, 6.0] and base.grad_fn.name().endswith("CopySlices")
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad"):
        DoubleInPlace.apply(leaf(1.0))


def test_once_differentiable():
    class Once(Square):
        @staticmethod
        @once_differentiable
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            assert not chainrule.is_grad_enabled()
            return 2 * x * g

    x = leaf(1.0, 2.0)
    Once.apply(x).sum().backward()
    assert x.grad.tolist() == [2.0, 4.0]
    (slope,) = grad((Once.apply(x) ** 2).sum(), x, create_graph=True)
    with pytest.raises(RuntimeError, match="trying to differentiate twice a function that was marked with @once_differentiable"):
        slope.sum().backward()


def test_a_second_pass():
    x = leaf(1.0, 2.0)
    y = Square.apply(x)
    y.sum().backward()
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
        y.sum().backward()
    with pytest.raises(RuntimeError, match="directly access saved tensors after they have already been freed"):
        y.grad_fn.saved_tensors  # noqa: B018


def test_what_saves_nothing_can_be_gone_through_again():
    class Double(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.by = 2
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g * ctx.by

    x = leaf(1.0)
    y = Double.apply(x)
    y.backward()
    y.backward()
    assert x.grad.tolist() == [4.0] and y.grad_fn.by == 2


def test_saved_tensors_can_be_read_off_the_node():
    x = leaf(1.0, 2.0)
    y = Square.apply(x)
    assert y.grad_fn.saved_tensors[0] is x
    assert repr(y.grad_fn).startswith("<torch.autograd.function.SquareBackward object at 0x")


def test_what_was_saved_is_freed(without_collector):
    class Exp(Function):
        """Saves its own output, which knows the node that keeps it."""

        @staticmethod
        def forward(ctx, x):
            y = x.exp()
            ctx.save_for_backward(y)
            return y

        @staticmethod
        def backward(ctx, g):
            (y,) = ctx.saved_tensors
            return y * g

    x = leaf(0.0, 1.0)
    y = Exp.apply(x)
    (slope,) = grad(y.sum(), x, create_graph=True)
    assert grad(slope.sum(), x)[0].tolist() == y.tolist()
    node, array = weakref.ref(y.grad_fn), weakref.ref(y.array)
    del y, slope
    assert node() is None and array() is None


@pytest.fixture
def without_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def returning(*found):
    class Returns(Function):
        @staticmethod
        def forward(ctx, x, n=2):
            return x * n

        @staticmethod
        def backward(ctx, g):
            return found if len(found) > 1 else found[0]

    return Returns


@pytest.mark.parametrize(
    ("found", "text"),
    [
        ((chainrule.ones(3),), "Function ReturnsBackward returned an invalid gradient at index 0 - got \\[3\\] but expected shape"),
        ((3.0,), "expected Variable or None \\(got float\\)"),
        ((chainrule.ones(2), chainrule.ones(2)), "returned an incorrect number of gradients \\(expected 1, got 2\\)"),
    ],
)
def test_what_backward_may_not_return(found, text):
    x = leaf(1.0, 2.0)
    with pytest.raises(RuntimeError, match=text):
        returning(*found).apply(x).sum().backward()
    assert x.grad is None


def test_what_backward_may_return():
    x = leaf(1.0, 2.0)
    returning(chainrule.ones(2), None).apply(x).sum().backward()  # a None too many
    assert x.grad.tolist() == [1.0, 1.0]
    returning(chainrule.ones(5, 2, dtype=chainrule.float64)).apply(x).sum().backward()  # summed, cast
    assert x.grad.tolist() == [6.0, 6.0] and x.grad.dtype is chainrule.float32
    returning(None).apply(x).sum().backward()
    assert x.grad.tolist() == [6.0, 6.0]
    with pytest.raises(RuntimeError, match="expected 2, got 1"):
        returning(chainrule.ones(2)).apply(x, 3).sum().backward()


def test_what_is_missing():
    class Nothing(Function):
        pass

    class Forward(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

    x = leaf(1.0)
    with pytest.raises(NotImplementedError, match="You must implement the forward function for custom autograd.Function"):
        Nothing.apply(x)
    with pytest.raises(NotImplementedError, match="You must implement either the backward or vjp method"):
        Forward.apply(x).backward()
    with pytest.raises(RuntimeError, match="Legacy autograd function.*\n  instead: Forward.apply\\(x\\)"):
        Forward()
    with pytest.raises(TypeError, match="save_for_backward can only save variables, but argument 1 is of type int"):
        type("Saves", (Forward,), {"forward": staticmethod(lambda ctx, x: ctx.save_for_backward(x, 3))}).apply(x)
