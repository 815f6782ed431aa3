"""``torch.hub``: models and weights from elsewhere: a folder with a ``hubconf.py``, or files behind an address."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlparse

from .base.errors import message


class Folder:
    """Where downloads are kept, once `set_dir` has said it."""

    chosen: str | None = None


def get_dir() -> str:
    """Where downloads are kept: what `set_dir` said, else ``$TORCH_HOME/hub``, else ``~/.cache/torch/hub``."""
    if Folder.chosen is not None:
        return Folder.chosen
    cache = os.getenv("XDG_CACHE_HOME", "~/.cache")
    return os.path.join(os.path.expanduser(os.getenv("TORCH_HOME", os.path.join(cache, "torch"))), "hub")


def set_dir(d: str | os.PathLike[str]) -> None:
    """Keep downloads in this folder."""
    Folder.chosen = os.path.expanduser(d)


def download_url_to_file(url: str, dst: str, hash_prefix: str | None = None, progress: bool = True) -> None:
    """Fetch an address into a file. The file appears whole or not at all; its SHA-256 must begin with ``hash_prefix``."""
    from urllib.request import Request, urlopen

    target = Path(dst).expanduser()
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    digest = hashlib.sha256()
    try:
        with urlopen(Request(url, headers={"User-Agent": "torch.hub"})) as source, part.open("wb") as file:
            while block := source.read(1 << 17):
                file.write(block)
                digest.update(block)
        if hash_prefix is not None and not digest.hexdigest().startswith(hash_prefix):
            raise RuntimeError(f'invalid hash value (expected "{hash_prefix}", got "{digest.hexdigest()}")')
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


HASH = re.compile(r"-([a-f0-9]*)\.")  # resnet18-f37072fd.pth: the beginning of the file's SHA-256


def load_state_dict_from_url(
    url: str,
    model_dir: str | None = None,
    map_location: Any = None,
    progress: bool = True,
    check_hash: bool = False,
    file_name: str | None = None,
    weights_only: bool = False,
) -> dict[str, Any]:
    """`torch.load` of a file behind an address, which is fetched once and kept in ``model_dir``."""
    from .serialization import load as read

    folder = Path(model_dir or os.path.join(get_dir(), "checkpoints"))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (file_name or os.path.basename(urlparse(url).path))
    if not path.exists():
        print(f'Downloading: "{url}" to {path}\n', file=sys.stderr)
        found = HASH.search(path.name) if check_hash else None
        download_url_to_file(url, str(path), found[1] if found else None, progress)
    return read(path, map_location=map_location, weights_only=weights_only)


def conf(repo_or_dir: str, source: str) -> ModuleType:
    """The module ``hubconf.py`` of a folder."""
    if source not in ("github", "local"):
        raise ValueError(f'Unknown source: "{source}". Allowed values: "github" | "local".')
    if source == "github":
        raise RuntimeError(
            message(
                f"torch.hub does not fetch the repository {repo_or_dir!r}",
                "what it holds would be run on this computer, written for PyTorch",
                f'git clone https://github.com/{repo_or_dir.partition(":")[0]}, then torch.hub.load(folder, …, source="local")',
            )
        )
    path = Path(repo_or_dir) / "hubconf.py"
    if not path.is_file():
        raise FileNotFoundError(2, "No such file or directory", str(path))
    spec = spec_from_file_location("hubconf", path)
    module = module_from_spec(spec)  # type: ignore[arg-type]
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)  # type: ignore[union-attr]
    finally:
        sys.path.remove(str(path.parent))
    return module


def entry(module: ModuleType, model: str) -> Any:
    """The function that makes a model, by name."""
    found = getattr(module, model, None)
    if not callable(found):
        raise RuntimeError(f"Cannot find callable {model} in hubconf")
    return found


def load(
    repo_or_dir: str,
    model: str,
    *args: Any,
    source: str = "github",
    trust_repo: Any = "check",
    force_reload: bool = False,
    verbose: bool = True,
    skip_validation: bool = False,
    **kwargs: Any,
) -> Any:
    """What the function ``model`` in a folder's ``hubconf.py`` makes; ``source="local"`` says that it is a folder."""
    return entry(conf(repo_or_dir, source), model)(*args, **kwargs)


def list(  # noqa: A001  (torch's own name)
    github: str, force_reload: bool = False, skip_validation: bool = False, trust_repo: Any = "check", verbose: bool = True,
    source: str = "github",
) -> Any:  # fmt: skip
    """The names of the functions in a ``hubconf.py``."""
    module = conf(github, source)
    return [name for name in dir(module) if callable(getattr(module, name)) and not name.startswith("_")]


def help(  # noqa: A001
    github: str, model: str, force_reload: bool = False, skip_validation: bool = False, trust_repo: Any = "check",
    source: str = "github",
) -> str | None:  # fmt: skip
    """The documentation of one of them."""
    return entry(conf(github, source), model).__doc__


load_url = load_state_dict_from_url  # its name in torch.utils.model_zoo
