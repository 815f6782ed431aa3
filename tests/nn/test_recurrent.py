"""Recurrent layers, cells, attention and transformers against PyTorch, from the same seed."""

import numpy as np
import pytest

pytest.importorskip("torch")

from tests.nn.against import BOTH, close, flat, made, numbers, same_error, same_module, tensors, weigh  # noqa: E402

X, XB = numbers((5, 2, 3)), numbers((2, 5, 3))
H, C = numbers((1, 2, 4), 1), numbers((1, 2, 4), 2)

LAYERS = {
    "nn.RNN(3, 4)": [X],
    "nn.RNN(3, 4, nonlinearity='relu')": [X, H],
    "nn.RNN(3, 4, 2, batch_first=True, bias=False)": [XB],
    "nn.RNN(3, 4, bidirectional=True)": [X],
    "nn.LSTM(3, 4)": [X],
    "nn.LSTM(3, 4, num_layers=2, bidirectional=True)": [X],
    "nn.LSTM(3, 4, batch_first=True)": [XB],
    "nn.LSTM(3, 4, bias=False)": [X[:, 0].copy()],
    "nn.LSTM(3, 4, proj_size=2)": [X],
    "nn.LSTM(3, 4, num_layers=3, dropout=0.4)": [X],
    "nn.LSTM(3, 4, num_layers=2, dropout=0.4, batch_first=True, bidirectional=True)": [XB],
    "nn.GRU(3, 4)": [X, H],
    "nn.GRU(3, 4, num_layers=2, bidirectional=True, batch_first=True)": [XB],
    "nn.GRU(3, 4, bias=False)": [X[:, 0].copy()],
    "nn.GRU(3, 4, num_layers=2, dropout=0.5)": [X],
    "nn.RNNCell(3, 4)": [X[0].copy()],
    "nn.RNNCell(3, 4, bias=False, nonlinearity='relu')": [X[0].copy(), H[0].copy()],
    "nn.LSTMCell(3, 4)": [X[0].copy()],
    "nn.LSTMCell(3, 4, bias=False)": [X[0, 0].copy()],
    "nn.GRUCell(3, 4)": [X[0].copy(), H[0].copy()],
    "nn.GRUCell(3, 4, bias=False)": [X[0, 0].copy()],
}


@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")  # PyTorch's, about itself
@pytest.mark.parametrize("text", LAYERS)
def test_a_recurrent_layer_is_pytorch_s(text):
    # PyTorch picks among several implementations of the LSTM, whose nodes differ.
    same_module(text, LAYERS[text], name="LSTM(" not in text)


def test_states_given_to_an_lstm():
    same_module("nn.LSTM(3, 4)", [X, H, C], "m(inputs[0], (inputs[1], inputs[2]))")
    same_module("nn.LSTMCell(3, 4)", [X[0].copy(), H[0].copy(), C[0].copy()], "m(inputs[0], (inputs[1], inputs[2]))")


PACKED = "nn.utils.rnn.pack_padded_sequence(inputs[0], [2, 5, 3], enforce_sorted=False)"


@pytest.mark.parametrize(
    "text",
    [
        "nn.RNN(3, 4)",
        "nn.LSTM(3, 4)",
        "nn.GRU(3, 4, num_layers=2)",
        "nn.GRU(3, 4, bidirectional=True)",
        "nn.LSTM(3, 4, num_layers=2, bidirectional=True)",
        "nn.LSTM(3, 4, proj_size=2)",
    ],
)
def test_sequences_of_different_lengths(text):
    x = numbers((5, 3, 3))
    padded = f"(lambda y, h: (*nn.utils.rnn.pad_packed_sequence(y), h))(*m({PACKED}))"
    same_module(text, [x], padded, name=False)


def test_states_given_with_a_pack():
    x, h, c = numbers((5, 3, 3)), numbers((1, 3, 4), 1), numbers((1, 3, 4), 2)
    call = f"(lambda y, h: (y.data, h))(*m({PACKED}, (inputs[1], inputs[2])))"
    same_module("nn.LSTM(3, 4)", [x, h, c], call, name=False)


def test_second_derivatives_of_recurrent_layers():
    """Through the formula of one step, repeated; held against PyTorch's in double precision."""
    for text in ("nn.RNN(3, 4)", "nn.GRU(3, 4)", "nn.LSTM(3, 4)"):
        found = []
        for names in BOTH:
            module = made(text, names).double()
            x = names["torch"].tensor(X.astype(np.float64), requires_grad=True)
            y = module(x)[0]
            (g,) = names["torch"].autograd.grad((y * y).sum(), x, create_graph=True)
            (g * g).sum().backward()
            found.append([x.grad, *[p.grad for p in module.parameters()]])
        for ours, theirs in zip(*found):
            close(ours, theirs, text, 1e-7, 1e-9)


