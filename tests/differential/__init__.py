"""The same calls under chainrule and under PyTorch, drawn at random and compared in everything a program can see.

``python -m tests.differential --cases 200000 --seed 0`` runs them. In reading order:

- `case`: what a case is: a name and arguments, written so that a printed case can be run again;
- `draw`: how arguments are drawn;
- `specs`: the table of names, each with the recipe of its arguments, by family;
- `observe`: running a case and noting what can be seen of it: results, gradients, errors, warnings;
- `compare`: what counts as the same, and how far digits may differ;
- `shrink`: making a case that differs small;
- `known`: differences that are to stay, each with its reason;
- `regressions`: cases that differed once.
"""
