# %% [markdown]
# # 2 · Many inputs, many outputs: the Jacobian
#
# In lesson 1 every local gradient was one number, because every operation had one input and one output. Layers of a
# network have thousands of both. Their local gradient is a table of numbers, the **Jacobian**, and this lesson is about
# how to use such tables without ever writing them down.

# %% tags=["explain"]
import chainrule
import chainrule.as_torch

# %%
import torch

# %% [markdown]
# ## A table of local gradients
#
# A function with two inputs and three outputs:
#
# $$f(x_0, x_1) = (x_0 x_1,\; x_0 + x_1,\; x_1^2)$$
#
# Each output can be asked about each input. The answers form a table, one row for each output, one column for each input:
#
# $$J = \begin{pmatrix} x_1 & x_0 \\ 1 & 1 \\ 0 & 2x_1 \end{pmatrix}$$

# %%
def f(x):
    return torch.stack([x[0] * x[1], x[0] + x[1], x[1] ** 2])


x = torch.tensor([2.0, 3.0])
J = torch.autograd.functional.jacobian(f, x)
print("f(x) =", f(x))
print("J =", J)

# %% [markdown]
# ## Forwards: nudge in, change out
#
# Nudge the inputs by a little vector, and the outputs change by $J$ times that vector. Try it against the function itself.

# %%
nudge = torch.tensor([0.001, -0.002])
print("really:", f(x + nudge) - f(x))
print("by J:  ", J @ nudge)

# %% [markdown]
# ## Backwards: the vector-Jacobian product
#
# Behind $y = f(x)$ comes a loss. Going back we arrive at $f$ with one number for each output: how fast the loss changes
# with it, $v = \partial L/\partial y$, the **upstream gradient**. What we want is one number for each input:
#
# $$\frac{\partial L}{\partial x_j} = \sum_i \frac{\partial L}{\partial y_i} \frac{\partial y_i}{\partial x_j}
# \qquad\text{that is}\qquad \frac{\partial L}{\partial x} = v^\top J$$
#
# It is the rule of lesson 1 again: multiply along a path, add over the paths. `backward(v)` computes it.

# %%
v = torch.tensor([1.0, 10.0, 100.0])
x.requires_grad_()
f(x).backward(v)
print("v @ J       =", v @ J)
print("backward(v) =", x.grad)

# %% [markdown]
# ## What Jacobians look like
#
# Four functions of eight numbers, and their Jacobians as pictures (blue is negative, red positive, white zero). An
# elementwise function has a diagonal: output $i$ depends on input $i$ alone. A running sum has a triangle. A product with
# a matrix *is* that matrix. Softmax, where all outputs share one sum, has something everywhere.

# %%
import matplotlib.pyplot as plt

torch.manual_seed(0)
W = torch.randn(8, 8)
functions = {
    "sin(x)": torch.sin,
    "x.cumsum(0)": lambda x: x.cumsum(0),
    "W @ x": lambda x: W @ x,
    "softmax(x)": lambda x: x.softmax(0),
}
at = torch.linspace(-2, 2, 8)
figure, places = plt.subplots(1, 4, figsize=(10, 2.9), layout="constrained")
for (name, function), axes in zip(functions.items(), places):
    table = torch.autograd.functional.jacobian(function, at)
    most = float(table.abs().max())
    axes.imshow(table.numpy(), cmap="RdBu_r", vmin=-most, vmax=most)
    axes.set(title=name, xlabel="input", xticks=[], yticks=[])
places[0].set_ylabel("output")
plt.show()

# %% [markdown]
# ## Why nobody writes them down
#
# An activation on a layer of 1000 numbers has a Jacobian of a million entries, all but 1000 of them zero. Multiplying $v$
# by it is multiplying $v$ by 1000 numbers, entry by entry:
#
# $$v^\top \operatorname{diag}(\cos x) = v \cdot \cos x$$
#
# So every operation comes with a short rule that turns $v$ into $v^\top J$ and never builds $J$. Here is the rule of `sin`
# beside the table.

# %%
x = torch.linspace(0, 3, 1000, requires_grad=True)
v = torch.ones(1000)
table = torch.autograd.functional.jacobian(torch.sin, x)
rule = v * torch.cos(x)
print("entries in the table:", table.numel(), "of which not zero:", int((table != 0).sum()))
print("largest difference:  ", float((v @ table - rule).abs().max()))

