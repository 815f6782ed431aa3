"""The functions that move, pick, put and convert entries, as methods of a tensor, and their in-place forms."""

from __future__ import annotations

from ..base.layout import strided
from . import axes as a
from . import constructors, creation, exchange, filled, grad_mode, inplace, masking, picking, typed_storage
from . import convert as c
from . import dtype_info as d
from . import indexing as i
from . import joining as j
from . import rearranging as r
from . import shape as s
from . import storage as m
from .inplace import in_place, reshaped_in_place
from .later import later


class Entries:
    """Every function that changes where entries are or what form they have, not what they are, by name."""

    # another shape, another order of axes
    reshape, reshape_as, view, view_as = s.reshape, s.reshape_as, s.view, s.view_as
    flatten, unflatten, ravel = s.flatten, s.unflatten, s.ravel
    squeeze, unsqueeze, expand, expand_as = s.squeeze, s.unsqueeze, s.expand, s.expand_as
    broadcast_to, transpose, swapaxes, swapdims = s.broadcast_to, a.transpose, a.swapaxes, a.transpose
    t, permute, movedim, moveaxis, adjoint = a.t, a.permute, a.movedim, a.movedim, a.adjoint
    T, mT = property(a.transposed), property(a.matrix_transposed)  # noqa: N815
    H, mH = property(a.hermitian), property(a.matrix_hermitian)  # noqa: N815
    squeeze_, unsqueeze_, t_, transpose_ = [reshaped_in_place(f) for f in (s.squeeze, s.unsqueeze, a.t, a.transpose)]
    swapaxes_ = swapdims_ = transpose_

    # cut apart
    unbind, split, split_with_sizes, chunk = j.unbind, j.split, j.split_with_sizes, j.chunk
    unsafe_chunk, unsafe_split, unsafe_split_with_sizes = j.chunk, j.split, j.split_with_sizes
    tensor_split, hsplit, vsplit, dsplit = j.tensor_split, j.hsplit, j.vsplit, j.dsplit
    __iter__ = j.rows

    # in other places
    flip, fliplr, flipud, rot90, roll = r.flip, r.fliplr, r.flipud, r.rot90, r.roll
    repeat, tile, repeat_interleave = r.repeat, r.tile, r.repeat_interleave
    tril, triu, diag, diagonal, diag_embed, diagflat = r.tril, r.triu, r.diag, r.diagonal, r.diag_embed, r.diagflat
    tril_, triu_ = in_place(r.tril), in_place(r.triu)
    unfold, as_strided, narrow_copy = r.unfold, r.as_strided, later("copies", "narrow_copy")
    as_strided_ = reshaped_in_place(r.as_strided)

    # by index and mask
    __getitem__, __setitem__ = i.getitem, i.setitem
    select, narrow, index_put, index_put_ = i.select, i.narrow, i.index_put, i.index_put_
    gather, index_select, take = picking.gather, picking.index_select, masking.take
    scatter, scatter_add, scatter_reduce = picking.scatter, picking.scatter_add, picking.scatter_reduce
    scatter_, scatter_add_, scatter_reduce_ = in_place(scatter), in_place(scatter_add), in_place(scatter_reduce)
    index_add, index_copy, index_fill = picking.index_add, picking.index_copy, picking.index_fill
    index_add_, index_copy_, index_fill_ = in_place(index_add), in_place(index_copy), in_place(index_fill)
    masked_fill, masked_select, masked_scatter = masking.masked_fill, masking.masked_select, masking.masked_scatter
    masked_fill_, masked_scatter_ = in_place(masked_fill), in_place(masked_scatter)
    take_along_dim, put, put_ = picking.take_along_dim, masking.put, in_place(masking.put)
    nonzero, argwhere, nonzero_static = masking.nonzero, masking.argwhere, later("scatters", "nonzero_static")
    select_scatter, slice_scatter = later("scatters", "select_scatter"), later("scatters", "slice_scatter")
    diagonal_scatter, as_strided_scatter = later("scatters", "diagonal_scatter"), later("scatters", "as_strided_scatter")
    index_reduce, sum_to_size = later("scatters", "index_reduce"), later("scatters", "sum_to_size")
    index_reduce_ = in_place(index_reduce)

    # as a signal
    stft, istft = later("short_time", "stft"), later("short_time", "istft")

    # written
    copy_, fill_, zero_ = inplace.copy_, inplace.fill_, inplace.zero_
    fill_diagonal_, resize_, resize_as_, set_ = inplace.fill_diagonal_, inplace.resize_, inplace.resize_as_, inplace.set_

    # in another form
    to, clone, contiguous, type_as, cpu, cuda = c.to, c.clone, c.contiguous, c.type_as, c.cpu, c.cuda
    real, imag = property(c.real), property(c.imag)

    # their memory
    data_ptr, const_data_ptr, stride, element_size, storage_offset = m.data_ptr, m.data_ptr, m.stride, m.element_size, m.storage_offset
    storage = typed_storage.storage
    is_contiguous, untyped_storage, is_set_to, _is_view = m.is_contiguous, m.untyped_storage, m.is_set_to, m.is_view
    is_same_size, dim_order, get_device = m.is_same_size, m.dim_order, m.get_device
    is_pinned, pin_memory = m.is_pinned, m.pin_memory
    is_inference = grad_mode.is_inference
    is_shared, share_memory_ = later("shared", "is_shared"), later("shared", "share_memory_")
    layout = strided
    map2_, prelu = later("as_functions", "map2_"), later("as_functions", "prelu")
    apply_, map_, tolist, __contains__ = m.apply_, m.map_, m.tolist, m.contains
    __deepcopy__, __copy__, __reduce__ = m.deepcopy, m.shallow_copy, m.reduce

    # their dtype
    is_floating_point, is_complex, is_signed, is_nonzero = d.is_floating_point, d.is_complex, d.is_signed, d.is_nonzero

    # new ones of this dtype
    new_zeros, new_ones, new_empty = filled.new_zeros, filled.new_ones, filled.new_empty
    new_full, new_empty_strided, new_tensor = filled.new_full, filled.new_empty_strided, creation.new_tensor
    new = constructors.new
    __dlpack__, __dlpack_device__ = exchange.to_dlpack, exchange.dlpack_device
