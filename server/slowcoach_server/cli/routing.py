"""`slowcoach route`: which of the twelve commands a sentence means, as one JSON document."""

import argparse
import json
import sys
from collections.abc import Sequence
from typing import IO

_LONGEST = 20_000
_ABOUT = """\
Name the command that a sentence means, without a model: one JSON document with the command (or
none), how sure it is, other readings, and what the sentence names (address, process, file, SQL,
figures). The prompt of that name carries the command out; `slowcoach ask` runs it.
"""


def main(words: Sequence[str]) -> int:
    """Print the route of a sentence; `-` reads it from standard input. Exit 2: nothing to read."""
    parser = argparse.ArgumentParser(
        prog="slowcoach route",
        description=_ABOUT,
        epilog='example: slowcoach route "why is http://127.0.0.1:8000/search slow?"',
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("sentence", nargs="+", help="the words, or - for standard input")
    return _answer(" ".join(parser.parse_args(words).sentence), sys.stdout)


def _answer(sentence: str, out: IO[str]) -> int:
    from slowcoach.core.errors import InputError
    from slowcoach.routing.route import route

    try:
        found = route(sys.stdin.read(_LONGEST) if sentence == "-" else sentence)
    except InputError as error:
        said = {"code": error.code, "message": error.message, "hint": error.hint}
        out.write(json.dumps({"error": said}) + "\n")
        return error.exit_code
    out.write(json.dumps(found.model_dump(mode="json"), ensure_ascii=False) + "\n")
    return 0
