"""What a tensor is asked about kinds and devices that there are none of here, and methods of former times."""

import pytest

import chainrule as cr

QUESTIONS = """is_cpu is_cuda is_sparse is_sparse_csr is_quantized is_meta is_mkldnn is_nested is_ipu is_maia is_mps is_mtia
is_vulkan is_xla is_xpu is_distributed() dense_dim() sparse_dim() grad_dtype layout name dequantize() get_device()""".split()


@pytest.mark.parametrize("question", QUESTIONS)
def test_answers_are_torchs(question):
    torch = pytest.importorskip("torch")
    theirs, ours = (repr(eval(f"x.{question}", {"x": lib.ones(2, 3)})) for lib in (torch, cr))
    assert ours == theirs


REFUSED = """x.indices() x.values() x.coalesce() x.is_coalesced() x.crow_indices() x.col_indices() x.ccol_indices() x.row_indices()
x.eig() x.symeig() x.solve(x) x.lstsq(x) x.reinforce(1) x.resize(7) torch.solve(x,x) torch.matrix_rank(x) x.as_subclass(int)
x.to("cuda") x.to("mps") x.to("xpu") x.cuda() x.ipu() x.xpu() x.mtia() torch.ones(2,device="cuda:1")
torch.nn.Linear(2,2).xpu() torch.nn.Linear(2,2).to("mps")""".split()


@pytest.mark.parametrize("expression", REFUSED)
def test_refusals_are_torchs(expression):
    torch = pytest.importorskip("torch")
    errors = []
    for lib in (torch, cr):
        with pytest.raises(Exception) as caught:
            eval(expression, {"torch": lib, "x": lib.ones(2, 3)})
        errors.append(caught.value)
    assert type(errors[1]) is type(errors[0])
    first = str(errors[1]).splitlines()[0].strip()
    assert str(errors[0]).startswith(first)
    assert len(first) > 20


@pytest.mark.parametrize("name", ["q_scale", "q_zero_point", "qscheme", "int_repr", "to_padded_tensor", "record_stream"])
def test_methods_of_kinds_that_are_not_here(name):
    with pytest.raises(NotImplementedError, match=f"Could not run 'aten::{name}' with arguments from the 'CPU' backend"):
        getattr(cr.ones(2), name)(0)


def test_resize_is_view_with_a_warning():
    x = cr.arange(6.0, requires_grad=True)
    with pytest.warns(UserWarning, match="non-inplace resize is deprecated"):
        y = x.resize(2, 3)
    with pytest.warns(UserWarning, match="non-inplace resize_as is deprecated"):
        z = y.resize_as(cr.ones(3, 2))
    z[0, 1].backward()
    assert z.shape == (3, 2) and x.grad.tolist() == [0, 1, 0, 0, 0, 0]


def test_volatile_and_variable():
    with pytest.warns(UserWarning, match="volatile was removed"):
        assert cr.ones(1).volatile is False
    with pytest.warns(UserWarning, match="Use `with torch.no_grad"):
        assert not cr.autograd.Variable(cr.ones(1), volatile=True).requires_grad


def test_module_load_and_subclasses():
    class Named(cr.Tensor):
        pass

    x = cr.zeros(2).requires_grad_()
    with cr.no_grad():
        assert x.module_load(cr.ones(2)).data_ptr() == x.data_ptr()
    assert x.tolist() == [1, 1]
    y = x.as_subclass(Named)
    y.sum().backward()
    assert type(y) is Named and x.grad.tolist() == [1, 1]


def test_swap_tensors():
    a, b = cr.nn.Parameter(cr.zeros(2)), cr.ones(3)
    a.grad, b.tag = cr.ones(2), "b"
    cr.utils.swap_tensors(a, b)
    assert (type(a), a.tolist(), a.tag, a.requires_grad, a.grad) == (cr.Tensor, [1, 1, 1], "b", False, None)
    assert (type(b), b.tolist(), b.requires_grad, b.grad.tolist()) == (cr.nn.Parameter, [0, 0], True, [1, 1])
    (b * 2).sum().backward()
    assert b.grad.tolist() == [3, 3]
    with pytest.raises(RuntimeError, match="Cannot swap a tensor that was computed or is a view"):
        cr.utils.swap_tensors(b * 2, a)
