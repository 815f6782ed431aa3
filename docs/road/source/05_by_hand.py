# %% [markdown]
# # 5 · Gradient descent by hand, and a gradient that was wrong by N
#
# Before a library does it for us, we write all four parts of training ourselves: prediction, loss, gradient, update. And
# then look at a mistake that makes training *better*, at first.

# %% tags=["explain"]
import chainrule
import chainrule.as_torch

# %%
import numpy as np

# %% [markdown]
# ## Data
#
# Four samples of $y = 2x$. The program does not know the 2; it has to find it.

# %%
x = np.array([1, 2, 3, 4], dtype=np.float32)
y = np.array([2, 4, 6, 8], dtype=np.float32)

# %% [markdown]
# ## The four parts
#
# One weight, predictions $\hat y_i = w x_i$, and as loss the mean of the squared errors over $N = 4$ samples:
#
# $$L = \frac1N \sum_i (w x_i - y_i)^2$$
#
# Its gradient, by lesson 1, sample by sample, and then the mean, because $L$ is a mean:
#
# $$\frac{\partial L}{\partial w} = \frac1N \sum_i 2\,(w x_i - y_i)\, x_i$$

# %%
def prediction(x, w):
    return w * x


def loss(y, y_pred):
    return ((y_pred - y) ** 2).mean()


def gradient(x, y, y_pred):
    return (2 * x * (y_pred - y)).mean()


def update(w, gradient, lr):
    return w - lr * gradient


# %% [markdown]
# The gradient at $w = 0$: the four samples say $-4, -16, -36, -64$, and their mean is $-30$.

# %%
print("each sample:", 2 * x * (prediction(x, 0.0) - y))
print("the mean:   ", gradient(x, y, prediction(x, 0.0)))

# %% [markdown]
# ## The loop
#
# Predict, look at the error, ask for the direction, take a small step. Twenty times.

# %%
def train(gradient, lr=0.01, steps=20):
    w, path = 0.0, [0.0]
    for step in range(steps):
        y_pred = prediction(x, w)
        w = update(w, gradient(x, y, y_pred), lr)
        path.append(float(w))
        if step in (0, 1, 2, 9, 19):
            print(f"step {step + 1:2}: w = {w:.5g}, loss = {loss(y, y_pred):.4g}")
    return path


path = train(gradient)

# %% [markdown]
# As a picture: the loss is a parabola over $w$, and the steps roll down into it. They get smaller by themselves, because
# the slope does.

# %%
import matplotlib.pyplot as plt

figure, axes = plt.subplots(figsize=(6, 3.4), layout="constrained")
ws = np.linspace(-0.3, 3.3, 100)
axes.plot(ws, [loss(y, prediction(x, w)) for w in ws], color="#8a8a8a")
axes.plot(path, [loss(y, prediction(x, w)) for w in path], "o-", color="#3b6fb6", markersize=4)
axes.set(xlabel="w", ylabel="loss")
axes.spines[["top", "right"]].set_visible(False)
plt.show()

# %% [markdown]
# ## A gradient that learns faster
#
# Somebody writes the same gradient with a dot product, since that multiplies and adds in one go:

# %%
def summed(x, y, y_pred):
    return np.dot(2 * x, y_pred - y).mean()


path = train(summed)

# %% [markdown]
# After 10 steps $w$ is 1.9998, where ours has come to 1.6. Is it a better way to write the gradient?
#
# It is a wrong one. `np.dot` has already **added up** the four samples; what it returns is one number, and the `.mean()` of
# one number is that number. Nothing was divided by $N$. The step goes in the right direction and is four times as long.
#
# Nobody sees that by looking at the loss, which falls beautifully. `check_gradient` sees it, by holding the gradient
# against the true one at several points:

# %% tags=["explain"]
chainrule.check_gradient(summed, loss, at=[0.0, 1.0, 3.0], data={"x": x, "y": y}, prediction=prediction)

# %% [markdown]
# And the ladder sees it, by training with both and comparing step by step (`1d` is the rung with this very gradient):

# %% tags=["explain"]
print(chainrule.ladder.climb([1, "1d", 2], epochs=4, show=False))

# %% [markdown]
# ## Was it worth anything?
#
# Four times the gradient is the right gradient with four times the learning rate, no more. Here is the right one at
# 0.04:

# %%
path = train(gradient, lr=0.04)

# %% [markdown]
# ## When it bites
#
# With four samples the mistake helps. With forty it is a factor of forty, and the same program flies apart:

# %%
x, y = np.linspace(0, 4, 40), 2 * np.linspace(0, 4, 40)
print("right:")
path = train(gradient)
print("summed:")
path = train(summed)

# %% [markdown]
# A gradient that is wrong by a factor gives a learning rate that means something else for each size of data. That is why
# it matters.
#
# ## Your turn
#
# ### Exercise 1
#
# $x = (1, 2, 3)$, $y = (2, 4, 6)$, $w = 1$. What is the gradient of the mean squared error? By hand.

# %% tags=["exercise"]
answer = ...

# %% tags=["explain", "mark"]
x, y = np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 6.0])
chainrule.mark(answer, gradient(x, y, prediction(x, 1.0)))

# %% tags=["solution"]
answer = (2 * 1 * (1 - 2) + 2 * 2 * (2 - 4) + 2 * 3 * (3 - 6)) / 3

# %% tags=["wrong"]
# says: −28 is 3.000 times the true value
answer = 2 * 1 * (1 - 2) + 2 * 2 * (2 - 4) + 2 * 3 * (3 - 6)

# %% [markdown]
# ### Exercise 2
#
# A line with a bias, $\hat y = w x + b$. Write both gradients of the mean squared error.

# %% tags=["exercise"]
def gradients(x, y, y_pred):
    dw = ...
    db = ...
    return dw, db


# %% tags=["explain", "mark"]
def line(x, w, b):
    return w * x + b


points = {"w": [0.0, 1.0, -2.0], "b": [0.0, 3.0, 0.5]}
samples = {"x": np.array([1.0, 2.0, 3.0, 5.0]), "y": np.array([2.0, 1.0, 4.0, 3.0])}
chainrule.mark(gradients, loss, at=points, data=samples, prediction=line)

# %% tags=["solution"]
def gradients(x, y, y_pred):
    dw = (2 * x * (y_pred - y)).mean()
    db = (2 * (y_pred - y)).mean()
    return dw, db


# %% tags=["wrong"]
# says: of b, your gradient is 4.000 times the true one at every point tried; the loss takes a mean over N = 4
def gradients(x, y, y_pred):
    dw = (2 * x * (y_pred - y)).mean()
    db = (2 * (y_pred - y)).sum()
    return dw, db


# %% [markdown]
# ### Exercise 3
#
# Squares let a single outlier shout. The mean **absolute** error, $L = \frac1N \sum_i |w x_i - y_i|$, does not. Its
# gradient needs `np.sign`.

# %% tags=["exercise"]
def gradient_of_absolute(x, y, y_pred):
    return ...


# %% tags=["explain", "mark"]
def absolute(y, y_pred):
    return abs(y_pred - y).mean()


chainrule.mark(gradient_of_absolute, absolute, at=[0.0, 0.9, 3.3], data=samples, prediction=prediction)

# %% tags=["solution"]
def gradient_of_absolute(x, y, y_pred):
    return (np.sign(y_pred - y) * x).mean()


# %% tags=["wrong"]
# says: its sign is turned
def gradient_of_absolute(x, y, y_pred):
    return (np.sign(y - y_pred) * x).mean()


# %% [markdown]
# Next: [handing the four parts over, one by one](06_four_rungs.ipynb).
