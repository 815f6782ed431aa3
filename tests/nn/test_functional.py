"""The functions that have no layer of their own, and the options that layers do not show, against PyTorch."""

import re

import pytest

pytest.importorskip("torch")

from tests.nn.against import BOTH, close, made, numbers, read, same_error, same_function, tensors  # noqa: E402

X, IMG, SEQ, VOL = numbers((4, 6)), numbers((2, 4, 8, 7)), numbers((2, 4, 9)), numbers((2, 3, 4, 5, 4))
GRID = numbers((2, 3, 5, 2), 5, -1.3, 1.3)
GRID3 = numbers((2, 2, 3, 2, 3), 5, -1.3, 1.3)

CALLS = {
    "F.linear(x, torch.arange(6.0))": [X],
    "F.normalize(x)": [X],
    "F.normalize(x, p=1, dim=0)": [X],
    "F.gumbel_softmax(x, tau=0.5)": [X],
    "F.gumbel_softmax(x, hard=True, dim=0)": [X],
    "F.interpolate(x, scale_factor=1.5, mode='bilinear', recompute_scale_factor=True)": [IMG],
    "F.interpolate(x, size=(3, 4), mode='bilinear', antialias=True)": [IMG],
    "F.interpolate(x, size=(12, 5), mode='bicubic', antialias=True)": [IMG],
    "F.interpolate(x, size=(3, 4), mode='lanczos', antialias=True)": [IMG],
    "F.interpolate(x, size=(12, 11), mode='bicubic', align_corners=True)": [IMG],
    "F.interpolate(x, size=5, mode='linear', align_corners=True)": [SEQ],
    "F.interpolate(x, scale_factor=2, mode='trilinear', align_corners=True)": [VOL],
    "F.interpolate(x, scale_factor=0.5)": [VOL],
    "F.affine_grid(x, (2, 3, 4, 5), align_corners=False)": [numbers((2, 2, 3))],
    "F.affine_grid(x, (2, 3, 4, 5, 3), align_corners=True)": [numbers((2, 3, 4))],
    **{
        f"F.grid_sample(x, y, mode={mode!r}, padding_mode={padding!r}, align_corners={align})": [IMG, GRID]
        for mode in ("bilinear", "nearest", "bicubic")
        for padding in ("zeros", "border", "reflection")
        for align in (True, False)
    },
    "F.grid_sample(x, y, align_corners=False)": [VOL, GRID3],
    "F.grid_sample(x, y, mode='nearest', padding_mode='border', align_corners=True)": [VOL, GRID3],
    "F.unfold(x, 3)": [IMG[0].copy()],
    "F.fold(x, (4, 5), (2, 2))": [numbers((12, 12))],
    "F.conv_tbc(x, torch.ones(3, 2, 5) * 0.1, torch.zeros(5), 1)": [numbers((7, 3, 2))],
    "F.max_pool2d_with_indices(x, 3, 2)": [IMG],
    "F.adaptive_max_pool1d(x, 4, return_indices=True)": [SEQ],
    "F.lp_pool1d(x.abs(), 3.0, 2)": [SEQ],
    "F.fractional_max_pool2d(x, 2, output_size=(4, 3))": [IMG],
    "F.fractional_max_pool3d(x, 2, output_ratio=(0.7, 0.7, 0.7), return_indices=True)": [VOL],
    "F.pad(x, (1, 2), mode='reflect')": [SEQ],
    "F.embedding_bag(torch.tensor([[0, 1], [2, 1]]), x, mode='sum', per_sample_weights=y)": [X, numbers((2, 2))],
    "F.rrelu(x, training=True)": [X],
    "F.rms_norm(x, (6,), torch.arange(6.0))": [X],
    "F.layer_norm(x, (4, 6))": [X],
    "F.batch_norm(x, None, None, training=True)": [X],
    "F.instance_norm(x)": [SEQ],
    "F.local_response_norm(x, 2)": [SEQ],
    "F.softmax(x, 1, dtype=torch.float64)": [X],
    "F.dropout(x * 1, 0.5, inplace=True)": [X],
    "F.pixel_shuffle(x, 2)": [IMG[0].copy()],
}

OTHER_NODES = ("gumbel", "pad", "fractional", "inplace", "unfold", "F.fold", "conv_tbc", "lp_pool", "adaptive_max_pool1d")


@pytest.mark.parametrize("call", CALLS)
def test_a_function_is_pytorch_s(call):
    same_function(call, CALLS[call], 1e-4, 5e-6, name=not any(n in call for n in OTHER_NODES))


