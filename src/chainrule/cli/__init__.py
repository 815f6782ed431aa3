"""The command line: ``chainrule COMMAND …``; each file beside main.py is one command."""
