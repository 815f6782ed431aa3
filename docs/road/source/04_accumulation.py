# %% [markdown]
# # 4 · Why gradients accumulate
#
# `backward()` does not put the gradient into `.grad`. It **adds** it. That looks like a trap, and everybody falls into it
# once; but it is the chain rule, and it is useful.

# %% tags=["explain"]
import chainrule
import chainrule.as_torch

# %%
import torch

# %% [markdown]
# ## What happens
#
# The gradient of $w^2$ at $w = 1$ is 2. Three backward passes:

# %%
w = torch.tensor(1.0, requires_grad=True)
for turn in range(3):
    (w**2).backward()
    print("turn", turn + 1, " w.grad =", w.grad.item())

# %% [markdown]
# ## Why: gradients of a sum are sums of gradients
#
# Lesson 1 said: multiply along a path, add over the paths. If a weight is used in two places, its gradient is the sum of
# what comes back from both. Adding into `.grad` is how that sum is made.
#
# The two uses may even lie in two losses. $L = L_1 + L_2$, all at once or one after the other, is the same:

# %%
w = torch.tensor(3.0, requires_grad=True)
loss1 = (w * 2 - 1) ** 2
loss2 = w**3
(loss1 + loss2).backward(retain_graph=True)
print("together:      ", w.grad.item())

w.grad = None
loss1.backward()
loss2.backward()
print("one by one:    ", w.grad.item())

# %% [markdown]
# ## What it is good for
#
# The gradient over a large batch is a mean over its samples, and a mean can be made piece by piece. A batch too large for
# the memory is cut up; each piece adds its part, and then one step is taken. With 4 pieces of equal size each piece's mean
# counts for a quarter.

# %%
torch.manual_seed(0)
X, Y = torch.randn(32), torch.randn(32)

w = torch.tensor(0.5, requires_grad=True)
((w * X - Y) ** 2).mean().backward()
print(f"all 32 at once:   {w.grad.item():.6f}")

w.grad = None
for x, y in zip(X.split(8), Y.split(8)):
    (((w * x - y) ** 2).mean() / 4).backward()
print(f"4 pieces of 8:    {w.grad.item():.6f}")

# %% [markdown]
# ## The trap
#
# In a training loop every step wants its own gradient, so the old one has to go first. Here is the loop with and without
# that line, on $L = (w - 3)^2$.

# %%
def descend(zeroing, steps=60, lr=0.05):
    w = torch.tensor(0.0, requires_grad=True)
    path = [w.item()]
    for _ in range(steps):
        loss = (w - 3) ** 2
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
        if zeroing:
            w.grad.zero_()
        path.append(w.item())
    return path


with_zero, without = descend(True), descend(False)
print(f"with zeroing:    w = {with_zero[-1]:.4f}")
print(f"without zeroing: w = {without[-1]:.4f}")

# %%
import matplotlib.pyplot as plt

figure, axes = plt.subplots(figsize=(7, 3), layout="constrained")
axes.plot(without, color="#d1603d", label="gradients are never zeroed")
axes.plot(with_zero, color="#3b6fb6", label="zeroed after each step")
axes.axhline(3, color="#8a8a8a", linewidth=1, linestyle="--")
axes.set(xlabel="step", ylabel="w")
axes.spines[["top", "right"]].set_visible(False)
axes.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2)
plt.show()

# %% [markdown]
# Without the line, the step goes along the sum of all gradients there ever were. That sum only shrinks once $w$ is past
# the minimum, so $w$ swings around it like a weight on a spring, and never comes to rest.
#
# ## Somebody who notices
#
# No error is raised: adding up may be meant. `chainrule.doctor` watches the run, and tells what it saw.

# %% tags=["explain"]
with chainrule.doctor(show=False) as found:
    w = torch.tensor(0.0, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.05)
    for _ in range(20):
        loss = (w - 3) ** 2
        loss.backward()
        optimizer.step()

print(found)

