"""Differences that are to stay, each with its reason. The page docs/compatibility.md prints them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from .case import Case, X


@dataclass(frozen=True)
class Known:
    """Differences of names like ``names``, in a line with ``what`` in it, for cases of which ``when`` is true."""

    names: str
    what: str
    why: str
    when: Callable[[Case], bool] = lambda case: True

    def covers(self, case: Case, difference: str) -> bool:
        named = case.name == self.names or any(fnmatchcase(case.name, name) for name in self.names.split())
        return named and any(part in difference for part in self.what.split(" | ")) and self.when(case)


def tensors(value: Any) -> list[X]:
    """The tensors among arguments."""
    if isinstance(value, X):
        return [value]
    if isinstance(value, Case):
        return tensors(value.args) + tensors(tuple(value.named.values()))
    return [x for part in value for x in tensors(part)] if isinstance(value, (tuple, list)) else []


def extreme_complex(case: Case) -> bool:
    found = tensors(case)
    return any(x.dtype.startswith("complex") for x in found) and any(x.values in ("edges", "wide", "large") for x in found)


def holding(*values: str) -> Callable[[Case], bool]:
    """Cases with numbers from one of these pools."""
    return lambda case: any(x.values in values for x in tensors(case))


def of_dtype(*names: str) -> Callable[[Case], bool]:
    """Cases with a tensor of a dtype with one of these in its name."""
    return lambda case: any(name in x.dtype for x in tensors(case) for name in names)


def without_entries(case: Case) -> bool:
    return any(0 in x.shape for x in tensors(case))


def given(name: str) -> Callable[[Case], bool]:
    return lambda case: name in case.named


COMPARE = "eq_ ge_ greater_ greater_equal_ gt_ le_ less_ less_equal_ lt_ ne_ not_equal_ logical_and_ logical_or_ logical_xor_ logical_not_"
COMPARE_IN_PLACE = " ".join(f"Tensor.{name}" for name in COMPARE.split())

REDUCED = set("sum mean nansum prod amax amin aminmax all any norm var std var_mean std_mean logsumexp nanmean argmax argmin dist".split())

ROUND = ("small", "finite", "edges", "zeros", "bits")  # pools with many a 0 and 1
TRIGAMMA = "PyTorch's trigamma has ten digits, and large numbers instead of inf at poles; chainrule's has all digits"

KNOWN = [
    Known("*", "more: ", "PyTorch has no kernel for this dtype; chainrule computes it"),
    Known("*", "more derivatives: ", "PyTorch has no derivative here; chainrule has one"),
    Known("*", "error class (no kernel): ", "PyTorch has no kernel for this dtype, and chainrule fails for another reason"),
    Known("*", "layout: ", "the result lies in the order of reading, where PyTorch keeps the order of an input or of LAPACK"),
    Known("*", "layouts: ", "NumPy chooses another order of axes in memory where the inputs lie in different ones"),
    Known("*", "accepted: | raised: | error class: | warnings: ", "PyTorch's functions differ in which dtypes they write to out=", given("out")),
    Known("*", "error class: RuntimeError here: a leaf Variable | error class: RuntimeError here: a view of a leaf", "both refuse; chainrule looks at the tensor to be written to first"),
    Known(COMPARE_IN_PLACE, "requires_grad: | raised: RuntimeError here: a leaf | raised: RuntimeError here: a view of a leaf",
          "PyTorch lets comparisons write into tensors with a history, which then have a gradient of zeros"),
    Known(COMPARE_IN_PLACE, "warnings: ", "PyTorch warns of complex numbers being compared as real ones"),
    Known("*lgamma* *mvlgamma* *gammaln* *digamma* *psi*", "value: gradient | value: second", TRIGAMMA),
    Known("*digamma* *psi*", "value: ", TRIGAMMA, holding("small", "finite", "edges", "wide", "large")),
    Known("*polygamma*", "value: ", TRIGAMMA),
    Known("polar", "value: gradient", "PyTorch's gradient towards the magnitude takes it for positive; chainrule's is the derivative"),
    Known("special.*bessel* special.airy_ai", "requires_grad: ", "PyTorch has no derivative here; chainrule has one"),
    Known("special.*bessel* special.airy_ai", "value: ", "PyTorch's have seven digits in float64 beyond small x; chainrule's have all"),
    Known("special.log_ndtr", "value: gradient | value: second", "PyTorch divides two rounded numbers; chainrule's gradient has all digits"),
    Known("*logit*", "value: gradient", "at nan PyTorch's gradient is nan or 0 by the length of the tensor"),
    Known("*sinc", "value: ", "PyTorch rounds πx before it takes the sine; for large x that is another angle", holding("wide", "large", "edges")),
    Known("*sinc", "value: gradient", "next to 0 PyTorch subtracts two equal numbers", of_dtype("float32", "16")),
    Known("*logaddexp* *logsumexp", "value: ", "complex logarithms that differ by 2πi", of_dtype("complex")),
    Known("*logcumsumexp", "value: ", "complex logarithms that differ by 2πi", of_dtype("complex")),
    Known("*unique *unique_consecutive", "requires_grad: ", "PyTorch gives the distinct values a history that cannot be differentiated"),
    Known("*bucketize *searchsorted", "warnings: ", "PyTorch warns that it copies values that lie apart"),
    Known("*histogram *histc", "value: ", "a number on the rim of two bins counts for the one or the other"),
    Known("*median *mode *kthvalue", "value: ", "PyTorch reads beyond expanded tensors, or picks another of equal entries",
          lambda case: any(x.layout == "expand" or x.values != "apart" for x in tensors(case))),
    Known("*nanmean *count_nonzero", "stride: ", "the order of axes in memory of a count"),
    Known("*var* *std*", "accepted: works here, PyTorch raises TypeError", "unbiased= and keepdim= without dim"),
    Known("*var* *std*", "warnings: ", "PyTorch warns of too few entries by the ratio of sizes, 0/0 here", without_entries),
    Known("norm Tensor.norm linalg.norm linalg.vector_norm linalg.matrix_norm", "value: second", "second derivatives of a norm where an entry is 0"),
    Known("*", "stride: ", "the order of axes in memory after a reduction over an axis of length 1",
          lambda case: case.name.rpartition(".")[2] in REDUCED and any(1 in x.shape for x in tensors(case))),
    Known("*logcumsumexp", "value: gradient | value: second", "PyTorch splits the gradient by its sign and takes logarithms; chainrule keeps more digits"),
    Known("*cumsum *cumprod *logcumsumexp softmax", "warnings: ", "warnings of complex numbers cast to real in a backward pass"),
    Known("*var* *std*", "parts: second", "second derivatives of a spread of one entry"),
    Known("block_diag", "value: gradient", "PyTorch takes the gradient of the wrong block beside an empty one", without_entries),
    Known("Tensor.tril_ Tensor.triu_ Tensor.index_fill_ Tensor.index_add_", "raised: ", "chainrule refuses to write into tensors whose entries share memory",
          lambda case: any(x.layout == "expand" for x in tensors(case))),
    Known("Tensor.index_put_", "warnings: ", "PyTorch warns of writing into tensors whose entries share memory"),
    Known("*index_fill* *index_select *index_add* *index_copy*", "error class: ", "both refuse; PyTorch's class depends on how the loop was cut"),
    Known("*index_add* *index_copy*", "raised: RuntimeError here: index | accepted: ", "PyTorch does not look at indices where there is nothing to write", without_entries),
    Known("Tensor.fill_", "accepted: works here, PyTorch raises RuntimeError: unsupported", "writing one number into entries that share memory"),
    Known("Tensor.ravel ravel", "stride: ", "a matrix of one row stays a view"),
    Known("Tensor.fill_", "requires_grad: ", "PyTorch marks a tensor of integers as requiring gradients"),
    Known("Tensor.fill_", "accepted: works here, PyTorch raises RuntimeError: value cannot | warnings: ", "numbers that do not fit a dtype wrap around"),
    Known("*split_with_sizes", "error class: ", "which of two wrong arguments is looked at first"),
    Known("combinations", "requires_grad: ", "an empty result", lambda case: True),
    Known("Tensor.repeat", "accepted: ", "no sizes at all"),
    Known("Tensor.stride", "value: ", "the strides of tensors without entries", without_entries),
    Known("*take_along_dim *kron", "accepted: ", "PyTorch asks for entries that lie in order"),
    Known("*tril *triu", "stride: ", "the order of axes in memory of tensors in channels-last order"),
    Known("*masked_fill", "stride: ", "the order of axes in memory of a broadcast result"),
    Known("x[...]", "stride: ", "the order of axes in memory that index tensors leave"),
    Known("*addmm* *addmv* *addr* *addbmm* *baddbmm*", "raised: | accepted: | dtype: | value: | error class: ", "integer matrices with fractional or Boolean factors",
          lambda case: any(isinstance(case.named.get(k), (float, bool)) for k in ("alpha", "beta")) or not any("float" in x.dtype for x in tensors(case))),
    Known("addmv Tensor.addmv", "shape: ", "PyTorch leaves a product over nothing as short as the input", without_entries),
    Known("*matrix_power", "requires_grad: | stride: ", "the powers 0 and 1"),
    Known("vander linalg.vander", "accepted: the backward", "PyTorch overwrites what the backward pass needs"),
    Known("*inner *mm *matmul *mv *dot *addmm* *baddbmm* tensordot", "raised: ", "PyTorch multiplies matrices without entries in any dtype", without_entries),
    Known("*bernoulli", "requires_grad: ", "PyTorch gives random bits a history in which every gradient is 0"),
    Known("*_", "raised: NotImplementedError", "PyTorch fills tensors without entries in any dtype", without_entries),
    Known("empty", "value: y[2]", "the strides of tensors without entries"),
    Known("full full_like fill Tensor.index_add index_add Tensor.index_add_", "accepted: ", "numbers that do not fit a dtype wrap around"),
    Known("cholesky slogdet nuclear_norm lu_solve", "warnings: ", "PyTorch warns that the name is deprecated"),
    Known("add* Tensor.add* baddbmm Tensor.baddbmm", "requires_grad: ", "a factor of 0 leaves no history"),
    Known("Tensor.addbmm_", "raised: ", "PyTorch gives the tensor the shape of the product"),
    Known("linalg.matrix_norm linalg.cond", "raised: IndexError", "norms of matrices without entries", without_entries),
    Known("cdist", "stride: ", "the order of axes in memory"),
    Known("*hardsigmoid *Hardsigmoid", "value: gradient | value: second", "PyTorch's sixth is a float32 one for float64 too"),
    Known("nn.functional.huber_loss", "accepted: ", "operands of different dtypes are brought to one"),
    Known("nn.functional.tanhshrink", "accepted: ", "bools are taken as numbers"),
    Known("nn.functional.conv* conv?d", "warnings: ", "PyTorch warns that it copies where padding is uneven"),
    Known("nn.functional.affine_grid", "warnings: ", "PyTorch warns of axes of length 1"),
    Known("nn.functional.conv_transpose* conv_transpose*", "raised: RuntimeError here: Given input size", "PyTorch gives results without entries for some sizes"),
    Known("nn.functional.multi_margin_loss", "raised: ", "a batch without samples", without_entries),
    Known("nn.functional.avg_pool*", "accepted: ", "with ceil_mode, images smaller than the kernel"),
    Known("*prelu *PReLU", "value: second", "second derivatives at 0"),
    Known("*binary_cross_entropy *BCELoss", "value: second", "PyTorch adds 10⁻¹² in the denominator"),
    Known("nn.functional.threshold *Threshold", "dtype: ", "integers with a fractional value become floating-point numbers"),
    Known("*logsigmoid *LogSigmoid *rrelu *RReLU *pixel_* *channel_shuffle *unfold *Unfold *Pad?d *pad", "stride: ", "the order of axes in memory of inputs that lie in another order",
          lambda case: True),
    Known("*hardswish *Hardswish", "value: second", "second derivatives at −3 and 3"),
    Known("*embedding*", "error class: ", "an index beyond the rows, in tensors with an axis of length 1 or 0"),
    Known("*_loss *Loss *binary_cross_entropy*", "dtype: | raised: gradient | accepted: ", "operands of different dtypes are brought to one", lambda case: len({x.dtype for x in tensors(case)}) > 1),
    Known("optim.LBFGS", "accepted: ", "PyTorch wants parameters whose entries lie in order"),
    Known("optim.LBFGS", "value: y[2]['state'][0]: (", "the names under which the steps before are kept"),
    Known("optim.NAdam", "value: ", "PyTorch keeps the product of the momenta in single precision, for double precision too",
          of_dtype("float64")),
    Known("vander linalg.vander", "more derivatives", "PyTorch overwrites what the backward pass needs"),
    Known("*atan2 *arctan2", "value: gradient", "PyTorch squares integers in their own dtype, where they overflow",
          lambda case: any("int" in x.dtype or "16" in x.dtype for x in tensors(case))),
    Known("*gcd* *lcm*", "value: ", "the least of the integers has no absolute value"),
    Known("narrow_copy Tensor.narrow_copy", "value: gradient | error class: ", "PyTorch loses the gradient where the start is counted from the end"),
    Known("*index_fill* *index_reduce*", "raised: IndexError | error class: ", "indices into an axis of no entries", without_entries),
    Known("*index_reduce*", "warnings: ", "PyTorch warns that the function is new"),
    Known("*cov *corrcoef", "warnings: ", "PyTorch warns of too few observations"),
    Known("*nn.functional.tanhshrink *nextafter*", "value: ", "PyTorch rounds each step of a formula for halves; chainrule once", of_dtype("16")),
    Known("*", "value: gradient", "PyTorch rounds each step of a gradient's formula for halves; chainrule once",
          lambda case: any(x.dtype in ("float16", "bfloat16") and x.values in ("wide", "edges", "large") for x in tensors(case))),
    Known("*pow*", "value: gradient", "complex powers of 0",
          lambda case: of_dtype("complex")(case) and holding(*ROUND)(case)),
    Known("*_norm", "value: ", "weights that are inf or nan", lambda case: any(x.values in ("edges", "wide") for x in tensors(case))),
    Known("*scatter_reduce* *index_reduce*", "value: second", "second derivatives of products where an entry is 0"),
    Known("*shrink *relu6 *ReLU6 *hardtanh* *Hardtanh", "value: gradient", "at nan PyTorch's gradient depends on the length of the tensor", holding("edges")),
    Known("*normalize *cosine* *Cosine* *LayerNorm *layer_norm *InstanceNorm* *instance_norm *group_norm *GroupNorm",
          "value: gradient", "gradients that cancel to a rounding error", of_dtype("float32", "16")),
    Known("*multilabel_margin_loss *MultiLabelMarginLoss", "value: ", "a batch without samples", without_entries),
    Known("matrix_exp linalg.matrix_exp", "value: ", "PyTorch's has five digits in single precision; chainrule's has seven",
          of_dtype("float32")),
    Known("*trapezoid trapz", "requires_grad: | accepted: ", "integrals over a single point, and bools as distances"),
    Known("isin", "accepted: ", "PyTorch asks for entries that lie in order"),
    Known("view_as_complex", "accepted: ", "PyTorch wants pairs to begin at even places in memory"),
    Known("nn.functional.pad", "accepted: ", "complex numbers put around real ones lose their imaginary part"),
    Known("*masked_fill* *new_full *index_fill*", "accepted: works here, PyTorch raises RuntimeError: value cannot", "numbers that do not fit a dtype wrap around"),
    Known("*norm", "accepted: ", "a matrix norm over more than two axes"),
    Known("linalg.qr", "raised: ", "chainrule refuses a complete decomposition before the backward pass, PyTorch in it"),
    Known("optim.LBFGS", "value: y[0] | value: y[1]", "the search ends where the loss stops changing in its last digit", of_dtype("float32")),
    Known("Tensor.pow_ operator.ipow nn.functional.threshold", "raised: ", "integers and bools with fractional numbers, in place"),
    Known("renorm *renorm linalg.vecdot", "stride: ", "the order of axes in memory"),
    Known("nn.functional.threshold", "value: ", "negative numbers that bytes are compared with wrap around"),
    Known("nn.functional.threshold Tensor.fill_diagonal_", "accepted: works here, PyTorch raises RuntimeError: value cannot", "numbers that do not fit a dtype wrap around"),
    Known("*median", "dtype: | value: ", "the median of nothing", without_entries),
    Known("*index_reduce*", "error class: | raised: | accepted: ", "which of two wrong arguments is looked at first"),
    Known("nn.functional.gumbel_softmax", "error class: ", "shares of nothing"),
    Known("cumulative_trapezoid *bmm *mm", "raised: ", "tensors without entries", without_entries),
    Known("nn.functional.max_pool3d*", "accepted: ", "PyTorch refuses volumes without a batch axis in channels-last order"),
    Known("nn.functional.leaky_relu", "raised: ", "chainrule refuses a negative slope in place before the backward pass"),
    Known("Tensor.floor_divide_ Tensor.heaviside_ operator.ifloordiv", "raised: gradient", "PyTorch drops the history of what has no derivative"),
    Known("*scatter_reduce*", "value: gradient", "PyTorch's gradient reads beyond the index where the source is larger",
          lambda case: len(case.args) > 3 and case.args[3].shape != case.args[2].shape),
    Known("Tensor.masked_fill_ Tensor.masked_scatter_", "raised: ", "chainrule refuses to write into tensors whose entries share memory",
          lambda case: any(x.layout == "expand" for x in tensors(case))),
    Known("*acos* *asin* *atan* *arc*", "value: ", "complex numbers on a branch cut",
          lambda case: of_dtype("complex")(case) and holding(*ROUND)(case)),
    Known("x[...] = v", "requires_grad: ", "writing nothing", without_entries),
    Known("*unique*", "accepted: ", "tensors without entries", without_entries),
    Known("*addr", "value: ", "PyTorch rounds each step of a formula for halves; chainrule once", of_dtype("16")),
    Known("nn.functional.batch_norm", "value: gradient", "PyTorch reads weights that lie apart as if they lay together",
          lambda case: any(x.layout != "plain" for x in tensors(case))),
    Known("*pow*", "value: gradient | dtype: ", "halves and bools: PyTorch rounds each step of the gradient's formula", lambda case: any("16" in x.dtype or x.dtype == "bool" for x in tensors(case))),
    Known("*ldexp*", "warnings: ", "PyTorch warns of the dtype it computes 2ᵇ in"),
    Known("*polygamma", "stride: ", "the order of axes in memory"),
    Known("*narrow_copy", "stride: ", "the order of axes in memory"),
    Known("*_loss", "raised: gradient", "losses of complex numbers", of_dtype("complex")),
    Known("*_", "error class: RuntimeError here: Bad in-place call", "which of two wrong arguments is looked at first"),
    Known("*norm", "raised: IndexError", "norms of matrices without entries", without_entries),
    Known("special.*polynomial*", "value: ", "PyTorch runs the recurrence in single precision; chainrule in double",
          of_dtype("float32")),
    Known("Tensor.new_tensor tensor as_tensor asarray", "accepted: works here, PyTorch raises RuntimeError: value cannot", "numbers that do not fit a dtype wrap around"),
    Known("fft.*", "accepted: ", "transforms of tensors without entries, and shifts of a number"),
    Known("detach_copy", "requires_grad: ", "a detached copy has no history"),
    Known("Tensor.nan_to_num_ nan_to_num_ Tensor.conj_physical_ conj_physical_", "raised: ", "chainrule refuses to write into tensors whose entries share memory"),
    Known("Tensor.storage_offset", "value: ", "where tensors without entries begin", without_entries),
    Known("*addcmul* *addcdiv*", "value: gradient | warnings: ", "PyTorch multiplies bytes in their own dtype, where they overflow; or complex numbers next to 0",
          of_dtype("int", "complex", "16")),
    Known("*where", "warnings: ", "PyTorch warns of conditions of bytes"),
    Known("Tensor.cumsum_ Tensor.cumprod_", "raised: NotImplementedError", "a single bool"),
    Known("*cumprod*", "value: gradient", "complex numbers cast to real ones", lambda case: "dtype" in case.named),
    Known("*svd*", "value: gradient", "singular values that are equal or 0 have no gradient", lambda case: any(x.layout == "expand" for x in tensors(case))),
    Known("norm Tensor.norm linalg.vector_norm linalg.norm", "warnings: ", "PyTorch warns of complex numbers being compared as real ones"),
    Known("max Tensor.max min Tensor.min aminmax Tensor.aminmax", "error class: ", "which of two wrong arguments is looked at first"),
    Known("*logit* *binary_cross_entropy*", "value: ", "PyTorch rounds each step of a formula for halves; chainrule once", of_dtype("16")),
    Known("*index_reduce*", "value: gradient", "PyTorch shares the gradient of an extreme with the entry it leaves out", given("include_self")),
    Known("*scatter_reduce*", "raised: ValueError", "extremes of bools"),
    Known("nn.functional.batch_norm", "value: argument", "the statistics of no samples", without_entries),
    Known("linalg.vecdot", "raised: IndexError", "an axis that one of the two vectors has not"),
    Known("signbit Tensor.signbit", "value: ", "the sign of nan, rounded to a half", holding("edges")),
    Known("cat concat concatenate", "requires_grad: ", "empty vectors among tensors of more axes are left out", without_entries),
    Known("*mean", "value: ", "PyTorch rounds to a half after the sum, chainrule before", lambda case: "dtype" in case.named and holding("wide", "large")(case)),
    Known("x[...] = v", "raised: RuntimeError here: Index put", "a value of another dtype, written nowhere"),
    Known("*cosine*", "value: second", "second derivatives that cancel"),
    Known("index_put Tensor.index_put", "accepted: ", "a vector of one number for a single place"),
    Known("pow operator.pow Tensor.angle angle", "stride: ", "the order of axes in memory, for a number to the power of bools"),
    Known("*ldexp*", "value: ", "PyTorch computes 2ᵇ in the exponent's dtype in place and in gradients", of_dtype("int")),
    Known("*", "value: ", "numbers at or next to 0, inf, nan: complex division and powers keep other parts of the result", extreme_complex),
    Known("Tensor.__float__ Tensor.__int__ Tensor.__complex__ Tensor.__bool__ Tensor.__index__ Tensor.item", "warnings: ",
          "chainrule does not warn when a tensor with a history becomes a Python number"),
]  # fmt: skip


def reason(case: Case, difference: str) -> str:
    return next((known.why for known in KNOWN if known.covers(case, difference)), "")
