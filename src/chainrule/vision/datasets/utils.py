"""Fetching files: from one of several addresses, with a progress bar, checked, and put in place whole or not at all."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ...base.errors import message
from ...formats.atomic import replacing

PIECE = 1 << 20
SECONDS = 30  # without a byte, before an address is given up


def calculate_md5(fpath: Any, chunk_size: int = PIECE) -> str:
    """The MD5 checksum of a file: not against forgery, against damage on the way."""
    digest = hashlib.md5(usedforsecurity=False)
    with open(fpath, "rb") as file:
        while piece := file.read(chunk_size):
            digest.update(piece)
    return digest.hexdigest()


def check_md5(fpath: Any, md5: str, **options: Any) -> bool:
    """Does the file have this checksum?"""
    return calculate_md5(fpath, **options) == md5


def check_integrity(fpath: Any, md5: str | None = None) -> bool:
    """Is the file there, with this checksum if one is known?"""
    return os.path.isfile(fpath) and (md5 is None or check_md5(fpath, md5))


# ---------------------------------------------------------------------- fetching


class Unfetched(RuntimeError):
    """A file that could not be fetched from an address: the address, and why."""

    def __init__(self, url: str, why: str) -> None:
        super().__init__(f"{url}: {why}")
        self.url, self.why = url, why


def fetch(url: str, path: Path, md5: str | None = None) -> None:
    """Fetch one file from one address; `Unfetched` if that fails, and then nothing is left at ``path``."""
    import http.client
    import urllib.error
    import urllib.request

    from ..._version import __version__

    request = urllib.request.Request(url, headers={"User-Agent": f"chainrule/{__version__}"})
    digest = hashlib.md5(usedforsecurity=False)
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer, replacing(path) as file:
            expected = answer.headers.get("Content-Length")
            total, got = int(expected) if expected else None, 0
            with progress(path.name, total) as advance:
                while piece := answer.read(PIECE):
                    file.write(piece)
                    digest.update(piece)
                    got += len(piece)
                    advance(len(piece))
            if total is not None and got < total:
                raise Unfetched(url, f"the connection ended after {got:,} of {total:,} bytes")
            if md5 is not None and digest.hexdigest() != md5:
                raise Unfetched(url, f"what came has the checksum {digest.hexdigest()}, not {md5}")
    except urllib.error.HTTPError as error:
        error.close()
        raise Unfetched(url, f"the server answers {error.code} {error.reason}") from error
    except urllib.error.URLError as error:
        raise Unfetched(url, f"no connection: {error.reason}") from error
    except (http.client.HTTPException, TimeoutError, ConnectionError) as error:
        raise Unfetched(url, f"the connection failed: {type(error).__name__} {error}") from error


class progress:  # noqa: N801  (reads as a phrase after `with`)
    """A progress bar in terminals, a line elsewhere: ``with progress(name, total) as advance: advance(bytes)``."""

    def __init__(self, name: str, total: int | None) -> None:
        self.name, self.total = name, total
        self.bar: Any = None

    def __enter__(self) -> Callable[[int], None]:
        if not sys.stderr.isatty():
            size = "" if self.total is None else f", {self.total:,} bytes"
            print(f"fetching {self.name}{size}", file=sys.stderr)
            return lambda count: None
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

        columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
        self.bar = Progress(*columns, console=Console(stderr=True))
        self.bar.start()
        task = self.bar.add_task(self.name, total=self.total)
        return lambda count: self.bar.advance(task, count)

    def __exit__(self, *exc: Any) -> None:
        if self.bar is not None:
            self.bar.stop()


def fetch_from_any(urls: Sequence[str], path: Path, md5: str | None = None) -> None:
    """The file at ``path``: as it is there, or from the first address that gives it whole."""
    if check_integrity(path, md5):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    failures: list[Unfetched] = []
    for url in urls:
        try:
            return fetch(url, path, md5)
        except Unfetched as error:
            failures.append(error)
    tried = "".join(f"\n    {failure}" for failure in failures)
    raise RuntimeError(
        message(
            f"Error downloading {path.name}",
            f"{'none of the addresses gives it' if len(failures) > 1 else 'it could not be fetched'}:{tried}",
            f"fetch it elsewhere and put it at {path}",
        )
    ) from failures[-1]


def download_url(url: str, root: Any, filename: Any = None, md5: str | None = None, max_redirect_hops: int = 3) -> None:
    """Fetch a file into the folder ``root``, unless it is there already."""
    folder = Path(root).expanduser()
    fetch_from_any([url], folder / (filename or url.rpartition("/")[2]), md5)


# ---------------------------------------------------------------------- archives


def extract_archive(from_path: Any, to_path: Any = None, remove_finished: bool = False) -> Any:
    """Unpack a .tar, .tar.gz, .tgz, .zip or .gz file beside itself or into ``to_path``; nothing is written elsewhere."""
    source = Path(from_path)
    target = Path(to_path) if to_path is not None else source.parent
    name = source.name.lower()
    try:
        if name.endswith((".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz", ".tar.xz")):
            with tarfile.open(source) as archive:
                unpack_tar(archive, target)
        elif name.endswith(".zip"):
            with zipfile.ZipFile(source) as packed:
                packed.extractall(target)
        elif name.endswith(".gz"):
            target = source.with_suffix("") if to_path is None else Path(to_path)
            target = target / source.stem if target.is_dir() else target
            with gzip.open(source) as packed_file, replacing(target) as file:
                shutil.copyfileobj(packed_file, file, PIECE)
        else:
            raise RuntimeError(
                message(
                    f"Unknown compression or archive type: '{source.suffix}'.", "known are .tar, .tar.gz, .zip and .gz"
                )
            )
    except (tarfile.TarError, zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise RuntimeError(
            message(
                f"{source} cannot be unpacked", f"it is damaged or cut off: {error}", "delete it, and download it again"
            )
        ) from error
    if remove_finished:
        source.unlink()
    return target


def unpack_tar(archive: tarfile.TarFile, target: Path) -> None:
    """The files of an archive, each put in place whole; a name that leads out of the folder is refused."""
    for member in archive:
        place = target / member.name
        if not place.resolve().is_relative_to(target.resolve()):
            raise tarfile.ReadError(f"it holds {member.name!r}, which lies outside the folder")
        content = archive.extractfile(member) if member.isfile() else None
        if content is None:
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        with content, replacing(place) as file:
            shutil.copyfileobj(content, file, PIECE)


def download_and_extract_archive(
    url: str, download_root: Any, extract_root: Any = None, filename: Any = None, md5: str | None = None,
    remove_finished: bool = False,
) -> None:  # fmt: skip
    """Fetch an archive and unpack it."""
    folder = Path(download_root).expanduser()
    filename = filename or url.rpartition("/")[2]
    download_url(url, folder, filename, md5)
    extract_archive(folder / filename, extract_root or folder, remove_finished)
