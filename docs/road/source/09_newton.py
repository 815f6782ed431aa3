# %% [markdown]
# # 9 · Newton's method against gradient descent
#
# Gradient descent knows the slope, and guesses how far to go: that guess is the learning rate. Newton's method also asks how
# fast the slope changes, and *computes* how far to go.

# %% tags=["explain"]
import chainrule
import chainrule.as_torch

# %%
import matplotlib.pyplot as plt
import torch

torch.set_default_dtype(torch.float64)  # this lesson counts digits, and wants many

# %% [markdown]
# ## The step
#
# Near a point the loss looks like a parabola with the same slope $g$ and the same curvature $h$. A parabola's bottom is known
# exactly: go
#
# $$w \;\longleftarrow\; w - \frac{g}{h}$$
#
# That is gradient descent with a learning rate of $1/h$, a new one at every point. (Lesson 7: at $1/\lambda$ one step is
# enough.) Here it is on $L(w) = e^w - 2w$, whose bottom is at $\log 2$:

# %%
def loss_of(w):
    return torch.exp(w) - 2 * w


w = torch.tensor(2.0)
ws = torch.linspace(-0.8, 2.4, 200)
figure, axes = plt.subplots(figsize=(6.5, 3.6), layout="constrained")
axes.plot(ws, loss_of(ws), color="black", label="L(w)")
for color in ("#d1603d", "#3b6fb6"):
    g, h = torch.exp(w) - 2, torch.exp(w)
    parabola = loss_of(w) + g * (ws - w) + h / 2 * (ws - w) ** 2
    axes.plot(ws, parabola, color=color, linewidth=1, linestyle="--")
    axes.plot(w, loss_of(w), "o", color=color)
    w = w - g / h
    axes.plot(w, loss_of(w), "o", color=color, markerfacecolor="white")
axes.set(xlabel="w", ylabel="loss", ylim=(0, 4.5))
axes.spines[["top", "right"]].set_visible(False)
plt.show()

# %% [markdown]
# Each dashed parabola touches the loss at the filled point of its colour. Its bottom says where to go: there the next
# parabola is laid.
#
# ## Digits double
#
# Gradient descent multiplies the distance to the goal by about the same number in each step: it wins a fixed number of
# digits. Newton about **squares** the distance: the number of right digits doubles.

# %%
goal = torch.log(torch.tensor(2.0))
by_newton, by_descent = torch.tensor(2.0), torch.tensor(2.0)
print("step   Newton's distance   descent's (lr 0.2)")
for step in range(7):
    print(f"{step:4}   {abs(by_newton - goal).item():17.1e}   {abs(by_descent - goal).item():18.1e}")
    by_newton = by_newton - (torch.exp(by_newton) - 2) / torch.exp(by_newton)
    by_descent = by_descent - 0.2 * (torch.exp(by_descent) - 2)

# %% [markdown]
# ## Many weights: divide by a table
#
# With several weights the slope is a vector $g$ and the curvature a table, the Hessian $H$. "Dividing" by it means solving a
# system of linear equations:
#
# $$H d = g, \qquad w \leftarrow w - d$$
#
# On the valley of lesson 7, steep one way and flat the other, descent crawls. A Newton step knows both directions, and is
# done: the loss *is* a parabola there.

# %%
x = torch.tensor([1.0, 2.0, 3.0, 4.0])
y = 2 * x


def valley(p):
    return ((p[0] * x + p[1] - y) ** 2).mean()


p = torch.tensor([0.5, 2.0])
g = torch.autograd.functional.jacobian(valley, p)
H = torch.autograd.functional.hessian(valley, p)
print("before:", p.tolist())
print("after: ", [round(value, 10) + 0.0 for value in (p - torch.linalg.solve(H, g)).tolist()])

# %% [markdown]
# ## A race
#
# Logistic regression, lesson 8, is no parabola, so one step is not enough. Both methods start at 0; what is plotted is how
# far the loss still is above its lowest value.

# %%
torch.manual_seed(0)
X = torch.cat([torch.randn(100, 2) + torch.tensor([-1.0, -1.0]), torch.randn(100, 2) + torch.tensor([1.5, 1.0])])
X = torch.cat([X, torch.ones(200, 1)], 1)  # a column of ones: its weight is the bias
y = torch.cat([torch.zeros(100), torch.ones(100)])


def entropy(w):
    return torch.nn.functional.binary_cross_entropy_with_logits(X @ w, y)


def newton_step(w):
    g = torch.autograd.functional.jacobian(entropy, w)
    H = torch.autograd.functional.hessian(entropy, w)
    return w - torch.linalg.solve(H, g)


def descent_step(w):
    return w - 2.0 * torch.autograd.functional.jacobian(entropy, w)


def race(step, count):
    w, losses = torch.zeros(3), []
    for _ in range(count):
        losses.append(entropy(w).item())
        w = step(w)
    return losses


