# %% [markdown]
# # 3 · Three ways to leave the graph
#
# Every operation on a tensor that wants gradients is recorded, so that `backward()` finds its way. Sometimes that is not
# what you want: when you only predict, when you update a weight, when a number is to count as given. There are three ways
# to keep something out of the graph, and each of them means something else.

# %% tags=["explain"]
import chainrule
import chainrule.as_torch

# %%
import torch

# %% [markdown]
# How to see whether a tensor is in the graph: it has a `grad_fn`, the operation that made it, and `requires_grad` is true.

# %%
w = torch.tensor(3.0, requires_grad=True)
square = w**2
print(square)
print(square.requires_grad)

# %% [markdown]
# ## 1. `detach()`: the same number without its past
#
# `w.detach()` is a tensor with the same value that does not know where it came from. Nothing else changes: `w` stays in
# the graph, only paths **through the detached tensor** end there.
#
# Here $w$ appears twice in $w \cdot w$, once detached. The detached one counts as the number 3, so the slope is that of
# $3w$, which is 3, and not that of $w^2$, which is 6.

# %%
product = w * w.detach()
product.backward(retain_graph=True)
print("value", product.item(), " gradient", w.grad.item())

# %% tags=["explain"]
given = w.detach()
product = w * given
chainrule.draw(product)

# %% [markdown]
# ## 2. `no_grad()`: nothing is recorded for a while
#
# Within `with torch.no_grad():` operations only compute. Use it to predict (nothing has to be kept for a backward pass
# that never comes) and to update weights (the update is no part of the model).

# %%
with torch.no_grad():
    prediction = 2 * w + 1
print(prediction, prediction.requires_grad)

# %% [markdown]
# After the block everything is as before: `w` still wants gradients.

# %%
print((2 * w + 1).requires_grad)

# %% [markdown]
# ## 3. `requires_grad_(False)`: this tensor wants no gradient any more
#
# It is said of a tensor, not of a stretch of code, and it lasts until you take it back. It is the way to **freeze** a part
# of a model: what is not frozen goes on learning.

# %%
frozen = torch.tensor(2.0, requires_grad=True).requires_grad_(False)
free = torch.tensor(5.0, requires_grad=True)
y = frozen * free
y.backward()
print("frozen:", frozen.grad, " free:", free.grad)

# %% [markdown]
# ## Side by side
#
# | | what it is said of | how long | typical use |
# |---|---|---|---|
# | `t.detach()` | one result | a new tensor; `t` is as it was | a target that counts as given; a number to print or plot |
# | `torch.no_grad()` | a stretch of code | until the end of the block | prediction, updates |
# | `t.requires_grad_(False)` | a leaf, such as a weight | until it is taken back | freezing layers |
#
# One thing to know about `detach()`: both tensors share the **same memory**. Writing into one writes into the other.

# %%
t = torch.tensor([1.0, 2.0], requires_grad=True)
copy = t.detach()
copy[0] = 100.0
print(t)

# %% [markdown]
# (`t.detach().clone()` has memory of its own.)
#
# ## Leaving by mistake
#
# The most common error message of the field says that somebody left the graph who should not have. chainrule says where.

# %% tags=["explain"]
x, y = torch.tensor([1.0, 2.0]), torch.tensor([2.0, 4.0])
w = torch.tensor(0.0, requires_grad=True)
prediction = (w * x).detach()
loss = ((prediction - y) ** 2).mean()
try:
    loss.backward()
except RuntimeError as error:
    print(error)

# %% [markdown]
# ## Your turn
#
# ### Exercise 1
#
# What is the gradient of $w$ here, at $w = 3$: `(w ** 2 + w.detach() ** 2) * w`? First by hand.

# %% tags=["exercise"]
answer = ...

# %% tags=["explain", "mark"]
w = torch.tensor(3.0, requires_grad=True)
((w**2 + w.detach() ** 2) * w).backward()
chainrule.mark(answer, w.grad)

# %% tags=["solution"]
answer = 3 * 3.0**2 + 3.0**2  # of w³ and of 9·w

# %% tags=["wrong"]
# says: 54 is 1.500 times the true value
answer = 6 * 3.0**2

# %% [markdown]
# ### Exercise 2
#
# In reinforcement learning a prediction is compared with a target that comes from the same weight:
# $L = (2w - t)^2$ with $t = 1 + 0.9 \cdot 3w$. The target is to count as given: no gradient flows through it. Fill in the
# target.

# %% tags=["exercise"]
def slope():
    w = torch.tensor(1.0, requires_grad=True)
    target = ...
    loss = (2 * w - target) ** 2
    loss.backward()
    return w.grad


# %% tags=["explain", "mark"]
w = torch.tensor(1.0, requires_grad=True)
((2 * w - 3.7) ** 2).backward()
chainrule.mark(slope, w.grad)

# %% tags=["solution"]
def slope():
    w = torch.tensor(1.0, requires_grad=True)
    target = (1 + 0.9 * 3 * w).detach()
    loss = (2 * w - target) ** 2
    loss.backward()
    return w.grad


# %% tags=["wrong"]
# says: 2.38 is −0.350 times the true value
def slope():
    w = torch.tensor(1.0, requires_grad=True)
    target = 1 + 0.9 * 3 * w
    loss = (2 * w - target) ** 2
    loss.backward()
    return w.grad


# %% [markdown]
# ### Exercise 3
#
# A staircase cannot learn: `round()` is flat between its steps, so its gradient is 0. Make a tensor that has the *value* of
# `x.round()` and the *gradient* of `x`. One line with `detach()` does it.

# %% tags=["exercise"]
def value_and_slope():
    x = torch.tensor([0.2, 1.7, -3.6], requires_grad=True)
    y = ...
    y.sum().backward()
    return torch.stack([y.detach(), x.grad])


# %% tags=["explain", "mark"]
chainrule.mark(value_and_slope, torch.tensor([[0.0, 2.0, -4.0], [1.0, 1.0, 1.0]]))

# %% tags=["solution"]
def value_and_slope():
    x = torch.tensor([0.2, 1.7, -3.6], requires_grad=True)
    y = x + (x.round() - x).detach()
    y.sum().backward()
    return torch.stack([y.detach(), x.grad])


# %% tags=["wrong"]
# says: 3 of 6 entries are right; entry [1, 0] is 0, which is 1 away
def value_and_slope():
    x = torch.tensor([0.2, 1.7, -3.6], requires_grad=True)
    y = x.round()
    y.sum().backward()
    return torch.stack([y.detach(), x.grad])


# %% [markdown]
# Next: [why gradients add up in `.grad`](04_accumulation.ipynb).
