"""``chainrule why``: the page about an error, by its code or by its text."""

from __future__ import annotations

import click

from chainrule.cli._terminal import Failure, console


@click.command(short_help="Explain an error: what it means, its usual causes, wrong and right code.")
@click.argument("error", nargs=-1, metavar="[CODE | TEXT]")
@click.option("--index", is_flag=True, help="Print the index of all pages in Markdown.")
def why(error: tuple[str, ...], index: bool) -> None:
    """Explain an error: what it means, its usual causes, wrong and right code.

    \b
    chainrule why E012
    chainrule why "mat1 and mat2 shapes cannot be multiplied"
    chainrule why                     all of them, one line each
    """
    from chainrule.explanation import catalogue

    if index:
        click.echo(catalogue.index(), nl=False)
    elif not error:
        _list()
    else:
        page = catalogue.nearest(" ".join(error))
        if page is None:
            raise Failure(f"no page is about {' '.join(error)!r}\n  instead: chainrule why, for a list of all")
        _show(page.text)


def _list() -> None:
    from rich import box
    from rich.table import Table

    from chainrule.explanation.catalogue import pages

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="dim")
    table.add_column("code", style="bold", no_wrap=True)
    table.add_column("error")
    for page in pages().values():
        table.add_row(page.code, page.title)
    out = console()
    out.print(table)
    out.print("chainrule why CODE shows a page; chainrule why \"text of an error\" finds it.", style="dim")


def _show(text: str) -> None:
    """The page, set for a terminal; elsewhere as it is."""
    from rich.markdown import Markdown

    out = console()
    if out.is_terminal:
        out.print(Markdown(text, code_theme="ansi_dark"))
    else:
        click.echo(text, nl=False)
