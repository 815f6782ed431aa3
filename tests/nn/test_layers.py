"""Every layer against PyTorch from the same seed: how it prints, its first weights, its values and all gradients."""

import numpy as np
import pytest

pytest.importorskip("torch")

from tests.nn.against import numbers, same_module  # noqa: E402

X = (4, 6)
SEQ, IMG, VOL = (2, 4, 9), (2, 4, 8, 7), (2, 4, 6, 5, 7)
INDICES = np.array([[1, 2, 0], [3, 1, 1]])

LAYERS = {
    "nn.Linear(6, 3)": X,
    "nn.Linear(6, 3, bias=False)": X,
    "nn.Linear(7, 3) ": IMG,
    "nn.Linear(6, 3)  ": (6,),
    "nn.Linear(6, 3, bias=False) ": (6,),
    "nn.Linear(9, 3, bias=False)": SEQ,
    "nn.Identity(3, a=2)": X,
    "nn.Flatten()": IMG,
    "nn.Flatten(2, 3)": VOL,
    "nn.Unflatten(1, (2, 3))": X,
    "nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 2))": X,
    "nn.Conv1d(4, 6, 3)": SEQ,
    "nn.Conv1d(4, 6, 3, stride=2, padding=2, dilation=2, groups=2, bias=False)": SEQ,
    "nn.Conv1d(4, 6, 3, padding='same')": SEQ,
    "nn.Conv1d(4, 6, 4, padding='same', padding_mode='circular')": SEQ,
    "nn.Conv1d(4, 6, 1) ": SEQ[1:],
    "nn.Conv2d(4, 6, 3)": IMG,
    "nn.Conv2d(4, 6, (3, 2), stride=(2, 1), padding=(1, 0), dilation=(1, 2), groups=2)": IMG,
    "nn.Conv2d(4, 6, 3, padding=1, padding_mode='reflect')": IMG,
    "nn.Conv2d(4, 6, 3, padding=1, padding_mode='replicate', bias=False)": IMG,
    "nn.Conv2d(4, 6, 3, padding='valid')": IMG[1:],
    "nn.Conv3d(4, 6, 3, padding=1, stride=2)": VOL,
    "nn.ConvTranspose1d(4, 6, 3, stride=2, output_padding=1)": SEQ,
    "nn.ConvTranspose2d(4, 6, 3)": IMG,
    "nn.ConvTranspose2d(4, 6, (3, 2), stride=2, padding=1, output_padding=1, groups=2, dilation=2)": IMG,
    "nn.ConvTranspose2d(4, 6, 3, bias=False)": IMG[1:],
    "nn.ConvTranspose3d(4, 6, 2, stride=2)": VOL,
    "nn.Unfold((2, 3), dilation=2, padding=1, stride=2)": IMG,
    "nn.Fold((5, 4), 2, padding=1)": (2, 12, 30),
    "nn.MaxPool1d(2)": SEQ,
    "nn.MaxPool1d(3, 2, padding=1, dilation=2, ceil_mode=True)": SEQ,
    "nn.MaxPool2d(2)": IMG,
    "nn.MaxPool2d((3, 2), stride=(2, 1), padding=(1, 0), ceil_mode=True)": IMG,
    "nn.MaxPool2d(3, 1, 1) ": IMG[1:],
    "nn.MaxPool2d(2, return_indices=True)": IMG,
    "nn.MaxPool3d(2)": VOL,
    "nn.AvgPool1d(3, 2)": SEQ,
    "nn.AvgPool2d(3, 2, padding=1)": IMG,
    "nn.AvgPool2d(3, 2, padding=1, ceil_mode=True, count_include_pad=False)": IMG,
    "nn.AvgPool2d(2, divisor_override=3)": IMG,
    "nn.AvgPool3d(2)": VOL,
    "nn.AdaptiveAvgPool1d(4)": SEQ,
    "nn.AdaptiveAvgPool2d((3, None))": IMG,
    "nn.AdaptiveAvgPool2d(1)": IMG,
    "nn.AdaptiveAvgPool3d(2)": VOL,
    "nn.AdaptiveMaxPool1d(4)": SEQ,
    "nn.AdaptiveMaxPool2d((3, 2), return_indices=True)": IMG,
    "nn.AdaptiveMaxPool3d(2)": VOL,
    "nn.LPPool1d(2, 3)": SEQ,
    "nn.LPPool2d(2, 3, stride=2)": IMG,
    "nn.LPPool3d(2, 2)": VOL,
    "nn.BatchNorm1d(6)": X,
    "nn.BatchNorm1d(4)": SEQ,
    "nn.BatchNorm2d(4)": IMG,
    "nn.BatchNorm2d(4, momentum=None, affine=False)": IMG,
    "nn.BatchNorm2d(4, bias=False)": IMG,
    "nn.BatchNorm2d(4).eval()": IMG,
    "nn.BatchNorm3d(4, track_running_stats=False)": VOL,
    "nn.InstanceNorm1d(4)": SEQ,
    "nn.InstanceNorm2d(4, affine=True, track_running_stats=True)": IMG,
    "nn.InstanceNorm2d(4, affine=True, track_running_stats=True).eval()": IMG,
    "nn.InstanceNorm3d(4) ": VOL[1:],
    "nn.GroupNorm(2, 4)": IMG,
    "nn.GroupNorm(2, 6, affine=False)": X,
    "nn.LayerNorm(6)": X,
    "nn.LayerNorm((8, 7), elementwise_affine=False)": IMG,
    "nn.LayerNorm(9, bias=False)": SEQ,
    "nn.RMSNorm(6)": X,
    "nn.RMSNorm((8, 7), eps=1e-3, elementwise_affine=False)": IMG,
    "nn.LocalResponseNorm(3)": IMG,
    "nn.Dropout(0.3)": X,
    "nn.Dropout(1.0)": X,
    "nn.Dropout(0.0)": X,
    "nn.Dropout(0.3).eval()": X,
    "nn.Dropout1d(0.3)": SEQ,
    "nn.Dropout2d(0.3)": IMG,
    "nn.Dropout3d(0.3)": VOL,
    "nn.AlphaDropout(0.3)": X,
    "nn.FeatureAlphaDropout(0.3)": IMG,
    "nn.ZeroPad1d(2)": SEQ,
    "nn.ZeroPad2d((1, 2, 0, 1))": IMG,
    "nn.ConstantPad1d((1, 2), 3.5)": SEQ,
    "nn.ConstantPad2d(-1, 2.0)": IMG,
    "nn.ConstantPad3d(1, 2.0)": VOL,
    "nn.ReflectionPad1d(2)": SEQ,
    "nn.ReflectionPad2d((1, 2, 3, 1))": IMG,
    "nn.ReflectionPad3d(1)": VOL,
    "nn.ReplicationPad1d(2)": SEQ,
    "nn.ReplicationPad2d(3)": IMG,
    "nn.ReplicationPad3d(1)": VOL,
    "nn.Upsample(scale_factor=2)": IMG,
    "nn.Upsample(scale_factor=1.7, mode='linear')": SEQ,
    "nn.Upsample(size=(5, 11), mode='bilinear')": IMG,
    "nn.Upsample(scale_factor=(2, 3), mode='bilinear', align_corners=True)": IMG,
    "nn.Upsample(scale_factor=2.3, mode='bicubic')": IMG,
    "nn.Upsample(scale_factor=0.6, mode='nearest-exact')": IMG,
    "nn.Upsample(size=(3, 4, 5), mode='trilinear')": VOL,
    "nn.Upsample(size=(3, 4), mode='area')": IMG,
    "nn.UpsamplingNearest2d(scale_factor=2)": IMG,
    "nn.UpsamplingBilinear2d(size=11)": IMG,
    "nn.PixelShuffle(2)": IMG,
    "nn.PixelUnshuffle(2)": (2, 1, 4, 6),
    "nn.ChannelShuffle(2)": IMG,
    "nn.PReLU()": X,
    "nn.PReLU(4, init=0.1)": IMG,
    "nn.RReLU()": X,
    "nn.RReLU(0.2, 0.4).eval()": X,
    "nn.GLU()": X,
    "nn.GLU(1)": IMG,
    "nn.Softmax(1)": X,
    "nn.Softmax(dim=2)": IMG,
    "nn.LogSoftmax(0)": X,
    "nn.Softmin(-1)": X,
    "nn.Softmax2d()": IMG,
    "nn.ELU(0.7)": X,
    "nn.CELU(0.7)": X,
    "nn.SELU()": X,
    "nn.GELU()": X,
    "nn.GELU('tanh')": X,
    "nn.Hardtanh(-0.5, 0.6)": X,
    "nn.Threshold(0.1, 20)": X,
    "nn.Softplus(2, 1)": X,
    "nn.LeakyReLU(0.2)": X,
    "nn.Hardshrink()": X,
    "nn.Softshrink(0.3)": X,
    **{f"nn.{name}()": X for name in (
        "ReLU", "ReLU6", "SiLU", "Mish", "Hardswish", "Hardsigmoid", "Sigmoid", "LogSigmoid", "Tanh", "Tanhshrink",
        "Softsign",
    )},
}  # fmt: skip