def test_pairs_of_rows():
    same_function("F.pdist(x)", [X], name=False)
    same_function("F.pdist(x, p=1)", [X], name=False)


def test_one_hot():
    for call in ("F.one_hot(torch.tensor([0, 2]))", "F.one_hot(torch.tensor([[0], [2]]), 4)"):
        ours, theirs = (made(call, names) for names in BOTH)
        close(ours, theirs, call)


def test_softmax_of_large_numbers():
    for call in ("F.softmax(torch.tensor([1000.0, 1001.0]), 0)", "F.log_softmax(torch.tensor([-1e30, 1e30]), 0)"):
        ours, theirs = (made(call, names) for names in BOTH)
        close(ours, theirs, call)


def test_running_statistics_follow_the_batches():
    for momentum in (0.3, None):
        found = []
        for names in BOTH:
            norm = names["nn"].BatchNorm1d(6, momentum=momentum)
            for seed in range(3):
                norm(names["torch"].tensor(numbers((5, 6), seed)))
            found.append(norm.state_dict())
        for key, ours in found[0].items():
            close(ours, found[1][key], key, 1e-5)


def test_batch_norm_in_evaluation_can_be_trained_on():
    """Statistics that move on between forward and backward do not change the gradient."""
    torch = BOTH[0]["torch"]
    norm = torch.nn.BatchNorm1d(3).eval()
    x = torch.tensor(numbers((4, 3)), requires_grad=True)
    y = norm(x)
    norm.train()(x.detach() * 5)
    y.sum().backward()
    assert x.grad.tolist()[0] == pytest.approx([1, 1, 1], rel=1e-4)


def test_embedding_shortens_rows_in_place():
    for names in BOTH:
        weight = names["torch"].tensor([[3.0, 4.0], [0.1, 0.2], [6.0, 8.0]])
        names["F"].embedding(names["torch"].tensor([0, 1]), weight, max_norm=1.0)
        assert weight[0].norm().item() == pytest.approx(1, rel=1e-5) and weight[2].tolist() == [6, 8]


@pytest.mark.parametrize("name", ["upsample", "upsample_nearest", "upsample_bilinear"])
def test_former_names_warn(name):
    for names in BOTH:
        (x,) = tensors([IMG], names)
        with pytest.warns(UserWarning, match=f"`nn.functional.{name}` is deprecated"):
            assert read(f"F.{name}(x, scale_factor=2)", names, x=x).shape == (2, 4, 16, 14)