# %% [markdown]
# ## Why backwards
#
# A network is a chain of layers, and its Jacobian a product of theirs: $J_3 J_2 J_1$. The loss at its end is one number,
# so $J_3$ has a single row. Multiplied from the left there is always just a row to carry; from the right there are whole
# tables. Count the multiplications:

# %%
width = 1000
from_the_left = width * width + width * width  # a row times a table, twice
from_the_right = width**3 + width * width  # a table times a table, then a row times that
print(f"from the left (backwards):  {from_the_left:>13,}")
print(f"from the right (forwards):  {from_the_right:>13,}")

# %% [markdown]
# The same result, 500 times the work. This is why training goes backwards.
#
# ## A layer, told
#
# Ask chainrule about one weight of a layer: the rules it used for whole arrays, and the sum behind that one entry.

# %% tags=["explain"]
W = torch.tensor([[1.0, -2.0], [0.5, 3.0], [2.0, 1.0]], requires_grad=True)
inputs = torch.tensor([2.0, 1.0])
target = torch.tensor([1.0, 3.0, 5.0])
loss = ((W @ inputs - target) ** 2).sum()
print(chainrule.explain(loss, wrt=W[1, 0]))

# %% [markdown]
# ## Your turn
#
# ### Exercise 1
#
# $g(a, b) = (a b,\; a / b)$. Write its Jacobian at $a = 6$, $b = 2$ by hand, as a list of two rows.

# %% tags=["exercise"]
answer = ...

# %% tags=["explain", "mark"]
def g(x):
    return torch.stack([x[0] * x[1], x[0] / x[1]])


chainrule.mark(answer, torch.autograd.functional.jacobian(g, torch.tensor([6.0, 2.0])))

# %% tags=["solution"]
answer = [[2.0, 6.0], [0.5, -1.5]]  # ∂(a/b)/∂b = −a/b²

# %% tags=["wrong"]
# says: 3 of 4 entries are right; entry [1, 1] is 1.5, which has the wrong sign
answer = [[2.0, 6.0], [0.5, 1.5]]

# %% [markdown]
# ### Exercise 2
#
# The rule of a running sum, $y_i = x_0 + \dots + x_i$. Given $v$, return $v^\top J$, without building the triangle.
# (Which outputs does $x_j$ reach?)

# %% tags=["exercise"]
def pull_back(v):
    return ...


# %% tags=["explain", "mark"]
v = torch.tensor([1.0, 10.0, 100.0, 1000.0])
triangle = torch.autograd.functional.jacobian(lambda x: x.cumsum(0), torch.zeros(4))
chainrule.mark(pull_back, v @ triangle, at=v)

# %% tags=["solution"]
def pull_back(v):
    return v.flip(0).cumsum(0).flip(0)  # x_j reaches y_j and all after it


# %% tags=["wrong"]
# says: is up to 1110 away from the true values
def pull_back(v):
    return v.cumsum(0)


# %% [markdown]
# ### Exercise 3
#
# The most used rule of all: of $y = W x$. From the upstream gradient $g$ make the gradients of $W$ and of $x$. They are
# held against differences, entry by entry.

# %% tags=["exercise"]
class MatVec(torch.autograd.Function):
    @staticmethod
    def forward(ctx, W, x):
        ctx.save_for_backward(W, x)
        return W @ x

    @staticmethod
    def backward(ctx, g):
        W, x = ctx.saved_tensors
        return ..., ...


# %% tags=["explain", "mark"]
torch.manual_seed(1)
chainrule.mark(MatVec, at=(torch.randn(3, 3), torch.randn(3)))

# %% tags=["solution"]
class MatVec(torch.autograd.Function):
    @staticmethod
    def forward(ctx, W, x):
        ctx.save_for_backward(W, x)
        return W @ x

    @staticmethod
    def backward(ctx, g):
        W, x = ctx.saved_tensors
        return torch.outer(g, x), W.T @ g  # ∂yᵢ/∂Wᵢⱼ = xⱼ, and vᵀJ with J = W


# %% tags=["wrong"]
# says: Jacobian mismatch for output 0 with respect to input 1
class MatVec(torch.autograd.Function):
    @staticmethod
    def forward(ctx, W, x):
        ctx.save_for_backward(W, x)
        return W @ x

    @staticmethod
    def backward(ctx, g):
        W, x = ctx.saved_tensors
        return torch.outer(g, x), W @ g


# %% [markdown]
# Next: [how to keep gradients from flowing](03_leaving_the_graph.ipynb).
