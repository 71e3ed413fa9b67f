"""The command line. `main` starts as little as it can: help and version import no MCP."""

import sys
from collections.abc import Sequence

from slowcoach_server.cli.application import build, run


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; with no argument: help on a terminal, MCP over stdio on a pipe."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words and not sys.stdin.isatty():
        words = ["serve"]
    raise SystemExit(run(build(), words))
