# %% [markdown]
# # 1 · The neuron and its three steps
#
# The smallest thing that learns has one input $x$, one weight $w$ and one target $y$. It predicts, and the loss says how
# far off the prediction is:
#
# $$\hat y = w \cdot x \qquad\qquad L = (\hat y - y)^2$$
#
# To learn is to change $w$ so that $L$ falls. For that we need one number: how fast $L$ changes when $w$ does, the
# **gradient** $\partial L / \partial w$. It is found in three steps, and this lesson walks them once, slowly.

# %% [markdown]
# The first cell of every lesson puts chainrule in PyTorch's place. Without it the course runs under PyTorch, and prints
# the same; only the cells that ask chainrule to explain something are then left out.

# %% tags=["explain"]
import chainrule
import chainrule.as_torch  # from here on, `import torch` gives chainrule

# %%
import torch

# %% [markdown]
# ## Step 1: forward
#
# Put numbers in, and compute from left to right. `requires_grad=True` says: of this one I will want the gradient.

# %%
x = torch.tensor(2.0)
y = torch.tensor(4.0)
w = torch.tensor(3.0, requires_grad=True)

y_hat = w * x
loss = (y_hat - y) ** 2

print("prediction", y_hat.item())
print("loss      ", loss.item())

# %% [markdown]
# ## Step 2: local gradients
#
# Two operations were done, and each is asked about itself alone: *if your input moves a little, how much faster does your
# output move?*
#
# $$\frac{\partial \hat y}{\partial w} = x = 2 \qquad\qquad \frac{\partial L}{\partial \hat y} = 2(\hat y - y) = 4$$
#
# No need to take the formulas on trust. Nudge the input, see how far the output goes, divide.

# %%
nudge = 0.001


def predict(w):
    return w * 2.0


def loss_of(y_hat):
    return (y_hat - 4.0) ** 2


print("∂ŷ/∂w is about", round((predict(3.0 + nudge) - predict(3.0)) / nudge, 3))
print("∂L/∂ŷ is about", round((loss_of(6.0 + nudge) - loss_of(6.0)) / nudge, 3))

# %% [markdown]
# ## Step 3: the chain rule
#
# A nudge of $w$ arrives at $\hat y$ twice as large, and what arrives at $\hat y$ comes out at $L$ four times as large. One
# after the other, the two factors multiply:
#
# $$\frac{\partial L}{\partial w} = \frac{\partial L}{\partial \hat y} \cdot \frac{\partial \hat y}{\partial w}
# = 4 \cdot 2 = 8$$
#
# That is the whole of backpropagation. `backward()` does it for a graph of any size, and leaves the answer in `.grad`.

# %%
loss.backward(retain_graph=True)  # we want to look at the graph again below
print("∂L/∂w =", w.grad.item())

# %% [markdown]
# ## The three steps, told
#
# `chainrule.explain` reads the graph behind a loss and writes the three steps down, with the names of your program. The
# formulas are not looked up somewhere: they are the rules that computed the 8.

# %% tags=["explain"]
print(chainrule.explain(loss))

# %% [markdown]
# And `chainrule.draw` draws it. Read it downwards for the forward pass. On the arrows between $w$ and the loss stand the local
# gradients; multiply them on the way back up to $w$. (It splits the loss into its two operations: $v_1 = \hat y - y$, and
# its square.)

# %% tags=["explain"]
chainrule.draw(loss)

# %% [markdown]
# ## What the gradient is for
#
# $\partial L/\partial w = 8$ is positive: more $w$, more loss. So take a small step the other way,
# $w \leftarrow w - 0.1 \cdot 8$, and look at the loss again.

# %%
with torch.no_grad():  # this is no part of the model; lesson 3 says what the line does
    w -= 0.1 * w.grad

print("new weight", round(w.item(), 4))
print("new loss  ", round(((w * x - y) ** 2).item(), 4))

# %% [markdown]
# From 4 to 0.16 in one step.
#
# ## When there are several ways
#
# Here $v$ reaches the loss twice, through $a$ and through $b$. A nudge travels along both ways, and the effects **add up**:
# multiply along a path, add over the paths.

# %%
v = torch.tensor(3.0, requires_grad=True)
a = 2 * v
b = v**2
c = a * b
c.backward(retain_graph=True)
print("∂c/∂v =", v.grad.item())

# %% tags=["explain"]
print(chainrule.explain(c))

# %% tags=["explain"]
chainrule.draw(c)

# %% [markdown]
# ## Your turn
#
# Fill the gaps (`...`) and run the cell below each of them: it says whether you are right, and if not, what is wrong.
#
# ### Exercise 1
#
# A neuron with $w = -1$, $x = 3$, $y = 2$. What is $\partial L/\partial w$? By hand, please.

# %% tags=["exercise"]
answer = ...

# %% tags=["explain", "mark"]
w = torch.tensor(-1.0, requires_grad=True)
((w * 3.0 - 2.0) ** 2).backward()
chainrule.mark(answer, w.grad)

# %% tags=["solution"]
answer = 2 * (-1 * 3 - 2) * 3  # ∂L/∂ŷ · ∂ŷ/∂w = −10 · 3

# %% tags=["wrong"]
# says: is 0.333 times the true value
answer = 2 * (-1 * 3 - 2)

# %% [markdown]
# ### Exercise 2
#
# Most neurons also have a bias, $\hat y = w x + b$. Write both gradients. They are tried at several points, and held
# against the true ones.

# %% tags=["exercise"]
def gradients(w, b, x, y):
    y_hat = w * x + b
    dw = ...
    db = ...
    return dw, db


# %% tags=["explain", "mark"]
def loss(w, b, x, y):
    return (w * x + b - y) ** 2


chainrule.mark(gradients, loss, at={"w": [1.0, -2.0, 0.5], "b": [0.0, 1.0, 3.0]}, data={"x": 3.0, "y": 4.0})

# %% tags=["solution"]
def gradients(w, b, x, y):
    y_hat = w * x + b
    dw = 2 * (y_hat - y) * x
    db = 2 * (y_hat - y)  # the local gradient ∂ŷ/∂b is 1
    return dw, db


# %% tags=["wrong"]
# says: of b, your gradient is 3.000 times the true one
def gradients(w, b, x, y):
    y_hat = w * x + b
    dw = 2 * (y_hat - y) * x
    db = 2 * (y_hat - y) * x
    return dw, db


# %% [markdown]
# ### Exercise 3
#
# A third operation in the chain: $\hat y = \tanh(w x)$, and $L = (\hat y - y)^2$ as before. The new local gradient is
# $\partial \tanh(z)/\partial z = 1 - \tanh(z)^2$. Three factors now.

# %% tags=["exercise"]
def gradient(w, x, y):
    y_hat = torch.tanh(w * x)
    return ...


# %% tags=["explain", "mark"]
def prediction(x, w):
    return torch.tanh(w * x)


def loss(y_pred, y):
    return (y_pred - y) ** 2


chainrule.mark(gradient, loss, at=[0.5, -1.0, 0.2], data={"x": 2.0, "y": 1.0}, prediction=prediction)

# %% tags=["solution"]
def gradient(w, x, y):
    y_hat = torch.tanh(w * x)
    return 2 * (y_hat - y) * (1 - y_hat**2) * x


# %% tags=["wrong"]
# says: without the derivative
def gradient(w, x, y):
    y_hat = torch.tanh(w * x)
    return 2 * (y_hat - y) * x


# %% [markdown]
# Next: [what happens when inputs and outputs are many](02_jacobians.ipynb).
