"""A plain recurrent network predicts the next value of a noisy sine; the same by an RNNCell; detached state."""

import torch
from torch import nn

torch.manual_seed(2)
t = torch.arange(0, 130, dtype=torch.float32)
series = torch.sin(0.2 * t) + 0.05 * torch.randn(130)
window = 20
x = series.unfold(0, window, 5)[:-1].unsqueeze(-1)
y = torch.stack([series[i + 1:i + 1 + window] for i in range(0, 5 * x.shape[0], 5)]).unsqueeze(-1)
print(x.shape, y.shape, x[0, :4, 0], y[0, :4, 0])


class RNN(nn.Module):
    def __init__(self, hidden_size=16, num_layers=2):
        super().__init__()
        self.rnn = nn.RNN(1, hidden_size, num_layers=num_layers, batch_first=True, nonlinearity="tanh")
        self.out = nn.Linear(hidden_size, 1)

    def forward(self, x, h_state):
        r_out, h_state = self.rnn(x, h_state)
        return self.out(r_out), h_state


rnn = RNN()
print(rnn)
optimizer = torch.optim.Adam(rnn.parameters(), lr=0.01)
loss_func = nn.MSELoss()
h_state = None
for step in range(30):
    prediction, h_state = rnn(x, h_state)
    h_state = h_state.data
    loss = loss_func(prediction, y)
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(rnn.parameters(), 1.0)
    optimizer.step()
    if step % 6 == 5:
        print(f"step {step + 1}: loss {loss.item():.5f}")
print("state:", h_state.shape, h_state[:, 0, :4])

with torch.no_grad():
    sequence = series[:window].view(1, window, 1)
    state = None
    future = []
    out, state = rnn(sequence, state)
    last = out[:, -1:, :]
    for _ in range(5):
        future.append(last.item())
        last, state = rnn(last, state)
print("future:", [f"{v:.3f}" for v in future])

cell = nn.RNNCell(1, 16)
cell.weight_ih.data.copy_(rnn.rnn.weight_ih_l0.data)
cell.weight_hh.data.copy_(rnn.rnn.weight_hh_l0.data)
cell.bias_ih.data.copy_(rnn.rnn.bias_ih_l0.data)
cell.bias_hh.data.copy_(rnn.rnn.bias_hh_l0.data)
h = torch.zeros(1, 16)
for i in range(window):
    h = cell(sequence[:, i], h)
_, state = rnn(sequence, None)
print("same state:", torch.allclose(h, state[0], atol=1e-5))
print("gradients:", [f"{p.grad.abs().max():.5f}" for p in rnn.parameters()])
