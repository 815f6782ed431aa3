"""Every exception of chainrule, and how their messages are built.

::

    RuntimeError                    (what PyTorch raises for most misuse)
    ├── GradientError               no history, freed graph, overwritten value, wrong seed gradient
    ├── ShapeError                  sizes that do not fit together
    └── DtypeError                  a dtype that the operation has no meaning for

A message has up to five parts: **what** happened, with the values (PyTorch's own key words first, because programs and
people search for them), **where** (the module that was being called, found on the stack), **why**, what to write
**instead**, and its code, under which ``chainrule why E001`` shows a page (`explanation/pages/`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .trail import module_path


class GradientError(RuntimeError):
    """A derivative was asked for where the graph cannot give one."""


class ShapeError(RuntimeError):
    """Sizes that do not fit together."""


class DtypeError(RuntimeError):
    """A dtype the operation has no meaning for."""


# The words by which each of the common errors is known. A new one also needs its page, explanation/pages/CODE.md, and
# `chainrule why --index > docs/errors.md`; a code is never given to another error.
CODES = {
    "E001": r"does not require grad|requires_grad=False$|doesn't require gradient$",
    "E002": r"backward through the graph a second time",
    "E003": r"modified by an inplace operation",
    "E004": r"leaf Variable that requires grad is being used in an in-place operation",
    "E005": r"grad can be implicitly created only for",
    "E006": r"^The \.grad attribute of a Tensor that is not a leaf Tensor",
    "E007": r"^requires_grad was set on a result",
    "E008": r"^mat1 and mat2 shapes cannot be multiplied|^size mismatch, got input|first two dimensions of batch2",
    "E009": r"at non-singleton dimension",
    "E010": r"have (the )?same dtype|^expected scalar type (?!Long)|should be the same$",
    "E011": r"^expected target dtype|^expected scalar type Long|type for target with class prob|scalar types: Long, Int",
    "E012": r"^Target -?\d+ is out of bounds",
    "E013": r"^index out of range in self",
    "E014": r"^shape '.*' is invalid for input of size",
    "E015": r"channels, but got|\(unbatched\) or .* input to conv",
    "E016": r"^Sizes of tensors must match except|must have same number of dimensions|^stack expects each tensor",
    "E017": r"can require gradients$",
    "E018": r"^Can't call numpy\(\) on Tensor that requires grad",
    "E019": r"cannot be converted to Scalar",
    "E020": r"^Boolean value of Tensor with",
    "E021": r"^can't optimize a non-leaf Tensor",
    "E022": r"^optimizer got an empty parameter list",
    "E023": r"in loading state_dict for",
    "E024": r"^Using a target size",
    "E025": r"can't be cast to the desired output type",
    "E026": r"^view size is not compatible",
    "E027": r"appears to not have been used in the graph",
    "E028": r"to match target batch_size|multi-target not supported|^Expected target size",
    "E029": r"^Expected more than 1 value per channel",
    "E030": r"should be between 0 and 1$",
    "E031": r"^Dimension out of range",
    "E032": r"before Module.__init__\(\) call",
    "E033": r"is out of bounds for dimension|^too many indices for tensor",
}


def code_of(what: str) -> str:
    """The code of an error, known by its words; nothing for those that have no page.

    >>> code_of("Target 7 is out of bounds."), code_of("no such file")
    ('E012', '')
    """
    return next((code for code, words in CODES.items() if re.search(words, what)), "")


def message(what: str, why: str = "", instead: str = "") -> str:
    """Join the parts of an error message.

    >>> print(message("Target 7 is out of bounds.", "there are 3 classes, 0 … 2", "an output layer with 8 features"))
    Target 7 is out of bounds.
      why: there are 3 classes, 0 … 2
      instead: an output layer with 8 features
      (E012: chainrule why E012)
    """
    lines = [what]
    for label, said in (("where", module_path()), ("why", why), ("instead", instead)):
        if said:
            lines.append(f"  {label}: {said}")
    if code := code_of(what):
        lines.append(f"  ({code}: chainrule why {code})")
    return "\n".join(lines)


def near(name: str, known: Iterable[str], most: int = 3) -> list[str]:
    """The names in ``known`` that ``name`` was probably meant to be, best first.

    >>> near("pric", ["price", "size", "rooms"])
    ['price']
    """
    import difflib  # only once something has gone wrong

    return difflib.get_close_matches(name, list(known), n=most, cutoff=0.6)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """``" Did you mean 'price'?"``, or nothing where no known name is near."""
    found = near(name, known)
    return f" Did you mean {' or '.join(repr(f) for f in found)}?" if found else ""
