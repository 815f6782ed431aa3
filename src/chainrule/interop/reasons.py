"""The names of PyTorch's that chainrule leaves out on purpose, and why. What is below a name is left out with it."""

from __future__ import annotations

from fnmatch import fnmatchcase

QUANTIZED = "tensors hold numbers as they are, in floating point or whole"
GRAPHS = "functions run as the Python they are, and no program is made of them"
PROCESSES = "chainrule computes in one process"
VALGRIND = "it counts the instructions of compiled code under Valgrind, and this is Python"
FUZZER = "torch.utils.benchmark has Timer, Compare and Measurement; inputs are made with torch.rand"
PIPES = "PyTorch took them out of torch.utils.data; a Dataset or an IterableDataset does the same"
DISPATCHER = "it belongs to PyTorch's dispatcher, which is not here"
SIZES = "sizes are Python's ints here"

ROWS = "it is for sparse matrices, of which there is the layout torch.sparse_coo with its products and sums"

REASONS = {
    "torch.Event": "there are no queues of work to wait for: operations are done when they return",
    "torch.Stream": "there are no queues of work to choose from: operations are done when they return",
    "torch.Tag": DISPATCHER,
    "torch.SymInt": SIZES,
    "torch.SymFloat": SIZES,
    "torch.SymBool": SIZES,
    "torch.cond": GRAPHS,
    "torch.while_loop": GRAPHS,
    "torch.export": GRAPHS,
    "torch.classes": DISPATCHER,
    "torch.package": "it packs programs with PyTorch's own parts; torch.save keeps tensors and states",
    "torch.qint8": QUANTIZED,
    "torch.qint32": QUANTIZED,
    "torch.quint8": QUANTIZED,
    "torch.quint2x4": QUANTIZED,
    "torch.quint4x2": QUANTIZED,
    "torch.qscheme": QUANTIZED,
    "torch.per_channel_affine": QUANTIZED,
    "torch.per_channel_symmetric": QUANTIZED,
    "torch.per_tensor_affine": QUANTIZED,
    "torch.per_tensor_symmetric": QUANTIZED,
    "torch.quantize_per_tensor": QUANTIZED,
    "torch.quantize_per_channel": QUANTIZED,
    "torch.fake_quantize_per_tensor_affine": QUANTIZED,
    "torch.nn.quantized": QUANTIZED,
    "torch.nn.qat": QUANTIZED,
    "torch.nn.intrinsic": QUANTIZED,
    "torch.float8_e4m3fn": "NumPy computes in no dtype of eight bits; torch.bfloat16 is the shortest",
    "torch.float8_e5m2": "NumPy computes in no dtype of eight bits; torch.bfloat16 is the shortest",
    "torch.complex32": "NumPy has no complex numbers of two halves; torch.complex64 is the shortest",
    "torch.jit.Attribute": GRAPHS,
    "torch.jit.CompilationUnit": GRAPHS,
    "torch.jit.Error": GRAPHS,
    "torch.jit.Future": GRAPHS,
    "torch.jit.ScriptFunction": GRAPHS,
    "torch.masked": "masks are tensors of truth values here; torch.where and masked_fill use them",
    "torch.mtia": "it is for accelerators of one company's computing centres",
    "torch.overrides": "functions are Python here: a subclass of Tensor overrides its methods",
    "torch.sparse_compressed_tensor": "of the sparse layouts there is torch.sparse_coo",
    "torch.sparse_csr_tensor": "of the sparse layouts there is torch.sparse_coo",
    "torch.sparse_csc_tensor": "of the sparse layouts there is torch.sparse_coo",
    "torch.sparse_bsr_tensor": "of the sparse layouts there is torch.sparse_coo",
    "torch.sparse_bsc_tensor": "of the sparse layouts there is torch.sparse_coo",
    "torch.hsmm": ROWS,
    "torch.hspmm": ROWS,
    "torch.saddmm": ROWS,
    "torch.smm": ROWS,
    "torch.sspaddmm": ROWS,
    "torch.indices_copy": ROWS,
    "torch.values_copy": ROWS,
    "torch.resize_as_sparse_": ROWS,
    "torch.Tensor.smm": ROWS,
    "torch.Tensor.sspaddmm": ROWS,
    "torch.Tensor.resize_as_sparse_": ROWS,
    "torch.from_file": "torch.from_numpy(numpy.memmap(path)) reads a file as it is used",
    "torch.quasirandom": "it is not written yet; scipy.stats.qmc.Sobol draws such points",
    "torch.chalf": "NumPy has no complex numbers of two halves; torch.complex64 is the shortest",
    "torch.fork": "it starts a task of TorchScript's; concurrent.futures does so in Python",
    "torch.wait": "it waits for a task of TorchScript's; concurrent.futures does so in Python",
    "torch.futures": PROCESSES,
    "torch.lstm": "it takes the weights one by one; torch.nn.LSTM holds them, torch.lstm_cell takes one step",
    "torch.gru": "it takes the weights one by one; torch.nn.GRU holds them, torch.gru_cell takes one step",
    "torch.rnn_tanh": "it takes the weights one by one; torch.nn.RNN holds them, torch.rnn_tanh_cell takes one step",
    "torch.rnn_relu": "it takes the weights one by one; torch.nn.RNN holds them, torch.rnn_relu_cell takes one step",
    "torch.embedding_bag": "it gives what a gradient would need besides; torch.nn.functional.embedding_bag gives the result",
    "torch.embedding_renorm_": "torch.nn.functional.embedding does it where max_norm is given",
    "torch.feature_dropout": "torch.nn.functional.dropout1d, dropout2d and dropout3d drop whole features",
    "torch.feature_dropout_": "torch.nn.functional.dropout1d, dropout2d and dropout3d drop whole features",
    "torch.Tensor.index": "x[indices] takes entries by their places",
    "torch.Tensor.storage_type": "x.dtype says what a storage holds, type(x.storage()) of which class it is",
    "torch.hash_tensor": "PyTorch does not say that a hash stays the same from version to version",
    "torch.Tensor.hash_tensor": "PyTorch does not say that a hash stays the same from version to version",
    "torch.slice_inverse": "it undoes a slice inside PyTorch's tracers; torch.slice_scatter puts a slice in",
    "torch.Tensor.slice_inverse": "it undoes a slice inside PyTorch's tracers; torch.slice_scatter puts a slice in",
    "torch.Tensor.to_mkldnn": "it lays entries out for one library's kernels",
    "torch.distributed.rpc": PROCESSES,
    "torch.distributed.fsdp": PROCESSES,
    "torch.distributed.tensor": PROCESSES,
    "torch.distributed.DeviceMesh": PROCESSES,
    "torch.distributed.ProcessGroup": PROCESSES,
    "torch.nn.functional.grouped_mm": "it is for GPUs; torch.bmm multiplies matrices pair by pair",
    "torch.nn.functional.scaled_mm": "it is for GPUs, in dtypes of eight bits",
    "torch.nn.functional.scaled_grouped_mm": "it is for GPUs, in dtypes of eight bits",
    "torch.nn.LinearCrossEntropyOptions": "it says in which pieces scores are computed; nn.LinearCrossEntropyLoss does so at once",
    "torch.optim.SparseAdam": "every gradient is an array of its parameter's shape, an embedding's too; torch.optim.Adam takes it",
    "torch.optim.swap_in_optimizer_params_and_state": "an optimizer's state follows its parameters here",
    "torch.utils.benchmark.CallgrindStats": VALGRIND,
    "torch.utils.benchmark.FunctionCounts": VALGRIND,
    "torch.utils.benchmark.FunctionCount": VALGRIND,
    "torch.utils.benchmark.Fuzzer": FUZZER,
    "torch.utils.benchmark.FuzzedParameter": FUZZER,
    "torch.utils.benchmark.FuzzedTensor": FUZZER,
    "torch.utils.benchmark.FuzzedSparseTensor": FUZZER,
    "torch.utils.benchmark.ParameterAlias": FUZZER,
    "torch.utils.benchmark.op_fuzzers": FUZZER,
    "torch.utils.data.IterDataPipe": PIPES,
    "torch.utils.data.MapDataPipe": PIPES,
    "torch.utils.data.DFIterDataPipe": PIPES,
    "torch.utils.data.datapipes": PIPES,
    "torch.utils.data.functional_datapipe": PIPES,
    "torch.utils.flop_counter": "it counts inside PyTorch's dispatcher; chainrule.explain shows what a run computed",
    "torch.utils.mobile_optimizer": GRAPHS,
}


