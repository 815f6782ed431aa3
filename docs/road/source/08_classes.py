# %% [markdown]
# # 8 · From numbers to decisions: logistic regression and softmax
#
# Until now the target was a number. Now it is a class: spam or not, one of ten digits. The model still computes numbers,
# **scores**; what is new is how scores become probabilities, and which loss fits them.

# %% tags=["explain"]
import chainrule
import chainrule.as_torch

# %%
import matplotlib.pyplot as plt
import torch

# %% [markdown]
# ## A score becomes a probability
#
# The sigmoid squeezes any number into $(0, 1)$:
#
# $$p = \sigma(z) = \frac{1}{1 + e^{-z}}$$
#
# A score of 0 means undecided, and each further point multiplies the odds by $e$.

# %%
for z in (-4.0, -1.0, 0.0, 1.0, 4.0):
    p = torch.sigmoid(torch.tensor(z)).item()
    print(f"z = {z:4}: p = {p:.4f}, odds {p / (1 - p):.3f}")

# %% [markdown]
# ## The loss: how surprised one is
#
# If the class was 1 and the model had given it the probability $p$, the loss is $-\log p$: nothing for $p = 1$, and without
# bound for a model that was sure of the opposite. For class 0 it is $-\log(1 - p)$. In one formula, the **cross-entropy**:
#
# $$L = -y \log p - (1 - y)\log(1 - p)$$
#
# Why not squares? Look at the slopes. A model that is badly wrong ($y = 1$, and a score of $-6$) should be pushed hard. The
# squared error of $p$ hardly pushes at all: the sigmoid is flat out there, and its flatness is a factor in the chain.

# %%
z = torch.linspace(-8, 8, 161, requires_grad=True)
p = torch.sigmoid(z)
(by_squares,) = torch.autograd.grad(((p - 1) ** 2).sum(), z, retain_graph=True)
(by_entropy,) = torch.autograd.grad(-torch.log(p).sum(), z)

figure, axes = plt.subplots(figsize=(7, 3), layout="constrained")
axes.plot(z.detach(), by_entropy, color="#3b6fb6", label="cross-entropy")
axes.plot(z.detach(), by_squares, color="#d1603d", label="squared error")
axes.set(xlabel="score z, where the class is 1", ylabel="slope ∂L/∂z")
axes.spines[["top", "right"]].set_visible(False)
axes.legend(frameon=False)
plt.show()

# %% [markdown]
# ## Two factors that cancel
#
# For $y = 1$ the chain rule says $\frac{\partial L}{\partial p} = -\frac1p$ and
# $\frac{\partial p}{\partial z} = p(1-p)$. Their product is $p - 1$. With $y = 0$ it is $p$. In one formula:
#
# $$\frac{\partial L}{\partial z} = p - y$$
#
# What was predicted minus what was true. The steep logarithm makes up for the flat sigmoid, exactly. Here it is for
# $y = 1$ and a score of $-1$; look at the last line.

# %% tags=["explain"]
z = torch.tensor(-1.0, requires_grad=True)
p = torch.sigmoid(z)
loss = -torch.log(p)
print(chainrule.explain(loss))

# %% [markdown]
# ## Two clouds
#
# Two classes of points in the plane, 100 each, and one score for each point, $z = x \cdot w + b$.

# %%
torch.manual_seed(0)
X = torch.cat([torch.randn(100, 2) + torch.tensor([-1.0, -1.0]), torch.randn(100, 2) + torch.tensor([1.5, 1.0])])
y = torch.cat([torch.zeros(100), torch.ones(100)])

w, b = torch.zeros(2), torch.tensor(0.0)
for step in range(101):
    p = torch.sigmoid(X @ w + b)
    if step % 25 == 0:
        loss = -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()
        right = ((p > 0.5) == (y == 1)).float().mean()
        print(f"step {step:3}: loss {loss.item():.4f}, {right.item():.1%} right")
    error = (p - y) / len(y)  # ∂L/∂z, by hand
    w -= 1.0 * (X.T @ error)  # vᵀJ: lesson 2
    b -= 1.0 * error.sum()

# %% [markdown]
# Where the score is 0 lies the border between the classes: a straight line. The shades are the probability.

# %%
axis = torch.linspace(-4, 4.5, 120)
grid = torch.sigmoid(axis[None, :] * w[0] + axis[:, None] * w[1] + b)
figure, axes = plt.subplots(figsize=(5, 4.2), layout="constrained")
axes.pcolormesh(axis, axis, grid, cmap="RdBu_r", alpha=0.45, vmin=0, vmax=1, rasterized=True)
axes.contour(axis, axis, grid, levels=[0.5], colors="black", linewidths=1)
axes.scatter(X[:100, 0], X[:100, 1], s=12, color="#2f5d9e", label="class 0")
axes.scatter(X[100:, 0], X[100:, 1], s=12, color="#b5452a", label="class 1")
axes.set(xlabel="x₀", ylabel="x₁")
axes.legend(frameon=False, loc="lower right")
plt.show()