@pytest.mark.parametrize(
    "call",
    [
        "nn.LSTM(3, 4)(torch.rand(3))",
        "nn.LSTM(3, 4)(torch.rand(5, 2, 4))",
        "nn.LSTM(3, 4)(torch.rand(5, 2, 3), (torch.zeros(1, 3, 4), torch.zeros(1, 3, 4)))",
        "nn.LSTM(3, 4)(torch.rand(5, 2, 3), (torch.zeros(2, 4), torch.zeros(2, 4)))",
        "nn.LSTM(3, 4)(torch.rand(5, 2, 3).double())",
        "nn.GRU(3, 4)(torch.rand(5, 2, 3), torch.zeros(2, 2, 4))",
        "nn.GRU(3, 4)(torch.rand(5, 3), torch.zeros(2, 2, 4))",
        "nn.LSTM(3, 4, dropout=5)",
        "nn.RNN(3, 4, nonlinearity='foo')",
        "nn.RNN(3, 4, 0)",
        "nn.RNN(3, 0)",
        "nn.RNN(3, 2.0)",
        "nn.GRU(3, 2, proj_size=1)",
        "nn.LSTM(3, 2, proj_size=2)",
        "nn.LSTMCell(3, 4)(torch.rand(2, 4))",
        "nn.LSTMCell(3, 4)(torch.rand(2, 3), (torch.zeros(3, 4), torch.zeros(3, 4)))",
        "nn.GRUCell(3, 4)(torch.rand(2, 2, 3))",
        "nn.GRUCell(3, 4)(torch.rand(2, 3), torch.zeros(2, 2, 4))",
        "nn.RNNCell(3, 4, nonlinearity='foo')(torch.rand(2, 3))",
        "nn.utils.rnn.pack_padded_sequence(torch.rand(5, 2, 3), [3, 5])",
        "nn.utils.rnn.pack_padded_sequence(torch.rand(5, 2, 3), [3, 0])",
        "nn.utils.rnn.pack_padded_sequence(torch.rand(5, 2, 3), [3])",
        "nn.MultiheadAttention(5, 2)",
        "nn.MultiheadAttention(4, 2)(torch.rand(3, 2, 5), torch.rand(3, 2, 4), torch.rand(3, 2, 4))",
        "nn.MultiheadAttention(4, 2)(*[torch.rand(3, 2, 4)] * 3, key_padding_mask=torch.zeros(3, 2))",
        "nn.MultiheadAttention(4, 2)(*[torch.rand(3, 2, 4)] * 3, attn_mask=torch.zeros(3, 2))",
        "nn.MultiheadAttention(4, 2)(*[torch.rand(3, 2, 4)] * 3, attn_mask=torch.zeros(3, 3, 3))",
        "nn.MultiheadAttention(4, 2)(*[torch.rand(3, 2, 4)] * 3, is_causal=True)",
        "nn.MultiheadAttention(4, 2)(torch.rand(4), torch.rand(3, 2, 4), torch.rand(3, 2, 4))",
        "nn.TransformerEncoderLayer(4, 2, 8, activation='tanh')",
        "F.scaled_dot_product_attention(torch.rand(2, 3, 4), torch.rand(2, 3, 5), torch.rand(2, 3, 5))",
        "F.scaled_dot_product_attention(torch.rand(4), torch.rand(4), torch.rand(4))",
    ],
)
def test_bad_input_is_refused_in_pytorch_s_words(call):
    same_error(call)


# ---------------------------------------------------------------------- attention

Q, K, V = numbers((4, 2, 8), 1), numbers((5, 2, 8), 2), numbers((5, 2, 8), 3)
MASK = "torch.ones(4, 5).tril().log()"

ATTENTION = {
    "m(inputs[0], inputs[1], inputs[2])": "nn.MultiheadAttention(8, 2)",
    "m(inputs[0], inputs[1], inputs[1])": "nn.MultiheadAttention(8, 2, bias=False)",
    "m(inputs[0], inputs[0], inputs[0])": "nn.MultiheadAttention(8, 4)",
    "m(inputs[0], inputs[0], inputs[0], need_weights=False)": "nn.MultiheadAttention(8, 4)",
    "m(inputs[0], inputs[0], inputs[0], average_attn_weights=False)": "nn.MultiheadAttention(8, 4)",
    f"m(inputs[0], inputs[1], inputs[2], attn_mask={MASK})": "nn.MultiheadAttention(8, 2, add_bias_kv=True)",
    "m(inputs[0], inputs[1], inputs[2], key_padding_mask=torch.ones(2, 5).triu() > 0.5)": (
        "nn.MultiheadAttention(8, 2, add_zero_attn=True)"
    ),
    f"m(inputs[0], inputs[1], inputs[2], attn_mask={MASK}, key_padding_mask=torch.ones(2, 5).triu(), need_weights=False)": (
        "nn.MultiheadAttention(8, 2)"
    ),
    "m(inputs[0][:, 0], inputs[1][:, 0], inputs[2][:, 0])": "nn.MultiheadAttention(8, 2)",
    "m(inputs[0].transpose(0, 1), inputs[1].transpose(0, 1), inputs[2].transpose(0, 1))": (
        "nn.MultiheadAttention(8, 2, batch_first=True, dropout=0.3)"
    ),
}


