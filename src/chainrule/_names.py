"""The names that open when first asked for: subpackages, and what is defined in one of them."""

from __future__ import annotations

DOORS = (
    "_C", "__config__", "__future__", "_dynamo", "accelerator", "amp", "ao", "autograd", "backends", "compiler",
    "cpu", "cuda", "data", "distributed", "distributions", "fft", "func", "functional", "fx", "hub", "jit", "ladder", "library",
    "linalg", "mps", "multiprocessing", "nested", "nn", "onnx", "optim", "profiler", "quantization", "random", "recording", "return_types",
    "serialization", "signal", "sparse", "special", "storage", "testing", "torch_version", "train", "types", "utils", "version", "vision",
    "xpu",
)  # fmt: skip

# name: the module it is in, or "module:its name there", where that is another
BEHIND = {
    "fit": "train",
    "check_gradient": "ladder",
    "mark": "ladder",
    "doctor": "diagnosis",
    "record": "recording",
    "report": "reporting",
    "explain": "explanation",
    "draw": "explanation",
    "summary": "explanation",
    "save": "serialization",
    "load": "serialization",
    "compile": "compiler", "compile_loops": "compiler.loops", "sweep": "compiler.sweeping",
    "vmap": "func",
    "set_printoptions": "tensors.printing",
    **dict.fromkeys(("is_anomaly_check_nan_enabled", "is_anomaly_enabled", "set_anomaly_enabled"), "autograd.anomaly_mode"),
    "OutOfMemoryError": "cuda",
    **dict.fromkeys(("stft", "istft"), "tensors.short_time"),
    **dict.fromkeys(
        ("cholesky_inverse", "cholesky_solve", "det", "inverse", "logdet", "matrix_exp", "pinverse",
         "triangular_solve"), "tensors.decompositions"
    ),
    "slogdet": "tensors.decompositions:slogdet_of",
    "cholesky": "tensors.decompositions:cholesky_of",
    "lu": "tensors.elimination:lu_of",
    "lu_solve": "tensors.elimination:lu_solve_of",
    "lu_unpack": "tensors.elimination",
    **dict.fromkeys(("geqrf", "orgqr", "ormqr", "qr", "svd"), "tensors.factorisations"),
    "cdist": "tensors.matrix_norms",
    **dict.fromkeys(("lobpcg", "pca_lowrank", "svd_lowrank"), "tensors.low_rank"),
    **dict.fromkeys(
        ("corrcoef", "cov", "cumulative_trapezoid", "gradient", "histogramdd", "isin", "unravel_index"), "tensors.statistics"
    ),
    "trapz": "tensors.reduction:trapezoid",
    "get_device": "tensors.storage",
    "to_dlpack": "tensors.as_functions",
    **dict.fromkeys(("has_lapack", "has_mkl", "has_openmp", "has_spectral"), "tensors.as_functions"),
    **dict.fromkeys(
        ("as_strided_scatter", "diagonal_scatter", "index_reduce", "nonzero_static", "norm_except_dim", "renorm",
         "segment_reduce", "select_scatter", "slice_scatter"), "tensors.scatters"
    ),
    **dict.fromkeys(
        ("alias_copy", "as_strided_copy", "detach_copy", "diagonal_copy", "expand_copy", "narrow_copy", "permute_copy",
         "select_copy", "slice_copy", "split_copy", "split_with_sizes_copy", "squeeze_copy", "t_copy", "transpose_copy",
         "unbind_copy", "unfold_copy", "unsqueeze_copy", "view_as_complex_copy", "view_as_real_copy", "view_copy"),
        "tensors.copies",
    ),
    **dict.fromkeys(
        ("adaptive_max_pool1d", "affine_grid_generator", "alpha_dropout_", "batch_norm", "binary_cross_entropy_with_logits",
         "constant_pad_nd", "convolution", "cosine_embedding_loss", "ctc_loss", "dropout_", "embedding", "feature_alpha_dropout_",
         "grid_sampler", "grid_sampler_2d", "grid_sampler_3d", "gru_cell", "hinge_embedding_loss", "instance_norm", "kl_div",
         "lstm_cell", "margin_ranking_loss", "max_pool1d_with_indices", "poisson_nll_loss", "rnn_relu_cell", "rnn_tanh_cell",
         "triplet_margin_loss"), "nn.functional.positional"
    ),
    **dict.fromkeys(
        ("sym_float", "sym_int", "sym_ite", "sym_max", "sym_min", "sym_not", "sym_sqrt", "sym_sum"), "tensors.plain_numbers"
    ),
    **dict.fromkeys(("detach", "empty_permuted", "fill", "frobenius_norm", "is_same_size", "nuclear_norm"), "tensors.as_functions"),
    "unsafe_chunk": "tensors.joining:chunk",
    "unsafe_split": "tensors.joining:split",
    "unsafe_split_with_sizes": "tensors.joining:split_with_sizes",
    **dict.fromkeys(("igamma", "igammac"), "tensors.special"),
    **dict.fromkeys(
        ("bartlett_window", "blackman_window", "hamming_window", "hann_window", "kaiser_window"), "tensors.windows"
    ),
    "UntypedStorage": "tensors.storage",
    "Storage": "tensors.typed_storage",
    **dict.fromkeys(("eig", "lstsq", "matrix_rank", "solve", "symeig"), "tensors.former"),
    **dict.fromkeys(
        ("jagged", "sparse_bsc", "sparse_bsr", "sparse_coo", "sparse_csc", "sparse_csr"), "base.layout"
    ),
    "sparse_coo_tensor": "tensors.sparse",
    **dict.fromkeys(
        ("GradScaler", "autocast", "get_autocast_cpu_dtype", "get_autocast_dtype", "get_autocast_gpu_dtype",
         "is_autocast_cache_enabled", "is_autocast_cpu_enabled", "is_autocast_enabled"), "amp"
    ),
    **dict.fromkeys(
        ("autocast_decrement_nesting", "autocast_increment_nesting", "clear_autocast_cache", "get_autocast_ipu_dtype",
         "get_autocast_xla_dtype", "is_autocast_ipu_enabled", "is_autocast_xla_enabled", "set_autocast_cache_enabled",
         "set_autocast_cpu_dtype", "set_autocast_cpu_enabled", "set_autocast_dtype", "set_autocast_enabled",
         "set_autocast_gpu_dtype", "set_autocast_ipu_dtype", "set_autocast_ipu_enabled", "set_autocast_xla_dtype",
         "set_autocast_xla_enabled"), "amp.switches"
    ),
    **dict.fromkeys(
        ("are_deterministic_algorithms_enabled", "get_default_device", "get_deterministic_debug_mode",
         "get_float32_matmul_precision", "get_num_interop_threads", "get_num_threads",
         "is_deterministic_algorithms_warn_only_enabled", "set_default_device", "set_deterministic_debug_mode",
         "set_float32_matmul_precision", "set_flush_denormal", "set_num_interop_threads", "set_num_threads", "typename",
         "use_deterministic_algorithms", "get_device_module", "is_vulkan_available", "is_warn_always_enabled",
         "set_warn_always"), "settings"
    ),
    **dict.fromkeys(
        ("is_storage", "FloatStorage", "DoubleStorage", "HalfStorage", "BFloat16Storage", "LongStorage", "IntStorage",
         "ShortStorage", "CharStorage", "ByteStorage", "BoolStorage", "ComplexFloatStorage", "ComplexDoubleStorage",
         "TypedStorage"), "tensors.typed_storage"
    ),
    **dict.fromkeys(
        ("adaptive_avg_pool1d", "alpha_dropout", "avg_pool1d", "bilinear", "celu", "celu_", "channel_shuffle", "conv1d",
         "conv2d", "conv3d", "conv_tbc", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "cosine_similarity",
         "dropout", "feature_alpha_dropout", "group_norm", "hardshrink", "layer_norm", "max_pool1d", "max_pool2d",
         "max_pool3d", "native_channel_shuffle", "pairwise_distance", "pdist", "pixel_shuffle", "pixel_unshuffle",
         "prelu", "relu_", "rms_norm", "rrelu", "rrelu_", "selu", "selu_", "threshold", "threshold_"), "nn.functional"
    ),
}