COMPILED = "it describes PyTorch's compiler of TorchScript; functions run as the Python they are here"
KERNELS = "it calls one library's kernel by name; the function without that prefix does the same"
PIECES = "it is one half of a layer spread over several GPUs"
BITS = "NumPy has no dtype of so few bits"
INSIDE = "it is a step inside a layer; torch.nn.functional has the layer's function"
MACHINERY = "it is a part of PyTorch's own machinery that shows among its names"
IMPORTED = "it is a module of Python's that PyTorch happens to import: import it by its own name"

PROFILER = "torch.profiler.profile has what these hold"
THREADS = "each thread runs its own operations, backward passes too"
TEXTS = "it is a text that PyTorch's own descriptions are made of"
EIGHT_BITS = "it is for products in dtypes of eight bits, which NumPy does not compute in"

# Families of names, as patterns, and why none of them is here.
FAMILIES = {
    "torch.mkldnn_*": KERNELS,
    "torch.miopen_*": KERNELS,
    "torch.cudnn_*": KERNELS,
    "torch.fbgemm_*": KERNELS,
    "torch.quantized_*": QUANTIZED,
    "torch.quantize_*": QUANTIZED,
    "torch.fake_quantize_*": QUANTIZED,
    "torch.fused_moving_avg_obs_*": QUANTIZED,
    "torch.per_channel_*": QUANTIZED,
    "torch.per_tensor_*": QUANTIZED,
    "torch.q_*": QUANTIZED,
    "torch.Q*": QUANTIZED,
    "torch.int_repr": QUANTIZED,
    "torch.dequantize": QUANTIZED,
    "torch.empty_quantized": QUANTIZED,
    "torch.choose_qparams*": QUANTIZED,
    "torch.batch_norm_*": PIECES,
    "torch.native_*": INSIDE,
    "torch.bits*": BITS,
    "torch.bit": BITS,
    "torch.float4_*": BITS,
    "torch.float8_*": "NumPy computes in no dtype of eight bits; torch.bfloat16 is the shortest",
    **{f"torch.{kind}{n}": BITS for kind in ("int", "uint") for n in range(1, 8)},
    "torch.*.*_notes": TEXTS,
    "torch.*.*common_args": TEXTS,
    "torch.special.multi_dim_common": TEXTS,
    "torch.*.*_torch_function*": "functions are Python here: a subclass of Tensor overrides its methods",
    "torch.nn.factory_kwargs": MACHINERY,
    "torch.nn.quantizable": QUANTIZED,
    "torch.nn.functional.BroadcastingList?": COMPILED,
    "torch.nn.functional.boolean_dispatch": COMPILED,
    "torch.nn.functional.DType": MACHINERY,
    "torch.nn.functional.assert_int_or_pair": MACHINERY,
    "torch.nn.functional.GRID_SAMPLE_*": MACHINERY,
    "torch.nn.functional.ScalingType": EIGHT_BITS,
    "torch.nn.functional.SwizzleType": EIGHT_BITS,
    "torch.func.rearrange": "x.unflatten, x.permute and x.flatten say the same; einops works with NumPy arrays",
    "torch.utils.data.DataChunk": PIPES,
    "torch.utils.data.argument_validation": PIPES,
    "torch.utils.data.*determinis*": PIPES,
    "torch.utils.data.runtime_validation*": PIPES,
    "torch.autograd.Profiler*": PROFILER,
    "torch.autograd.DeviceType": PROFILER,
    "torch.autograd.kineto_available": PROFILER,
    "torch.autograd.*multithreading_enabled": THREADS,
    "torch.autograd.NestedIOFunction": "torch.autograd.Function takes and returns tensors; nested ones are taken apart before",
    "torch.autograd.SavedTensor": "what is kept for backward is an array here; saved_tensors_hooks see each of them",
    "torch.autograd.enforce_grad_layout_policy": MACHINERY,
    "torch.autograd.is_tensor_like": MACHINERY,
    "torch.autograd.is_view_replay_enabled": MACHINERY,
    "torch.StorageBase": MACHINERY,
    "torch.ccol_indices*": ROWS,
    "torch.crow_indices*": ROWS,
    "torch.col_indices*": ROWS,
    "torch.row_indices*": ROWS,
    "torch.Script*": COMPILED,
    "torch.parse_*": COMPILED,
    "torch.import_ir_module*": COMPILED,
    "torch.merge_type_from_type_comment": COMPILED,
    "torch.unify_type_list": COMPILED,
    "torch.sym_constrain_range*": SIZES,
    "torch.sym_fresh_size": SIZES,
    "torch.Tensor.sparse_resize_*": ROWS,
    "torch.Tensor.sparse_mask": ROWS,
    **{
        f"torch.{name}": COMPILED
        for name in (
            "AggregationType AliasDb AnyType Argument ArgumentSpec AwaitType Block BoolType CallStack ClassType Code "
            "CompilationUnit CompleteArgumentSpec ComplexType ConcreteModuleType DictType EnumType ErrorReport ExecutionPlan "
            "FileCheck FloatType FunctionSchema FutureType Graph InferredType IntType InterfaceType IODescriptor JITException "
            "ListType LiteScriptModule Node NoneType NumberType OptionalType StaticModule StringType TensorType TracingState "
            "TupleType Type UnionType Use Value"
        ).split()
    },
    **{
        f"torch.{name}": MACHINERY
        for name in (
            "AVG SUM AcceleratorError BenchmarkConfig BenchmarkExecutionStats BufferDict Capsule ConcreteModuleTypeBuilder "
            "DeepCopyMemoTable DeserializationStorageContext DeviceObjType DisableTorchFunction DisableTorchFunctionSubclass "
            "DispatchKey DispatchKeySet ExcludeDispatchKeyGuard FatalError Future Gradient GraphExecutorState LockingLogger "
            "LoggerBase ModuleDict NoopLogger OperatorInfo PRIVATE_OPS ParameterDict PyObjectType PyTorchFileReader "
            "PyTorchFileWriter RRefType SerializationStorageContext StreamObjType SymBoolType SymIntType ThroughputBenchmark "
            "USE_GLOBAL_DEPS USE_RTLD_GLOBAL_WITH_LIBTORCH classproperty compiled_with_cxx11_abi cpp get_file_path "
            "init_num_threads legacy_contiguous_format monitor prepare_multiprocessing_environment thread_safe_generator "
            "profiler_allow_cudagraph_cupti_lazy_reinit_cuda12 windows torch is_distributed"
        ).split()
    },
    **{
        f"torch.{name}": IMPORTED
        for name in (
            "builtins ctypes functools glob importlib inspect math os platform sys textwrap threading warnings TYPE_CHECKING"
        ).split()
    },
}


def reason(name: str) -> str:
    """Why a name is left out; "" for a name that is not in the table.

    >>> reason("torch.masked.sum")
    'masks are tensors of truth values here; torch.where and masked_fill use them'
    """
    asked = name
    while name:
        if name in REASONS:
            return REASONS[name]
        name = name.rpartition(".")[0]
    return next((why for pattern, why in FAMILIES.items() if fnmatchcase(asked, pattern)), "")
