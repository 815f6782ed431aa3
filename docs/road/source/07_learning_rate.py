# %% [markdown]
# # 7 · How large a step may be
#
# Two numbers are chosen before training begins: the learning rate, and how many steps to take. This lesson draws the map of
# both, and finds the border beyond which nothing is learned.

# %% tags=["explain"]
import chainrule
import chainrule.as_torch

# %%
import matplotlib.pyplot as plt
import torch

X = torch.tensor([1.0, 2.0, 3.0, 4.0])
Y = 2 * X

# %% [markdown]
# ## One step, in one line
#
# The gradient of $L = \frac1N\sum (w x_i - y_i)^2$ is $\lambda (w - 2)$, where $\lambda = \frac2N \sum x_i^2$ is how fast
# the slope itself changes: the **curvature**. So a step multiplies the distance to the goal by one fixed number:
#
# $$w - 2 \;\longleftarrow\; (1 - \text{lr} \cdot \lambda)\,(w - 2)$$

# %%
curvature = 2 * (X**2).mean()
print("λ =", curvature.item())
for lr in (0.01, 0.05, 1 / 15, 0.1, 2 / 15, 0.14):
    print(f"lr = {lr:.4f}: each step multiplies the distance by {1 - lr * curvature.item():+.2f}")

# %% [markdown]
# Read off what can happen:
#
# - between 0 and $1/\lambda$ the distance shrinks;
# - at $1/\lambda$ exactly, one step is enough;
# - between $1/\lambda$ and $2/\lambda$ every step jumps over the goal, and lands nearer;
# - beyond $2/\lambda$ it lands farther away each time.
#
# $\lambda$ is the second derivative of the loss. Autograd finds that too:

# %%
def loss_of(w):
    return ((w * X - Y) ** 2).mean()


print(torch.autograd.functional.hessian(loss_of, torch.tensor(0.0)))

# %% [markdown]
# ## The map
#
# Train with 120 learning rates at once. Each has a weight of its own, and since no weight touches another one's loss, one
# `backward()` gives each its own gradient (a diagonal Jacobian: lesson 2).

# %%
rates = torch.linspace(0.001, 0.15, 120)
w = torch.zeros(120, requires_grad=True)
losses = []
for step in range(41):
    each = ((w[:, None] * X - Y) ** 2).mean(1)  # (120,): one loss for each rate
    losses.append(each.detach())
    w.grad = None
    each.sum().backward()
    with torch.no_grad():
        w -= rates * w.grad
table = torch.stack(losses)  # (41, 120)

for column in (7, 52, 100, 115):
    print(f"lr = {rates[column].item():.3f}: loss {table[10, column].item():9.2e} after 10 steps, {table[40, column].item():9.2e} after 40")

# %%
figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
picture = axes.pcolormesh(rates, range(41), table.clamp(1e-6, 1e3).log10(), cmap="RdYlBu_r", vmin=-6, vmax=3, rasterized=True)
for place, name in ((1 / 15, "1/λ"), (2 / 15, "2/λ")):
    axes.axvline(place, color="black", linewidth=1.2, linestyle="--")
    axes.annotate(name, (place, 40), xytext=(0, 3), textcoords="offset points", ha="center", va="bottom")
axes.set(xlabel="learning rate", ylabel="number of steps")
figure.colorbar(picture, label="log₁₀ of the loss", extend="both")
plt.show()

# %% [markdown]
# Blue is learned. Left of $1/\lambda$ a higher rate needs fewer steps; right of it the valley closes again; at $2/\lambda$
# stands a wall, and behind it no number of steps helps.
#
# `chainrule.sweep` draws such a map for any training step: it takes a function that makes one, and lists of what to try. The
# runs become one program of machine code (lesson 10), and the curvature is measured, so the border is found without
# crossing it.

# %% tags=["explain", "machine"]
def make(lr):
    w = torch.tensor(0.0, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=lr)

    def step():
        optimizer.zero_grad()
        loss = ((w * X - Y) ** 2).mean()
        loss.backward()
        optimizer.step()
        return loss

    return step


print(chainrule.sweep(make, 40, lr=[0.001, 0.01, 0.03, 0.06, 0.09, 0.12, 0.13, 0.14]))

# %% [markdown]
# ## Two weights: the steepest direction decides
#
# With a bias the loss is a valley over the plane $(w, b)$, steep one way and flat the other. The curvatures of its two main
# directions are the eigenvalues of the **Hessian**, the table of second derivatives.

# %%
def loss_of_line(p):
    return ((p[0] * X + p[1] - Y) ** 2).mean()


