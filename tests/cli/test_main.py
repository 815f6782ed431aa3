"""The group: every file is a command, imported when it is called, and near misses are named."""

import importlib
import os
import pkgutil
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from chainrule import cli
from chainrule.cli.main import main

ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
COMMANDS = [e.name for e in pkgutil.iter_modules(cli.__path__) if not e.name.startswith("_") and e.name != "main"]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_file_is_a_command_with_a_short_help(name):
    command = main.get_command(click.Context(main), name)
    assert isinstance(command, click.Command)
    assert command.get_short_help_str(200).endswith(".")
    result = CliRunner().invoke(main, [name, "--help"])
    assert result.exit_code == 0
    assert result.output.startswith(f"Usage: main {name} ")


def test_help_lists_the_commands():
    output = CliRunner().invoke(main, ["--help"]).output
    for name in COMMANDS:
        assert f"\n  {name} " in output
    assert "\n  main " not in output


def test_near_misses_are_named():
    result = CliRunner().invoke(main, ["trian"])
    assert result.exit_code == 2
    assert "No such command 'trian'. Did you mean 'train'?" in result.output


def test_version():
    import chainrule

    assert CliRunner().invoke(main, ["--version"]).output == f"chainrule, version {chainrule.__version__}\n"


def test_help_loads_no_table_and_no_plot():
    """So that the help is there at once, whether or not the extras are installed."""
    program = (
        "import sys; from chainrule.cli.main import main; main(['--help'], standalone_mode=False);"
        "print(*[name for name in ('polars', 'matplotlib', 'safetensors', 'sklearn') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=ENVIRONMENT)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == ""


def test_private_files_are_no_commands():
    assert importlib.import_module("chainrule.cli._terminal")
    assert main.get_command(click.Context(main), "_terminal") is None
