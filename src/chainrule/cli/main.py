"""``chainrule COMMAND …``: find the command, import it, hand over.

A command NAME is a file ``cli/NAME.py`` that defines NAME, a click command; files that begin with an underscore are
none. There is no list to keep: the folder is the list. A command's module is imported when the command is called,
and all of them only for ``chainrule --help``, so each imports what is heavy inside its functions.
"""

from __future__ import annotations

import importlib
import pkgutil

import click

import chainrule
from chainrule import cli
from chainrule.base.errors import did_you_mean

NOT_COMMANDS = ("main",)


class Commands(click.Group):
    """The commands in this folder, imported on first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        files = (entry.name for entry in pkgutil.iter_modules(cli.__path__))
        return sorted(name for name in files if not name.startswith("_") and name not in NOT_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        return getattr(importlib.import_module(f"chainrule.cli.{cmd_name}"), cmd_name)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        known = self.list_commands(ctx)
        if args[0] not in known and not args[0].startswith("-") and not ctx.resilient_parsing:
            ctx.fail(f"No such command {args[0]!r}.{did_you_mean(args[0], known)}")
        return super().resolve_command(ctx, args)


@click.command(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""`chainrule COMMAND --help` says what a command takes.

    In bash, eval "$(_CHAINRULE_COMPLETE=bash_source chainrule)" lets the tab key complete commands and options
    (zsh_source and fish_source in these).""",
)
@click.version_option(chainrule.__version__, prog_name="chainrule")
def main() -> None:
    """Train models, and look at how they learn."""


if __name__ == "__main__":
    main(prog_name="chainrule")