# %% [markdown]
# The library's loss takes the *score*, not the probability, and computes both steps at once. The gradient is the same.

# %%
layer = torch.nn.Linear(2, 1)
torch.nn.init.zeros_(layer.weight)
torch.nn.init.zeros_(layer.bias)
optimizer = torch.optim.SGD(layer.parameters(), lr=1.0)
for _ in range(101):
    loss = torch.nn.functional.binary_cross_entropy_with_logits(layer(X).reshape(-1), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print("by hand:    ", [round(value, 4) for value in [*w.tolist(), b.item()]])
print("the library:", [round(value, 4) for value in [*layer.weight[0].tolist(), layer.bias.item()]])

# %% [markdown]
# ## More than two: softmax
#
# With $K$ classes there are $K$ scores. Softmax makes positive numbers of them, and divides by their sum:
#
# $$p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}$$

# %%
z = torch.tensor([2.0, 1.0, -1.0])
print(torch.softmax(z, 0))
print(torch.softmax(z + 100, 0))  # only differences count

# %% [markdown]
# The loss is again $-\log$ of the probability that the true class got, and again everything cancels:
#
# $$\frac{\partial L}{\partial z} = p - \text{onehot}(y)$$

# %% tags=["explain"]
scores = torch.tensor([[2.0, 1.0, -1.0]], requires_grad=True)
target = torch.tensor([1])
loss = torch.nn.functional.cross_entropy(scores, target)
print(chainrule.explain(loss))

# %% [markdown]
# ## Too large for an exponential
#
# $e^{100}$ is more than float32 can hold. Then softmax as written above is ∞/∞, which is no number; and one `nan` in a loss
# makes every weight `nan`. Since only differences count, subtract the largest score first: the exponentials are then at
# most 1. The library does.

# %%
z = torch.tensor([100.0, 99.0, 0.0])
print("as written:", torch.exp(z) / torch.exp(z).sum())
print("shifted:   ", torch.exp(z - z.max()) / torch.exp(z - z.max()).sum())
print("library:   ", torch.softmax(z, 0))

# %% [markdown]
# ## Your turn
#
# ### Exercise 1
#
# Scores $(\log 6, \log 3, \log 1)$, and class 0 is the true one. What is the gradient of the loss with respect to the
# scores? By hand: a list of three numbers.

# %% tags=["exercise"]
answer = ...

# %% tags=["explain", "mark"]
scores = torch.tensor([[6.0, 3.0, 1.0]]).log().requires_grad_()
torch.nn.functional.cross_entropy(scores, torch.tensor([0])).backward()
chainrule.mark(answer, scores.grad[0])

# %% tags=["solution"]
answer = [0.6 - 1, 0.3, 0.1]

# %% tags=["wrong"]
# says: 2 of 3 entries are right; entry 0 is 0.6
answer = [0.6, 0.3, 0.1]

# %% [markdown]
# ### Exercise 2
#
# The gradient of logistic regression: of the mean cross-entropy over all samples, with respect to the weights. `p` are the
# predicted probabilities, `x` has a row for each sample.

# %% tags=["exercise"]
def gradient(x, y, p):
    return ...


# %% tags=["explain", "mark"]
def probability(x, w):
    return torch.sigmoid(x @ w)


def cross_entropy(y, p):
    return -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()


points = [torch.tensor([0.0, 0.0]), torch.tensor([1.0, -0.5]), torch.tensor([-1.0, 2.0])]
chainrule.mark(gradient, cross_entropy, at=points, data={"x": X.numpy(), "y": y.numpy()}, prediction=probability)

# %% tags=["solution"]
def gradient(x, y, p):
    return x.T @ (p - y) / len(y)


# %% tags=["wrong"]
# says: the loss takes a mean over N = 200
def gradient(x, y, p):
    return x.T @ (p - y)


# %% [markdown]
# ### Exercise 3
#
# Write $\log p_k = z_k - \log \sum_j e^{z_j}$ so that it survives scores in the thousands.

# %% tags=["exercise"]
def log_softmax(z):
    return ...


# %% tags=["explain", "mark"]
z = torch.tensor([1000.0, 1001.0, 999.0])
chainrule.mark(log_softmax, torch.log_softmax(z, 0), at=z)

# %% tags=["solution"]
def log_softmax(z):
    z = z - z.max()
    return z - torch.log(torch.exp(z).sum())


# %% tags=["wrong"]
# says: is no number to compute with
def log_softmax(z):
    return z - torch.log(torch.exp(z).sum())


# %% [markdown]
# Next: [steps that know the curvature](09_newton.ipynb).
