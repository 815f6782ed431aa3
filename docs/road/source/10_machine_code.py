# %% [markdown]
# # 10 · From the model to the machine code
#
# A training step is a few lines of Python, and at the bottom a processor adds and multiplies. This lesson walks down from
# the one to the other, and looks at each landing.

# %% tags=["explain"]
import chainrule
import chainrule.as_torch

# %%
import torch

# %% [markdown]
# ## The top: a step
#
# Rung 3 of lesson 6, as a function.

# %%
X = torch.tensor([1.0, 2.0, 3.0, 4.0])
Y = 2 * X
w = torch.tensor(0.0, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.01)


def step():
    y_pred = w * X
    loss = ((y_pred - Y) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


for _ in range(3):
    print(f"loss {step().item():.4f}, w = {w.item():.4f}")

# %% [markdown]
# ## An operation says its mathematics once
#
# Each operation in the step is a small class that states a formula and its derivative. Everything else is *read off* these
# lines: what is computed, the backward pass, the formulas in `explain`, and the machine code below. This is the whole of
# the sigmoid:

# %% tags=["explain", "machine"]
import inspect

from chainrule.ops.activations import Sigmoid

print(inspect.getsource(Sigmoid))
print("read on symbols:", Sigmoid().formula_text(), "   ", Sigmoid().derivative_text())

# %% [markdown]
# ## First landing: the list of operations
#
# Python does not know what a step will do before it does it. So `chainrule.compile` lets it run, and writes down what
# happened: forward pass, backward pass and update, as one list. `%10` is worked out from `%1`, and so on; behind each line
# stands the line of Python that it comes from.

# %% tags=["explain"]
fast = chainrule.compile(step)
for _ in range(3):
    print(f"loss {fast().item():.4f}, w = {w.item():.4f}")
print(fast)

# %% tags=["explain", "machine"]
print(fast.show("program"))

# %% [markdown]
# Find the chain rule in it: one of the lines adds the error to itself (that is $2(\hat y - y)$), one multiplies it by $X$,
# and one sums up. No step of it was left to be found out while it runs.
#
# ## Second landing: loops
#
# Operations on the same entries are put into one loop: load a number, do all that is to be done with it, store the result.
# `f32x4` are four numbers of 32 bits that the processor handles as one.

# %% tags=["explain", "machine"]
print(fast.show("loops"))

# %% [markdown]
# Why loops are joined: memory is slow. Take $y = a x + b$ on arrays of a million numbers. As two operations the product is
# written to memory, and read again for the sum; in one loop it never leaves the processor. For longer formulas the
# difference is larger.
#
# ## Third landing: LLVM
#
# The loops are written down in the language of LLVM, a program that knows the instructions of most processors. One
# instruction of ours becomes one or two of its. The first lines:

# %% tags=["explain", "machine"]
print("\n".join(fast.show("llvm").splitlines()[:16]))

# %% [markdown]
# ## The ground: instructions
#
# LLVM makes of it what this processor executes: the **whole training step**, forward pass, backward pass and update. Near the
# end a jump leads back up to a label, for the next step. (On your computer it may look different: other processors have
# other instructions.)

# %% tags=["explain", "machine"]
lines = fast.show("assembly").splitlines()
print("\n".join(line for line in lines if line and not line.startswith("\t.")))

# %% [markdown]
# ## Is it still the same?
#
# Nothing of this is of use if the numbers change. So before machine code takes over, it is run on copies and compared; and
# it can be asked again at any time.

# %% tags=["explain", "machine"]
print(fast.difference())

# %% [markdown]
# ## What it was for
#
# Time for one step: in Python, compiled and called from Python, and many steps in one call. (Yours will be others; what
# counts is the ratio.)

# %% tags=["explain", "machine"]
from time import perf_counter

import matplotlib.pyplot as plt


def microseconds(run, steps):
    best = float("inf")
    for _ in range(5):
        start = perf_counter()
        run()
        best = min(best, perf_counter() - start)
    return best / steps * 1e6


times = {
    "Python": microseconds(lambda: [step() for _ in range(200)], 200),
    "compiled": microseconds(lambda: [fast() for _ in range(200)], 200),
    "repeat(10,000)": microseconds(lambda: fast.repeat(10_000), 10_000),
}
figure, axes = plt.subplots(figsize=(6.5, 1.9), layout="constrained")
bars = axes.barh(list(times), list(times.values()), color=["#8a8a8a", "#3b6fb6", "#d1603d"])
axes.bar_label(bars, [f"{t:.3g} µs" for t in times.values()], padding=4)
axes.set(xscale="log", xlabel="microseconds for a step", xlim=(min(times.values()) / 2, max(times.values()) * 4))
axes.invert_yaxis()
axes.spines[["top", "right"]].set_visible(False)
plt.show()

# %% [markdown]
# ## Your turn
#
# ### Exercise 1
#
# $y = a x + b$ with arrays of a million numbers of 4 bytes. How many megabytes go to and from memory, as two operations, and
# as one loop? A list of two numbers.

# %% tags=["exercise"]
answer = ...

# %% tags=["explain", "mark"]
number = 4 * 1_000_000 / 1e6  # megabytes of one array
two_operations = (2 + 1) * number + (2 + 1) * number  # each reads two arrays and writes one
chainrule.mark(answer, [two_operations, (3 + 1) * number])

# %% tags=["solution"]
answer = [24, 16]  # a, x → product; product, b → y. In one loop: a, x, b → y

# %% tags=["wrong"]
# says: 1 of 2 entries are right; entry 0 is 20
answer = [20, 16]

# %% [markdown]
# ### Exercise 2
#
# Processors have no instruction for $e^x$. Near 0 it is a polynomial, $1 + x + \frac{x^2}{2} + \frac{x^3}{6}$, and a
# processor likes to compute it from the inside out: one multiplication and one addition for each power. Write it with three
# multiplications by `x`, and no power.

# %% tags=["exercise"]
def polynomial(x):
    return ...


# %% tags=["explain", "mark"]
x = torch.tensor([-0.3, -0.1, 0.0, 0.2, 0.4])
chainrule.mark(polynomial, 1 + x + x**2 / 2 + x**3 / 6, at=x)

# %% tags=["solution"]
def polynomial(x):
    return 1 + x * (1 + x * (1 / 2 + x * (1 / 6)))


# %% tags=["wrong"]
# says: 2 of 5 entries are right
def polynomial(x):
    return 1 + x * (1 + x * (1 / 2 + x))


# %% [markdown]
# ### Exercise 3
#
# An operation of your own: $y = x\,\sigma(x)$, which many networks use. Write its rule, from the upstream gradient `g`. Then
# everything above works for it too.

# %% tags=["exercise"]
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        s = torch.sigmoid(x)
        return ...


# %% tags=["explain", "mark"]
chainrule.mark(Swish, at=torch.tensor([-2.0, 0.0, 1.5]))

# %% tags=["solution"]
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        s = torch.sigmoid(x)
        return g * (s + x * s * (1 - s))  # two paths: x itself, and x through σ


# %% tags=["wrong"]
# says: Jacobian mismatch
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        s = torch.sigmoid(x)
        return g * x * s * (1 - s)


# %% [markdown]
# The road ends here. [All lessons](README.md).