H = torch.autograd.functional.hessian(loss_of_line, torch.zeros(2))
curvatures = torch.linalg.eigvalsh(H)
flat, steep = curvatures.tolist()
print("Hessian:", H)
print(f"curvatures: {flat:.4f} and {steep:.4f}")
print(f"largest learning rate: 2/{steep:.2f} = {2 / steep:.4f}")
print(f"at that rate the flat direction shrinks by {1 - 2 / steep * flat:.3f} a step")

# %% [markdown]
# The steep direction sets the limit, and the flat one has to live with it. Their quotient, the **condition number**, says how
# slow it gets. Three walks, 25 steps each: too careful, nearly too bold, too bold.

# %%
def walk(lr, steps=25):
    p = torch.tensor([0.5, 2.0], requires_grad=True)
    path = [p.tolist()]
    for _ in range(steps):
        (g,) = torch.autograd.grad(loss_of_line(p), p)
        with torch.no_grad():
            p -= lr * g
        path.append(p.tolist())
    return path


ws, bs = torch.linspace(-0.5, 4.5, 80), torch.linspace(-1.5, 3.5, 80)
valley = ((ws[None, :, None] * X + bs[:, None, None] - Y) ** 2).mean(2)
figure, places = plt.subplots(1, 3, figsize=(10, 3.4), sharey=True, layout="constrained")
for axes, lr in zip(places, (0.01, 0.11, 0.1225)):
    path = walk(lr)
    axes.contour(ws, bs, valley, levels=[0.05, 0.2, 0.5, 1, 2, 5, 10, 20, 40], colors="#b8c0c8", linewidths=0.8)
    axes.plot(*zip(*path), "o-", color="#d1603d" if lr > 2 / steep else "#3b6fb6", markersize=3, linewidth=1)
    axes.plot(2, 0, "k+", markersize=10)
    axes.set(title=f"lr = {lr}, {lr * steep / 2:.0%} of the limit", xlabel="w", xlim=(-0.5, 4.5), ylim=(-1.5, 3.5))
    print(f"lr = {lr}: after 25 steps w = {path[-1][0]:.3f}, b = {path[-1][1]:.3f}")
places[0].set_ylabel("b")
plt.show()

# %% [markdown]
# ## Somebody who measures
#
# The doctor finds the curvature by itself, where a loss grows:

# %% tags=["explain"]
with chainrule.doctor(show=False) as found:
    torch.manual_seed(0)
    model = torch.nn.Linear(1, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.2)
    for _ in range(30):
        loss = torch.nn.functional.mse_loss(model(X.reshape(4, 1)), Y.reshape(4, 1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
print(found)

# %% [markdown]
# ## Your turn
#
# All three are about the samples $x = (1, 2, 3)$ and $\hat y = w x$, without a bias.
#
# ### Exercise 1
#
# From which learning rate on does descent move away?

# %% tags=["exercise"]
answer = ...

# %% tags=["explain", "mark"]
samples = chainrule.ladder.Table([1.0, 2.0, 3.0], [2.0, 4.0, 6.0], bias=False)
chainrule.mark(answer, samples.largest_lr())

# %% tags=["solution"]
answer = 2 / (2 / 3 * (1 + 4 + 9))

# %% tags=["wrong"]
# says: is 0.333 times the true value
answer = 2 / (2 * (1 + 4 + 9))

# %% [markdown]
# ### Exercise 2
#
# With which learning rate is the goal reached in a single step?

# %% tags=["exercise"]
answer = ...

# %% tags=["explain", "mark"]
w = torch.tensor(0.0, requires_grad=True)
((w * torch.tensor([1.0, 2.0, 3.0]) - torch.tensor([2.0, 4.0, 6.0])) ** 2).mean().backward()
chainrule.mark(answer, 2.0 / -w.grad)

# %% tags=["solution"]
answer = 1 / (2 / 3 * (1 + 4 + 9))

# %% tags=["wrong"]
# says: is 2.000 times the true value
answer = 2 / (2 / 3 * (1 + 4 + 9))

# %% [markdown]
# ### Exercise 3
#
# At lr = 0.05, after how many steps is the distance to the goal below a thousandth of what it was? First by a formula; then
# count, if you like.

# %% tags=["exercise"]
def steps_needed(lr, curvature):
    return ...


# %% tags=["explain", "mark"]
distance, steps = 1.0, 0
while distance >= 0.001:
    distance, steps = distance * abs(1 - 0.05 * 28 / 3), steps + 1
chainrule.mark(steps_needed, steps, at=(0.05, 28 / 3))

# %% tags=["solution"]
import math


def steps_needed(lr, curvature):
    return math.ceil(math.log(0.001) / math.log(abs(1 - lr * curvature)))


# %% tags=["wrong"]
# says: 15 is 1.364 times the true value
def steps_needed(lr, curvature):
    return math.ceil(math.log(0.001) / -(lr * curvature))  # good for tiny rates only


# %% [markdown]
# Next: [from numbers to decisions](08_classes.ipynb).
