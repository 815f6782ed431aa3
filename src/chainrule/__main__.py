"""`python -m chainrule …` is the command `chainrule …`, for where the script is not on the path."""

from chainrule.cli.main import main

if __name__ == "__main__":
    # Named, because click would otherwise spell the usage line with this file's name.
    main(prog_name="chainrule")