@pytest.mark.parametrize("text", LAYERS)
def test_a_layer_is_pytorch_s(text):
    same_module(text.strip(), [numbers(LAYERS[text])])


SEVERAL = {
    "nn.Bilinear(3, 4, 5)": [(2, 3), (2, 4)],
    "nn.Bilinear(3, 4, 5, bias=False)": [(2, 2, 3), (2, 2, 4)],
    "nn.CosineSimilarity()": [(4, 3), (4, 3)],
    "nn.CosineSimilarity(dim=0, eps=0.1)": [(4, 3), (4, 3)],
    "nn.PairwiseDistance()": [(4, 3), (4, 3)],
    "nn.PairwiseDistance(p=1, keepdim=True)": [(4, 3), (4, 3)],
}


@pytest.mark.parametrize("text", SEVERAL)
def test_a_layer_of_two_inputs_is_pytorch_s(text):
    same_module(text, [numbers(s, k) for k, s in enumerate(SEVERAL[text])])


@pytest.mark.parametrize(
    "text",
    [
        "nn.Embedding(4, 3)",
        "nn.Embedding(4, 3, padding_idx=1)",
        "nn.Embedding(4, 3, padding_idx=-1, max_norm=1.0, norm_type=1.0, scale_grad_by_freq=True)",
        "nn.EmbeddingBag(4, 3)",
        "nn.EmbeddingBag(4, 3, mode='sum', padding_idx=1)",
        "nn.EmbeddingBag(4, 3, mode='max')",
    ],
)
def test_an_embedding_is_pytorch_s(text):
    same_module(text, [INDICES])


