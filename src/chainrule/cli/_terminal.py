"""What the commands share: where text goes, and how an error looks."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import IO, Any

import click
from rich.console import Console
from rich.text import Text

from chainrule.train.errors import DataError, Diverged, MissingLibrary, RunFolderError, SettingError

EXPECTED = (DataError, SettingError, RunFolderError, Diverged, MissingLibrary)


def console(stderr: bool = False) -> Console:
    """Made anew for each command, so that it writes to the stream of that moment."""
    return Console(stderr=stderr, highlight=False, soft_wrap=False)


class Failure(click.ClickException):
    """An error of ours: what happened in red, why and what to write instead below it."""

    def __init__(self, text: str, exit_code: int = 1) -> None:
        super().__init__(text)
        self.exit_code = exit_code

    def show(self, file: IO[Any] | None = None) -> None:
        first, *rest = self.message.splitlines()
        out = Console(file=file, highlight=False) if file else console(stderr=True)
        out.print(Text.assemble(("error: ", "bold red"), first), soft_wrap=True)
        for line in rest:
            label, colon, said = line.partition(": ")
            out.print(Text.assemble((label + colon, "bold"), said) if colon else Text(line), soft_wrap=True)


def explains_errors(command: Callable[..., None]) -> Callable[..., None]:
    """Show the errors that a user can mend as text; let all others through, with their traceback."""

    @functools.wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except EXPECTED as error:
            raise Failure(str(error)) from error

    return wrapped
