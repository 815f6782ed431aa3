"""What to say when a program asks for something of PyTorch's that chainrule does not have."""

from __future__ import annotations

from importlib import import_module, metadata
from pkgutil import walk_packages
from types import ModuleType

from .._version import __version__
from ..base.errors import near
from .reasons import reason

ROOTS = ("torch", "torchvision")  # what chainrule stands in for


def where_to_ask() -> str:
    """The address for questions, as the installed package states it; "" if it states none."""
    try:
        urls = metadata.metadata("chainrule").get_all("Project-URL") or []
    except metadata.PackageNotFoundError:
        return ""
    known = dict(url.split(", ", 1) for url in urls)
    return next((known[label] for label in ("Issues", "Bug Tracker", "Repository", "Homepage") if label in known), "")


def advice(missing: str, names: list[str]) -> str:
    """The lines below the error: the version, the nearest names, and where to ask."""
    owner, dot, last = missing.rpartition(".")
    close = [f"{owner}{dot}{name}" for name in near(last, names)]
    known = reason(missing if missing.startswith("torch") else f"torch.{missing}")
    lines = [
        f"  why: chainrule {__version__} stands in for {library(missing)} here, and has no {missing}"
        + (f": {known}" if known else "")
    ]
    if close:
        lines.append(f"  near: {', '.join(close)}")
    ask = where_to_ask()
    if ask:
        lines.append(f"  ask: {ask}")
    return "\n".join(lines)


def library(name: str) -> str:
    """The library whose name it is; a class's name without a module is PyTorch's."""
    first = name.partition(".")[0]
    return first if first in ROOTS else "torch"


def no_attribute(module: ModuleType, name: str) -> AttributeError:
    """The error for ``torch.name``."""
    spelled = torch_name(module.__name__)
    return AttributeError(
        f"module {spelled!r} has no attribute {name!r}\n{advice(f'{spelled}.{name}', dir(module))}", name=name, obj=module
    )


def no_module(name: str) -> ModuleNotFoundError:
    """The error for ``import torch.name``."""
    owner = name.rpartition(".")[0]
    beside = [m.rpartition(".")[2] for m in modules() if m.rpartition(".")[0] == owner]
    return ModuleNotFoundError(f"No module named {name!r}\n{advice(name, beside)}", name=name)


def torch_name(name: str) -> str:
    """PyTorch's or torchvision's name for one of our modules.

    >>> torch_name("chainrule.nn"), torch_name("chainrule.vision.transforms")
    ('torch.nn', 'torchvision.transforms')
    """
    first, _, rest = name.partition(".")
    if first != "chainrule":
        return name
    vision = rest == "vision" or rest.startswith("vision.")
    return "torchvision" + rest.removeprefix("vision") if vision else ".".join(part for part in ("torch", rest) if part)


def modules() -> list[str]:
    """The torch modules there are."""
    root = import_module("chainrule")
    ours = {"base", "graph", "ops", "tensors", "formats", "interop", "cli", "train", "ladder", "settings"}
    ours |= {"explanation", "diagnosis", "native"}
    found = [entry.name for entry in walk_packages(root.__path__, "chainrule.", onerror=lambda name: None)]
    return [torch_name(name) for name in found if name.split(".")[1] not in ours and "._" not in name]


def explain(error: BaseException) -> None:
    """Add the advice to an error about a name that one of our modules or classes does not have, in PyTorch's words."""
    for each in chain(error):
        if getattr(each, "__notes__", None) or "\n  why: " in str(each):
            continue
        if isinstance(each, AttributeError) and each.name is not None:
            owner = each.obj
            kind = owner if isinstance(owner, (ModuleType, type)) else type(owner)
            home = kind.__name__ if isinstance(kind, ModuleType) else kind.__module__
            if home.partition(".")[0] == "chainrule":
                spelled = torch_name(kind.__name__) if isinstance(kind, ModuleType) else kind.__name__
                each.args = (str(each).replace(f"module {home!r}", f"module {spelled!r}"), *each.args[1:])
                each.add_note(advice(f"{spelled}.{each.name}", dir(kind)))
        elif isinstance(each, ImportError) and not isinstance(each, ModuleNotFoundError) and each.name:
            missing = getattr(each, "name_from", None) or str(each).partition("cannot import name '")[2].partition("'")[0]
            if each.name.partition(".")[0] in ("chainrule", *ROOTS) and missing:
                spelled = torch_name(each.name)
                each.msg = each.msg.replace(f"from {each.name!r}", f"from {spelled!r}")
                each.add_note(advice(f"{spelled}.{missing}", dir(import_module(each.name))))


def chain(error: BaseException | None) -> list[BaseException]:
    """An error and those it came from."""
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found