@pytest.mark.parametrize("text", ["nn.EmbeddingBag(4, 3)", "nn.EmbeddingBag(4, 3, mode='max', include_last_offset=True)"])
def test_bags_given_by_offsets(text):
    same_module(text, [INDICES.reshape(-1), np.array([0, 2, 2, 6])])


@pytest.mark.parametrize(("axes", "shape"), [(1, SEQ), (2, IMG), (3, VOL)])
def test_unpooling_puts_entries_back(axes, shape):
    unpool = f"nn.MaxUnpool{axes}d(2)(*m(*inputs), output_size=inputs[0].size())"
    same_module(f"nn.MaxPool{axes}d(2, return_indices=True)", [numbers(shape)], unpool)


def test_transposed_convolution_to_a_wanted_size():
    same_module("nn.ConvTranspose2d(4, 6, 3, stride=2)", [numbers(IMG)], "m(inputs[0], output_size=(18, 15))")


def test_torch_s_own_response_norm():
    """Its values only: PyTorch's gradient of this relic is not that of its values."""
    same_module("nn.CrossMapLRN2d(3)", [numbers(IMG)], "m(inputs[0].detach())")


def test_adaptive_softmax():
    x, t = numbers((4, 8)), np.array([0, 4, 9, 3])
    same_module("nn.AdaptiveLogSoftmaxWithLoss(8, 10, [3, 6], div_value=2.0, head_bias=True)", [x, t], "tuple(m(*inputs))", name=False)
    same_module("nn.AdaptiveLogSoftmaxWithLoss(8, 10, [3, 6], div_value=2.0)", [x], "m.log_prob(*inputs)", name=False)
