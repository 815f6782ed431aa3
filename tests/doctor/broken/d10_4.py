"""retain_graph=True hides that the state leads back through all earlier iterations."""
import torch

torch.manual_seed(0)
w = torch.tensor(0.3, requires_grad=True)
state = torch.zeros(6)
for step in range(12):
    x = torch.randn(6)
    state = torch.tanh(w * x + 0.5 * state)
    loss = (state - x).pow(2).mean()
    loss.backward(retain_graph=True)
    w.data -= 0.05 * w.grad
    w.grad = None