@pytest.mark.parametrize(
    "call",
    [
        "F.linear(torch.zeros(4, 3), torch.zeros(2, 4))",
        "F.linear(torch.zeros(4, 3), torch.zeros(2, 4), torch.zeros(2))",
        "F.linear(torch.zeros(2, 5, 3), torch.zeros(2, 4), torch.zeros(2))",
        "F.linear(torch.zeros(4, 3), torch.zeros(2, 3), torch.zeros(3))",
        "F.linear(torch.zeros(4, 3, dtype=torch.int64), torch.zeros(2, 3), torch.zeros(2))",
        "F.linear(np.zeros((4, 3)), torch.zeros(2, 3))",
        "nn.Linear(3, 2)([1, 2, 3])",
        "F.linear(torch.zeros(()), torch.zeros(2, 3))",
        "F.linear(torch.zeros(()), torch.zeros(2, 3), torch.zeros(2))",
        "F.conv2d(torch.zeros(2, 3, 8, 8), torch.zeros(5, 4, 3, 3))",
        "F.conv2d(torch.zeros(2, 4), torch.zeros(5, 4, 3, 3))",
        "F.conv2d(torch.zeros(2, 4, 8, 8).double(), torch.zeros(5, 4, 3, 3))",
        "F.conv2d(torch.zeros(2, 4, 8, 8), torch.zeros(5, 4, 3, 3), torch.zeros(5).double())",
        "F.conv2d(torch.zeros(2, 4, 8, 8), torch.zeros(5, 4, 3, 3), torch.zeros(4))",
        "F.conv2d(torch.zeros(2, 4, 2, 2), torch.zeros(5, 4, 3, 3))",
        "F.conv2d(torch.zeros(2, 4, 8, 8), torch.zeros(5, 4, 3, 3), stride=0)",
        "F.conv2d(torch.zeros(2, 4, 8, 8), torch.zeros(5, 4, 3, 3), padding=-1)",
        "F.conv2d(torch.zeros(2, 4, 8, 8), torch.zeros(5, 4, 3, 3), stride=(1, 1, 1))",
        "F.conv2d(torch.zeros(2, 4, 8, 8), torch.zeros(5, 4, 3, 3), groups=2)",
        "F.conv2d(torch.zeros(2, 4, 8, 8), torch.zeros(5, 4, 3, 3), padding='same', stride=2)",
        "F.conv_transpose2d(torch.zeros(2, 4, 8, 8), torch.zeros(4, 5, 3, 3), output_padding=1)",
        "F.conv_transpose2d(torch.zeros(2, 4, 8, 8), torch.zeros(3, 5, 3, 3))",
        "nn.ConvTranspose2d(4, 5, 3, stride=2)(torch.zeros(2, 4, 8, 8), output_size=(20, 20))",
        "nn.ConvTranspose2d(4, 5, 3, stride=2)(torch.zeros(2, 4, 8, 8), output_size=(18,))",
        "nn.Conv2d(4, 5, 3, padding='same', stride=2)",
        "nn.Conv2d(4, 5, 3, groups=3)",
        "nn.Conv2d(4, 5, 3, groups=2)",
        "nn.Conv2d(4, 5, 3, groups=0)",
        "nn.ConvTranspose2d(4, 5, 3, padding_mode='reflect')",
        "F.max_pool2d(torch.zeros(8, 8), 2)",
        "F.max_pool2d(torch.zeros(1, 1, 4, 4), 2, padding=2)",
        "F.max_pool2d(torch.zeros(1, 1, 4, 4), 2, stride=0)",
        "F.max_pool1d(torch.zeros(8), 2)",
        "F.avg_pool2d(torch.zeros(1, 1, 4, 4), 2, divisor_override=0)",
        "F.adaptive_avg_pool2d(torch.zeros(8, 8), 2)",
        "F.adaptive_avg_pool2d(torch.zeros(1, 1, 8, 8), (1, 2, 3))",
        "F.max_unpool2d(*F.max_pool2d(torch.rand(1, 1, 8, 8), 2, return_indices=True), 2, output_size=(20, 20))",
        "nn.BatchNorm1d(3)(torch.zeros(2, 3, 4, 5))",
        "nn.BatchNorm1d(3)(torch.zeros(2, 4))",
        "nn.BatchNorm1d(3)(torch.zeros(1, 3))",
        "nn.BatchNorm2d(3)(torch.zeros(2, 3))",
        "nn.BatchNorm3d(3)(torch.zeros(2, 3))",
        "nn.BatchNorm1d(3)(torch.zeros(2, 3, dtype=torch.int64))",
        "nn.BatchNorm1d(3)(torch.zeros(2, 3).double())",
        "F.batch_norm(torch.zeros(2, 3), None, None)",
        "F.instance_norm(torch.zeros(2, 3, 1))",
        "nn.InstanceNorm2d(3)(torch.zeros(2, 3))",
        "nn.InstanceNorm2d(3, affine=True)(torch.zeros(2, 4, 5, 5))",
        "nn.GroupNorm(3, 4)",
        "F.group_norm(torch.zeros(2, 4, 3), 3)",
        "nn.GroupNorm(2, 4)(torch.zeros(2, 6, 3))",
        "nn.LayerNorm(5)(torch.zeros(2, 4))",
        "F.layer_norm(torch.zeros(2, 4), (4,), torch.ones(3))",
        "nn.RMSNorm(5)(torch.zeros(2, 4))",
        "F.pixel_shuffle(torch.zeros(1, 3, 2, 2), 2)",
        "F.pixel_unshuffle(torch.zeros(1, 3, 3, 2), 2)",
        "F.channel_shuffle(torch.zeros(1, 3, 3, 2), 2)",
        "F.interpolate(torch.zeros(1, 1, 4, 4))",
        "F.interpolate(torch.zeros(1, 1, 4, 4), size=3, scale_factor=2)",
        "F.interpolate(torch.zeros(1, 1, 4, 4), size=3, mode='linear')",
        "F.interpolate(torch.zeros(1, 1, 4, 4), size=3, mode='foo')",
        "F.interpolate(torch.zeros(1, 1, 4, 4), size=3, align_corners=True)",
        "F.interpolate(torch.zeros(1, 1, 4, 4), size=(3,))",
        "F.interpolate(torch.zeros(1, 1, 4, 4), size=3, antialias=True)",
        "F.interpolate(torch.zeros(1, 1, 4, 4), size=3, mode='lanczos')",
        "F.unfold(torch.zeros(1, 3, 4, 4), 5)",
        "F.fold(torch.zeros(1, 4, 5), (3, 3), 2)",
        "F.fold(torch.zeros(1, 5, 4), (3, 3), 2)",
        "F.grid_sample(torch.zeros(2, 4, 8, 8), torch.zeros(2, 3, 3, 3), align_corners=True)",
        "F.grid_sample(torch.zeros(2, 4, 8, 8), torch.zeros(2, 3, 3, 2), mode='foo')",
        "F.affine_grid(torch.zeros(2, 2, 2), (2, 3, 4, 4), align_corners=True)",
        "F.dropout(torch.zeros(2), 1.5)",
        "nn.Dropout(1.5)",
        "F.dropout1d(torch.zeros(3))",
        "nn.Embedding(3, 2)(torch.tensor([3]))",
        "nn.Embedding(3, 2)(torch.tensor([-1]))",
        "nn.Embedding(3, 2)(torch.tensor([1.0]))",
        "nn.Embedding(3, 2, padding_idx=3)",
        "nn.Embedding(3, 2)([1])",
        "nn.Embedding(3, 2, _weight=torch.ones(2, 2))",
        "F.embedding_bag(torch.tensor([1, 2]), torch.zeros(5, 2))",
        "F.embedding_bag(torch.tensor([1, 2]), torch.zeros(5, 2), torch.tensor([1]))",
        "F.embedding_bag(torch.tensor([[1, 9]]), torch.zeros(5, 2))",
        "F.embedding_bag(torch.tensor([[1, 2]]), torch.zeros(5, 2), mode='foo')",
        "F.one_hot(torch.tensor([0.0, 2]))",
        "F.one_hot(torch.tensor([0, 2]), 2)",
        "F.one_hot(torch.tensor([0, -2]), 2)",
        "F.prelu(torch.zeros(4, 3), torch.ones(3, 1))",
        "F.glu(torch.zeros(4, 3))",
        "F.rrelu(torch.zeros(4, 3), 0.5, 0.1)",
        "F.celu(torch.zeros(3), 0.0)",
        "nn.Hardtanh(2, 1)",
        "nn.Softmax2d()(torch.zeros(3))",
        "F.gelu(torch.zeros(3), approximate='foo')",
        "F.cosine_similarity(torch.zeros(4, 3), torch.zeros(4, 2))",
        "F.cosine_similarity(torch.tensor([[1, 2]]), torch.tensor([[1, 2]]))",
        "nn.AdaptiveLogSoftmaxWithLoss(4, 10, [3, 3])",
        "nn.AdaptiveLogSoftmaxWithLoss(4, 10, [3])(torch.zeros(2, 4), torch.tensor([0, 10]))",
        "F.elu(torch.tensor([1]))",
    ],
)
def test_bad_input_is_refused_in_pytorch_s_words(call):
    same_error(call)


