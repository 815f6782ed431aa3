"""The run folder, and the promise that whoever looks into it finds a complete state.

======================== ==============================================================================
weights.safetensors      the parameters after the last complete epoch; what ``predict`` reads
checkpoint.safetensors   the same with the optimizer's state, in one file: what ``--resume`` reads
schema.json              the columns and the target: kinds, scaling, categories
settings.json            how it was trained, on what, and how it ended: status, epochs, metrics
history.csv              one line per epoch
learning_curve.png       the same, drawn
======================== ==============================================================================

A folder is filled under another name and appears when it is complete; from then on each file is replaced in one step.
"""

from __future__ import annotations

import contextlib
import csv
import errno
import io
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from chainrule.base.errors import message
from chainrule.formats import safetensors
from chainrule.formats.atomic import write_atomically
from chainrule.train.errors import RunFolderError, need
from chainrule.train.loop import Epoch
from chainrule.train.state import State

# Metrics in history.csv, spelled as programs like their columns.
COLUMNS = {"RMSE": "rmse", "MAE": "mae", "R²": "r2", "accuracy": "accuracy", "cross-entropy": "cross_entropy"}
WEIGHTS, CHECKPOINT = "weights.safetensors", "checkpoint.safetensors"
SCHEMA, SETTINGS, HISTORY, CURVE = "schema.json", "settings.json", "history.csv", "learning_curve.png"


