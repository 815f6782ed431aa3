"""Derivatives as functions: an ensemble, gradients per sample, Jacobians, Hessians, a neural tangent kernel, tangents."""

import torch
import torch.autograd.forward_ad as fwAD
import torch.nn as nn
import torch.nn.functional as F
from functools import partial
from torch.func import functional_call, grad, hessian, jacfwd, jacrev, jvp, stack_module_state, vjp, vmap

torch.manual_seed(0)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3)
        self.fc = nn.Linear(16, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv(x)), 1)
        return F.log_softmax(self.fc(x.flatten(1)), dim=1)


def show(*tensors):
    print(*[f"{tuple(t.shape)} {t.double().abs().sum().item():.4g}" for t in tensors])


data, targets = torch.randn(5, 8, 1, 4, 4), torch.randint(10, (8,))
models = [Net() for _ in range(5)]
params, buffers = stack_module_state(models)


def ensemble(params, buffers, x):
    return functional_call(models[0], (params, buffers), (x,))


show(vmap(ensemble)(params, buffers, data), vmap(ensemble, in_dims=(0, 0, None))(params, buffers, data[0]))

model = models[0]
params = {name: p.detach() for name, p in model.named_parameters()}


def loss(params, sample, target):
    return F.nll_loss(functional_call(model, params, (sample.unsqueeze(0),)), target.unsqueeze(0))


show(*vmap(grad(loss), in_dims=(None, 0, 0))(params, data[0], targets).values())
show(*vmap(grad(loss), in_dims=(None, 0, 0), chunk_size=3)(params, data[0], targets).values())


def predict(weight, bias, x):
    return F.linear(x, weight, bias).tanh()


w, b, x, batch = torch.randn(6, 6), torch.randn(6), torch.randn(6), torch.randn(4, 6)
J = jacrev(predict, argnums=2)(w, b, x)
show(J, hessian(predict, argnums=2)(w, b, x))
_, pull = vjp(partial(predict, w, b), x)
print(torch.allclose(J, jacfwd(predict, argnums=2)(w, b, x), 1e-4, 1e-5), torch.allclose(J, vmap(pull)(torch.eye(6))[0], 1e-4, 1e-5))
show(*vmap(jacrev(predict, argnums=(0, 1)), in_dims=(None, None, 0))(w, b, batch))
show(jvp(grad(lambda x: predict(w, b, x).sum()), (x,), (torch.ones(6),))[1])


def single(params, x):
    return functional_call(model, params, (x.unsqueeze(0),)).squeeze(0)


def kernel(x1, x2):
    j1, j2 = ([j.flatten(2) for j in vmap(jacrev(single), (None, 0))(params, x).values()] for x in (x1, x2))
    return sum(torch.einsum("Naf,Mbf->NMab", a, b) for a, b in zip(j1, j2))


def implicit(x1, x2):
    output, pull = vjp(lambda p: single(p, x1), params)
    return vmap(lambda v: jvp(lambda p: single(p, x2), (params,), pull(v))[1])(torch.eye(output.numel()))


K = kernel(data[0][:2], data[1][:2])
show(K)
print(torch.allclose(K, vmap(vmap(implicit, (None, 0)), (0, None))(data[0][:2], data[1][:2]), 1e-3, 1e-3))

layer, inputs = nn.Linear(5, 5), torch.randn(16, 5)
with fwAD.dual_level():
    for name, p in list(layer.named_parameters()):
        delattr(layer, name)
        setattr(layer, name, fwAD.make_dual(p, torch.rand_like(p)))
    show(fwAD.unpack_dual(layer(inputs)).tangent)
