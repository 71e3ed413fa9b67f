"""The command line. `main` starts as little as it can: help imports no MCP, serve no CLI."""

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; with no argument: help on a terminal, MCP over stdio on a pipe."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words and not sys.stdin.isatty():
        words = ["serve"]
    if words[:1] == ["serve"]:  # a client waits for it: without the other commands' parser
        from slowcoach_server.serve import main as serve

        raise SystemExit(serve(words[1:]))
    if words[:1] == ["route"]:  # asked for each sentence: without building every command
        from slowcoach_server.cli.routing import main as route

        raise SystemExit(route(words[1:]))
    from slowcoach_server.cli.application import build, run

    raise SystemExit(run(build(), words))