def test_unknown_words_for_padding():
    for names in BOTH:
        with pytest.raises(ValueError, match="Invalid padding string 'foo', should be one of"):
            read("nn.Conv2d(4, 5, 3, padding='foo')", names)
        with pytest.raises(ValueError, match="padding_mode must be one of"):
            read("nn.Conv2d(4, 5, 3, padding_mode='foo')", names)


def test_errors_say_what_to_write_instead():
    names = BOTH[0]
    for call, instead in {
        "nn.Linear(3, 2)(torch.zeros(3, 5))": "pass x.T",
        "nn.Linear(20, 2)(torch.zeros(3, 4, 5))": "flatten each sample first",
        "F.binary_cross_entropy(torch.tensor([1.5]), torch.tensor([1.0]))": "binary_cross_entropy_with_logits",
        "F.cross_entropy(torch.zeros(4, 3), torch.zeros(4))": "target.long()",
        "nn.Embedding(3, 2)(torch.tensor([7]))": "nn.Embedding(8, …)",
    }.items():
        with pytest.raises(Exception, match=re.escape(instead)):
            read(call, names)


def test_grids_warn_about_their_default():
    for names in BOTH:
        with pytest.warns(UserWarning, match="Default grid_sample and affine_grid behavior has changed"):
            read("F.grid_sample(torch.zeros(1, 1, 2, 2), torch.zeros(1, 1, 1, 2))", names)


def test_channel_dropout_of_flat_inputs_warns():
    for names in BOTH:
        with pytest.warns(UserWarning, match="dropout2d: Received a 2-D input"):
            read("F.dropout2d(torch.ones(3, 2))", names)
