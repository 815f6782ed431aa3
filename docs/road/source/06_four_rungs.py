# %% [markdown]
# # 6 · Four rungs: from all by hand to all automatic
#
# The loop of lesson 5 has four parts: prediction, gradient, loss, update. A library can do each of them. We hand them over
# one rung at a time, and after each rung check that **nothing has changed**.
#
# | rung | prediction | gradient | loss | update |
# |---|---|---|---|---|
# | 1 | by hand | by hand | by hand | by hand |
# | 2 | by hand | autograd | by hand | by hand |
# | 3 | by hand | autograd | `MSELoss` | `SGD` |
# | 4 | `Linear` | autograd | `MSELoss` | `SGD` |

# %% tags=["explain"]
import chainrule
import chainrule.as_torch

# %%
import numpy as np
import torch

# %% [markdown]
# ## Rung 1: all by hand
#
# NumPy, and nothing but what was derived in lesson 5.

# %%
x = np.array([1, 2, 3, 4], dtype=np.float32)
y = np.array([2, 4, 6, 8], dtype=np.float32)

w = np.float32(0)
for step in range(20):
    y_pred = w * x
    loss = ((y_pred - y) ** 2).mean()
    gradient = (2 * x * (y_pred - y)).mean()
    w = w - np.float32(0.01) * gradient

print(f"w = {w:.6f}, loss = {loss:.6f}")

# %% [markdown]
# ## Rung 2: autograd finds the gradient
#
# The formula for the gradient is gone. `backward()` finds it; two things come in its place: `no_grad()` around the update
# (lesson 3) and zeroing (lesson 4).

# %%
X, Y = torch.tensor(x), torch.tensor(y)

w = torch.tensor(0.0, requires_grad=True)
for step in range(20):
    y_pred = w * X
    loss = ((y_pred - Y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.01 * w.grad
    w.grad.zero_()

print(f"w = {w.item():.6f}, loss = {loss.item():.6f}")

# %% [markdown]
# ## Rung 3: loss and update from the library
#
# `MSELoss` is the mean of the squares. `SGD` is $w \leftarrow w - \text{lr} \cdot \text{gradient}$, under `no_grad()`, for
# any number of weights.

# %%
w = torch.tensor(0.0, requires_grad=True)
loss_function = torch.nn.MSELoss()
optimizer = torch.optim.SGD([w], lr=0.01)
for step in range(20):
    y_pred = w * X
    loss = loss_function(y_pred, Y)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()

print(f"w = {w.item():.6f}, loss = {loss.item():.6f}")

# %% [markdown]
# ## Rung 4: the model too
#
# `Linear(1, 1)` holds the weight itself, and wants its samples as rows: shape (4, 1), not (4,). It would begin with a
# random weight; to compare, we begin with 0.

# %%
model = torch.nn.Linear(1, 1, bias=False)
torch.nn.init.zeros_(model.weight)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for step in range(20):
    loss = loss_function(model(X.reshape(4, 1)), Y.reshape(4, 1))
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()

print(f"w = {model.weight.item():.6f}, loss = {loss.item():.6f}")

# %% [markdown]
# The graph is that of lesson 1, with a product of matrices in the place of $w \cdot x$:

# %% tags=["explain"]
rows, targets = X.reshape(4, 1), Y.reshape(4, 1)
loss = loss_function(model(rows), targets)
chainrule.draw(loss)

# %% [markdown]
# Four programs, the same digits. What changed is only who writes them.
#
# ## Proven, not just printed
#
# The same last digit could be luck. `chainrule ladder` trains all four and compares losses, gradients and weights at
# **every** step:

# %% tags=["explain"]
climbed = chainrule.ladder.climb(show=False)
print(climbed)

# %% [markdown]
# ## Parting on purpose
#
# A rung may hold a part of your own. Here is an update with momentum: it remembers the last step. Is it plain descent?

# %% tags=["explain"]
velocity = 0.0


def momentum(w, gradient, lr):
    global velocity
    velocity = 0.9 * velocity + gradient
    return w - lr * velocity


for comparison in chainrule.ladder.climb([chainrule.ladder.Rung(updates=momentum), 2], show=False).comparisons:
    print(comparison)

# %% [markdown]
# The first step is the same, since there is nothing to remember yet. At the second, 0.9 of the first comes on top: it is
# twice as long, and the ladder names the part that did it.
#
# ## The update, term by term
#
# What will `optimizer.step()` do with this gradient? `explain_step` says it before it happens, and changes nothing.

# %% tags=["explain"]
w = torch.tensor(0.0, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.01, momentum=0.9)
((w * X - Y) ** 2).mean().backward()
optimizer.explain_step()

# %% [markdown]
# ## Your turn
#
# Each answer is put on a rung of its own, and trained beside autograd.
#
# ### Exercise 1
#
# The update, by hand.

# %% tags=["exercise"]
def update(w, gradient, lr):
    return ...


# %% tags=["explain", "mark"]
chainrule.mark(chainrule.ladder.Rung(updates=update))

# %% tags=["solution"]
def update(w, gradient, lr):
    return w - lr * gradient


# %% tags=["wrong"]
# says: its update adds lr · gradient, where descent subtracts it
def update(w, gradient, lr):
    return w + lr * gradient


# %% [markdown]
# ### Exercise 2
#
# The gradients of a line with bias, $\hat y = w x + b$, on samples of its own.

# %% tags=["exercise"]
def gradients(x, y, y_pred):
    dw = ...
    db = ...
    return dw, db


# %% tags=["explain", "mark"]
table = chainrule.ladder.Table([0.0, 1.0, 2.0], [1.0, 3.0, 5.0])
chainrule.mark(chainrule.ladder.Rung(gradients=gradients), table, lr=0.1)

# %% tags=["solution"]
def gradients(x, y, y_pred):
    dw = (2 * x * (y_pred - y)).mean()
    db = (2 * (y_pred - y)).mean()
    return dw, db


# %% tags=["wrong"]
# says: its gradient is 0.500 times the true one
def gradients(x, y, y_pred):
    dw = (x * (y_pred - y)).mean()
    db = (y_pred - y).mean()
    return dw, db


# %% [markdown]
# ### Exercise 3
#
# Rung 2 again, with a gap: something is missing in this loop. It should end where rung 2 does.

# %% tags=["exercise"]
def train():
    w = torch.tensor(0.0, requires_grad=True)
    for step in range(20):
        loss = ((w * X - Y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= 0.01 * w.grad
    return ...  # when the loop is complete, return w


# %% tags=["explain", "mark"]
chainrule.mark(train, climbed.reference.steps[-1].after["w"])

# %% tags=["solution"]
def train():
    w = torch.tensor(0.0, requires_grad=True)
    for step in range(20):
        loss = ((w * X - Y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= 0.01 * w.grad
        w.grad.zero_()
    return w


# %% tags=["wrong"]
# says: is 1.184 times the true value
def train():
    w = torch.tensor(0.0, requires_grad=True)
    for step in range(20):
        loss = ((w * X - Y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= 0.01 * w.grad
    return w


# %% [markdown]
# Next: [how large a step may be](07_learning_rate.ipynb).
