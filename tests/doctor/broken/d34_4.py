"""random initial weights, no seed, in functions."""
import torch


def init(n):
    return (torch.rand(n, 1) - 0.5).requires_grad_()


def main():
    x = torch.arange(24.0).reshape(8, 3) / 24
    y = x.mean(1, keepdim=True)
    w = init(3)
    for _ in range(10):
        loss = ((x @ w - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= 0.3 * w.grad
            w.grad.zero_()
    print(w)


main()
