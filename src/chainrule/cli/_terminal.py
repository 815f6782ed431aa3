"""What the commands share: where text goes, and how an error looks."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import IO, Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from chainrule.train.errors import DataError, Diverged, MissingLibrary, RunFolderError, SettingError

EXPECTED = (DataError, SettingError, RunFolderError, Diverged, MissingLibrary)


def console(stderr: bool = False) -> Console:
    """Made anew for each command, so that it writes to the stream of that moment."""
    return Console(stderr=stderr, highlight=False, soft_wrap=False)


class Failure(click.ClickException):
    """An error of ours: what happened in red, why and what to write instead below it."""

    def show(self, file: IO[Any] | None = None) -> None:
        """In a terminal, long lines are broken between words and stay under their label; elsewhere they stay whole."""
        out = Console(file=file, highlight=False) if file else console(stderr=True)
        lines = [line.partition(": ") for line in f"error: {self.message}".splitlines()]
        if not out.is_terminal:
            for label, colon, said in lines:
                out.print(Text(label + colon + said), soft_wrap=True)
            return
        table = Table.grid(padding=(0, 1, 0, 0))
        for index, (label, _, said) in enumerate(lines):
            table.add_row(Text(f"{label}:", style="bold" if index else "bold red"), Text(said))
        out.print(table)


class Interrupted(Failure):
    """Ctrl-C, with the exit status that shells give to it."""

    exit_code = 130


def explains_errors(command: Callable[..., None]) -> Callable[..., None]:
    """Show the errors that a user can mend as text; let all others through, with their traceback."""

    @functools.wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except EXPECTED as error:
            raise Failure(str(error)) from error

    return wrapped
