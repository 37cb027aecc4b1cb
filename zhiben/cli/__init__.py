"""The command line: everything an operator does, in Chinese or, with --json, for programs."""

from zhiben.cli.main import main

__all__ = ["main"]