# %% [markdown]
# ## Three ways to zero
#
# | | |
# |---|---|
# | `optimizer.zero_grad()` | all parameters of the optimizer; sets `.grad` to `None` |
# | `w.grad = None` | one tensor; the next `backward()` makes a new `.grad` |
# | `w.grad.zero_()` | one tensor; its `.grad` is kept and filled with zeros |
#
# And one that needs no zeroing, since it hands the gradient over and touches no `.grad`:

# %%
w = torch.tensor(1.0, requires_grad=True)
(g,) = torch.autograd.grad(w**2, w)
print("gradient", g.item(), " w.grad", w.grad)

# %% [markdown]
# ## Your turn
#
# ### Exercise 1
#
# $w = 2$. First `(w ** 3).backward()`, then `w.grad.zero_()`, then `(5 * w).backward()` twice. What does `w.grad` hold?

# %% tags=["exercise"]
answer = ...

# %% tags=["explain", "mark"]
w = torch.tensor(2.0, requires_grad=True)
(w**3).backward()
w.grad.zero_()
(5 * w).backward()
(5 * w).backward()
chainrule.mark(answer, w.grad)

# %% tags=["solution"]
answer = 5 + 5

# %% tags=["wrong"]
# says: 22 is 2.200 times the true value
answer = 12 + 5 + 5

# %% [markdown]
# ### Exercise 2
#
# Pieces of *unequal* size: 32 samples, cut into 24 and 8. What has each piece's mean to be multiplied with, so that the
# gradients add up to that of the whole batch?

# %% tags=["exercise"]
def gradient_by_pieces(w, X, Y):
    w.grad = None
    for x, y in zip(X.split(24), Y.split(24)):
        share = ...
        (((w * x - y) ** 2).mean() * share).backward()
    return w.grad


# %% tags=["explain", "mark"]
w = torch.tensor(0.5, requires_grad=True)
(whole,) = torch.autograd.grad(((w * X - Y) ** 2).mean(), w)
chainrule.mark(gradient_by_pieces, whole, at=(w, X, Y))

# %% tags=["solution"]
def gradient_by_pieces(w, X, Y):
    w.grad = None
    for x, y in zip(X.split(24), Y.split(24)):
        share = len(x) / len(X)
        (((w * x - y) ** 2).mean() * share).backward()
    return w.grad


# %% tags=["wrong"]
# says: is 1.092 times the true value
def gradient_by_pieces(w, X, Y):
    w.grad = None
    for x, y in zip(X.split(24), Y.split(24)):
        share = 1 / 2
        (((w * x - y) ** 2).mean() * share).backward()
    return w.grad


# %% [markdown]
# ### Exercise 3
#
# This loop takes a step after every **second** sample, with the sum of two gradients. Put the zeroing where it belongs.

# %% tags=["exercise"]
def train():
    w = torch.tensor(0.0, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.1)
    for step, x in enumerate([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]):
        ((w - x) ** 2).backward()
        if step % 2 == 1:
            optimizer.step()
            ...
    return ...  # when it is done, return w


# %% tags=["explain", "mark"]
w = 0.0
for pair in ((1.0, 2.0), (3.0, 4.0), (5.0, 6.0)):
    w -= 0.1 * sum(2 * (w - x) for x in pair)
chainrule.mark(train, w)

# %% tags=["solution"]
def train():
    w = torch.tensor(0.0, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.1)
    for step, x in enumerate([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]):
        ((w - x) ** 2).backward()
        if step % 2 == 1:
            optimizer.step()
            optimizer.zero_grad()
    return w


# %% tags=["wrong"]
# says: is 0.644 times the true value
def train():
    w = torch.tensor(0.0, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.1)
    for step, x in enumerate([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]):
        optimizer.zero_grad()  # every turn: the first of the two gradients is lost
        ((w - x) ** 2).backward()
        if step % 2 == 1:
            optimizer.step()
    return w


# %% [markdown]
# Next: [gradient descent by hand, and a gradient that was wrong](05_by_hand.ipynb).
