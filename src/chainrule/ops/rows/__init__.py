"""Many upstream gradients in one backward pass: the rows of a Jacobian together.

Pullbacks are linear in the upstream gradient, so m of them can be taken through a rule at once, as one array with an
axis more. `array` is that array, `readings` says what ops do to it, `passes` sends it through the graph.
"""