newton, descent = race(newton_step, 10), race(descent_step, 60)
best = min(newton)
for name, losses in (("Newton", newton), ("descent", descent)):
    for digits in (2, 4, 6):
        needed = next((i for i, loss in enumerate(losses) if loss - best < 10**-digits), None)
        print(f"{name:8} within 1e-{digits} of the best after {needed if needed is not None else 'more than 60'} steps")

# %%
figure, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
axes.semilogy([loss - best for loss in descent], ".-", color="#d1603d", label="gradient descent, lr 2")
axes.semilogy([loss - best for loss in newton if loss - best > 1e-15], "o-", color="#3b6fb6", label="Newton")
axes.set(xlabel="step", ylabel="loss above the best")
axes.spines[["top", "right"]].set_visible(False)
axes.legend(frameon=False)
plt.show()

# %% [markdown]
# ## Why networks are not trained this way
#
# A step is dear. With $n$ weights the Hessian has $n^2$ entries, and solving takes about $n^3/3$ multiplications.

# %%
for n in (10, 1000, 1_000_000):
    print(f"{n:>9,} weights: gradient {n:>9,} numbers, Hessian {n**2:>17,}, to solve {n**3 // 3:>23,}")

# %% [markdown]
# And it can go wrong. Where the loss curves *downwards*, the parabola has a top instead of a bottom, and Newton goes there.
# $L(w) = w^4 - 2w^2$ has its minima at $\pm 1$ and a maximum at 0:

# %%
def double_well(w):
    return w**4 - 2 * w**2


w = torch.tensor(0.3)
for step in range(4):
    print(f"w = {w.item():+.6f}, loss = {double_well(w).item():+.6f}")
    g = torch.autograd.functional.jacobian(double_well, w)
    h = torch.autograd.functional.hessian(double_well, w)
    w = w - g / h

# %% [markdown]
# The loss *rose*, to the top. A careful Newton takes the curvature without its sign, and halves a step that would raise the
# loss. `chainrule.optim.Newton` is careful:

# %% tags=["explain"]
w = torch.tensor(0.3, requires_grad=True)
optimizer = chainrule.optim.Newton([w])
for step in range(6):
    optimizer.step(lambda: double_well(w))
    print(f"w = {w.item():+.6f}, loss = {double_well(w).item():+.6f}")

# %% [markdown]
# ## Your turn
#
# ### Exercise 1
#
# $L(w) = w^4$, at $w = 3$. Where does one Newton step lead? By hand.

# %% tags=["exercise"]
answer = ...

# %% tags=["explain", "mark"]
def fourth(w):
    return w**4


w = torch.tensor(3.0)
slope, curvature = torch.autograd.functional.jacobian(fourth, w), torch.autograd.functional.hessian(fourth, w)
chainrule.mark(answer, w - slope / curvature)

# %% tags=["solution"]
answer = 3 - 4 * 3**3 / (12 * 3**2)

# %% tags=["wrong"]
# says: 0 is 2 away from the true value
answer = 3 - 4 * 3**3 / (4 * 3**2)

# %% [markdown]
# ### Exercise 2
#
# Newton's method is older than calculus with losses: it finds square roots. $\sqrt{a}$ is where $L(w) = \frac13 w^3 - a w$
# is flat. Write the step, without autograd.

# %% tags=["exercise"]
def root_step(w, a):
    return ...


# %% tags=["explain", "mark"]
def cubic(w):
    return w**3 / 3 - 5 * w


w = torch.tensor(2.0)
slope, curvature = torch.autograd.functional.jacobian(cubic, w), torch.autograd.functional.hessian(cubic, w)
chainrule.mark(root_step, w - slope / curvature, at=(2.0, 5.0))

# %% tags=["solution"]
def root_step(w, a):
    return w - (w**2 - a) / (2 * w)  # the mean of w and a/w


# %% tags=["wrong"]
# says: 2.5 is 1.111 times the true value
def root_step(w, a):
    return w - (w**2 - a) / 2


# %% [markdown]
# ### Exercise 3
#
# A step for several weights that never goes uphill along a direction that curves downwards: split $H$ into its main directions,
# `values, V = torch.linalg.eigh(H)`, take the absolute values of the curvatures, and put it together again:
# $d = V\, |\Lambda|^{-1} V^\top g$.

# %% tags=["exercise"]
def careful_step(g, H):
    values, V = torch.linalg.eigh(H)
    return ...


# %% tags=["explain", "mark"]
H = torch.tensor([[1.0, 3.0], [3.0, 1.0]])  # curvatures 4 and −2
g = torch.tensor([2.0, -4.0])
chainrule.mark(careful_step, torch.tensor([1.25, -1.75]), at=(g, H))

# %% tags=["solution"]
def careful_step(g, H):
    values, V = torch.linalg.eigh(H)
    return V @ ((V.T @ g) / values.abs())


# %% tags=["wrong"]
# says: is up to 3 away from the true values
def careful_step(g, H):
    values, V = torch.linalg.eigh(H)
    return V @ ((V.T @ g) / values)


# %% [markdown]
# Next: [what the processor does](10_machine_code.ipynb).