@pytest.mark.parametrize("call", ATTENTION)
def test_multihead_attention_is_pytorch_s(call):
    same_module(ATTENTION[call], [Q, K, V], call, name=False)


def test_keys_and_values_of_other_sizes():
    k, v = numbers((5, 2, 3), 2), numbers((5, 2, 6), 3)
    same_module("nn.MultiheadAttention(8, 2, kdim=3, vdim=6)", [Q, k, v], name=False)


FOUR = [numbers((2, 2, 3, 4), k) for k in range(3)]


@pytest.mark.parametrize(
    "call",
    [
        "F.scaled_dot_product_attention(*inputs)",
        "F.scaled_dot_product_attention(*inputs, is_causal=True)",
        "F.scaled_dot_product_attention(*inputs, attn_mask=torch.ones(3, 3).tril() > 0, scale=0.3)",
        "F.scaled_dot_product_attention(*inputs, attn_mask=torch.ones(2, 1, 3, 3).triu())",
        "F.scaled_dot_product_attention(*inputs, dropout_p=0.4)",
        "F.scaled_dot_product_attention(*[x[0] for x in inputs])",
        "F.scaled_dot_product_attention(inputs[0], inputs[1][:, :1], inputs[2][:, :1], enable_gqa=True)",
    ],
)
def test_scaled_dot_product_attention(call):
    same_module("nn.Identity()", FOUR, call, name=False)


def test_a_learned_mask_gets_its_gradient():
    same_module("nn.Identity()", [*FOUR, numbers((3, 3), 5)], "F.scaled_dot_product_attention(*inputs)", name=False)


TRANSFORMERS = {
    "nn.TransformerEncoderLayer(8, 2, 16)": "m(inputs[0])",
    "nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, activation='gelu', norm_first=True, bias=False)": "m(inputs[0])",
    "nn.TransformerEncoderLayer(8, 2, 16, batch_first=True).eval()": (
        "m(inputs[0], src_mask=nn.Transformer.generate_square_subsequent_mask(2))"
    ),
    "nn.TransformerDecoderLayer(8, 2, 16)": "m(inputs[0], inputs[1])",
    "nn.TransformerDecoderLayer(8, 2, 16, norm_first=True, activation=F.gelu)": (
        "m(inputs[0], inputs[1], tgt_mask=nn.Transformer.generate_square_subsequent_mask(4), tgt_is_causal=True)"
    ),
    "nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16), 2, nn.LayerNorm(8), enable_nested_tensor=False)": (
        "m(inputs[0], src_key_padding_mask=torch.tensor([[False, False, False, True]] * 2))"
    ),
    "nn.TransformerDecoder(nn.TransformerDecoderLayer(8, 2, 16), 2)": "m(inputs[0], inputs[1])",
}


@pytest.mark.parametrize("text", TRANSFORMERS)
def test_a_transformer_layer_is_pytorch_s(text):
    same_module(text, [Q, K], TRANSFORMERS[text], 1e-4, 1e-5, name=False)


@pytest.mark.filterwarnings("ignore:enable_nested_tensor is True")  # PyTorch's, about its own ways to compute the same
def test_the_transformer():
    same_module("nn.Transformer(8, 2, 1, 2, 16, batch_first=False)", [Q, K], rtol=1e-4, atol=1e-5, name=False)


def test_the_causal_mask():
    for names in BOTH:
        mask = names["nn"].Transformer.generate_square_subsequent_mask(3)
        assert str(mask) == "tensor([[0., -inf, -inf],\n        [0., 0., -inf],\n        [0., 0., 0.]])"


# ---------------------------------------------------------------------- packing


def test_packing_and_padding():
    x = numbers((5, 3, 2))
    for lengths, sort in (([5, 3, 2], True), ([2, 5, 3], False)):
        found = []
        for names in BOTH:
            (t,) = tensors([x], names)
            rnn = names["nn"].utils.rnn
            packed = rnn.pack_padded_sequence(t, lengths, enforce_sorted=sort)
            padded, n = rnn.pad_packed_sequence(packed, padding_value=9.0, total_length=6)
            weigh([padded], names).backward()
            found.append((repr(packed), [*flat(tuple(packed)), padded, n, t.grad]))
        assert found[0][0] == found[1][0]
        for ours, theirs in zip(found[0][1], found[1][1]):
            close(ours, theirs, "packed")


def test_sequences_padded_to_one_length():
    for how in ("", ", batch_first=True", ", padding_value=7.0, padding_side='left'"):
        call = f"nn.utils.rnn.pad_sequence([torch.ones(2, 2), torch.zeros(3, 2)]{how})"
        close(made(call, BOTH[0]), made(call, BOTH[1]), call)
    call = "nn.utils.rnn.unpack_sequence(nn.utils.rnn.pack_sequence([torch.ones(3), torch.zeros(2)]))"
    for ours, theirs in zip(made(call, BOTH[0]), made(call, BOTH[1])):
        close(ours, theirs, call)