class RunFolder:
    """A folder with a complete state in it."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    @classmethod
    def create(
        cls, path: Path, schema: dict[str, Any], settings: dict[str, Any], state: State, overwrite: bool = False
    ) -> RunFolder:
        """Make the folder with the state before the first epoch; nothing is left behind if that fails.

        Raises:
            RunFolderError: it exists already, or cannot be written.
        """
        check_free(path, overwrite)
        with _explained(path, "no folder was made"):
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent))
            try:
                os.chmod(temporary, path.parent.stat().st_mode & 0o777)  # mkdtemp makes it private
                folder = cls(temporary)
                folder.write_json(SCHEMA, schema)
                folder.write_json(SETTINGS, settings)
                folder._write_state(state, [])
                _take_name(temporary, path)
            except BaseException:
                shutil.rmtree(temporary, ignore_errors=True)
                raise
        return cls(path)

    def save(self, state: State, history: Sequence[Epoch]) -> None:
        """Replace weights, checkpoint and history by those of ``state``."""
        with _explained(self.path, "it holds the last state that was written completely"):
            self._write_state(state, history)

    def _write_state(self, state: State, history: Sequence[Epoch]) -> None:
        notes = {"epoch": str(state.epoch)}
        # In this order, because a stop in between leaves a history that is an epoch longer than the weights, which
        # readers cut off; the other way round an epoch would be missing from it.
        write_atomically(self.path / HISTORY, history_csv(history))
        safetensors.save(self.path / CHECKPOINT, state.arrays(), state.notes())
        safetensors.save(self.path / WEIGHTS, state.weights, notes)

    def write_json(self, name: str, content: dict[str, Any]) -> None:
        with _explained(self.path, "it holds the last state that was written completely"):
            write_atomically(self.path / name, json.dumps(content, indent=2, ensure_ascii=False) + "\n")

    def write(self, name: str, content: bytes) -> None:
        with _explained(self.path, "it holds the last state that was written completely"):
            write_atomically(self.path / name, content)

    def read_json(self, name: str) -> dict[str, Any]:
        """
        Raises:
            RunFolderError: the folder or the file is not there, or is damaged.
        """
        if not self.path.is_dir():
            raise RunFolderError(
                message(
                    f"no run folder {self.path}", "chainrule train writes one", f"chainrule train --out {self.path}"
                )
            )
        file = self.path / name
        if not file.exists():
            raise RunFolderError(
                message(
                    f"{self.path} is not a run folder: it has no {name}",
                    "chainrule train writes it",
                    "the folder that chainrule train named",
                )
            )
        try:
            return json.loads(file.read_text(encoding="utf-8"))
        except ValueError as error:
            raise RunFolderError(message(f"{file} is damaged", str(error), "the file as it was written")) from error

    def read_weights(self) -> tuple[dict[str, Any], int]:
        """The parameters after the last complete epoch, and its number."""
        arrays = self._read_arrays(WEIGHTS)
        return arrays, int(safetensors.read_notes(self.path / WEIGHTS).get("epoch", 0))

    def read_state(self) -> State:
        """The last complete state, to go on from."""
        return State.from_file(self._read_arrays(CHECKPOINT), safetensors.read_notes(self.path / CHECKPOINT))

    def _read_arrays(self, name: str) -> dict[str, Any]:
        need("safetensors", "reading weights")
        try:
            return safetensors.load(self.path / name)
        except (FileNotFoundError, ValueError) as error:
            raise RunFolderError(message(f"{self.path} cannot be used", str(error))) from error

    def read_history(self, last: int) -> list[Epoch]:
        """The epochs up to ``last``, that of the weights or the checkpoint they belong to."""
        try:
            with (self.path / HISTORY).open(encoding="utf-8", newline="") as lines:
                history = [_epoch(row) for row in csv.DictReader(lines)]
        except (FileNotFoundError, KeyError, ValueError) as error:
            raise RunFolderError(message(f"{self.path} cannot be used", f"{HISTORY}: {error}")) from error
        return [epoch for epoch in history if epoch.number <= last]


def _take_name(temporary: Path, path: Path) -> None:
    """Give a finished folder its name; a run that bears it goes only when the new one stands."""
    if not path.exists():
        os.rename(temporary, path)
        return
    old = path.with_name(f".{path.name}.old")
    os.rename(path, old)
    os.rename(temporary, path)
    shutil.rmtree(old)


def check_free(path: Path, overwrite: bool) -> None:
    """
    Raises:
        RunFolderError: something stands at ``path`` that must not be replaced.
    """
    if not path.exists() or (path.is_dir() and not any(path.iterdir())):
        return
    is_run = (path / SETTINGS).exists() and (path / SCHEMA).exists()
    if overwrite and is_run:
        return
    if is_run:
        raise RunFolderError(
            message(
                f"{path} holds a run already",
                "it would be lost",
                "another out=… (--out …), or overwrite=True (--overwrite)",
            )
        )
    kind = "a folder with other things in it" if path.is_dir() else "a file"
    raise RunFolderError(message(f"{path} is {kind}", "it would be lost", "another out=… (--out …)"))


def next_free(parent: Path, name: str) -> Path:
    """``parent/name``, or the first of ``name-2``, ``name-3``, … that does not exist."""
    path, number = parent / name, 1
    while path.exists():
        number += 1
        path = parent / f"{name}-{number}"
    return path


def history_csv(history: Sequence[Epoch]) -> str:
    """One line per epoch: numbers in full precision, so that they can be read back as they were."""
    text = io.StringIO()
    metrics = list(history[0].held_out) if history else []
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["epoch", "loss", "held_out_loss", *(f"held_out_{COLUMNS[name]}" for name in metrics), "seconds"])
    for e in history:
        held_out = "" if e.held_out_loss is None else e.held_out_loss
        writer.writerow([e.number, e.loss, held_out, *(e.held_out.get(m, "") for m in metrics), round(e.seconds, 6)])
    return text.getvalue()


def _epoch(row: dict[str, str]) -> Epoch:
    cells = {name: row.get(f"held_out_{column}") for name, column in COLUMNS.items()}
    metrics = {name: float(cell) for name, cell in cells.items() if cell}
    held_out = float(row["held_out_loss"]) if row["held_out_loss"] else None
    return Epoch(int(row["epoch"]), float(row["loss"]), held_out, metrics, float(row["seconds"]))


@contextlib.contextmanager
def _explained(path: Path, kept: str) -> Iterator[None]:
    """Say of a full disk and of a folder that cannot be written what was being done and what is left."""
    try:
        yield
    except RunFolderError:
        raise
    except OSError as error:
        place = path if path.is_dir() else path.parent
        reasons = {
            errno.ENOSPC: ("the disk is full", "free some space, or out=… (--out …) on another disk"),
            errno.EDQUOT: ("the disk quota is used up", "free some space, or out=… (--out …) on another disk"),
            errno.EACCES: (f"permission denied: {place}", "out=… (--out …), a folder that you may write to"),
            errno.EPERM: (f"permission denied: {place}", "out=… (--out …), a folder that you may write to"),
            errno.EROFS: ("the file system is read-only", "out=… (--out …), a folder that can be written to"),
            errno.ENOTDIR: (f"{path.parent} is a file", "out=… (--out …), a path whose parents are folders"),
            errno.EEXIST: (f"{path.parent} is a file", "out=… (--out …), a path whose parents are folders"),
        }
        why, instead = reasons.get(error.errno or 0, (str(error), "out=… (--out …), another folder"))
        raise RunFolderError(message(f"the run folder {path} cannot be written ({kept})", why, instead)) from error
