"""`slowcoach ask`: a question in one's own words, carried out and answered."""

import argparse
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slowcoach.core import process
from slowcoach.core.errors import CancelledError, InputError, SlowcoachError, ToolFailedError
from slowcoach.core.job import Progress
from slowcoach.core.runs import Runs
from slowcoach.core.tool import Tool

if TYPE_CHECKING:
    from slowcoach_server.playbook.answer import Answer
    from slowcoach_server.playbook.walk import Walk

_ABOUT = """\
Carry out what a sentence asks for: measure, name the cause, show the evidence and the fix. Without
a key it works by the command's playbook and asks what it needs to know; with ANTHROPIC_API_KEY (and
the extra `agent`) Claude drives the same tools. On a terminal it asks before code or load runs.
"""
_EVERY_S = 2.0
_KEYS = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN")
_LONGEST = 20_000


def parser() -> argparse.ArgumentParser:
    """Return the options of `slowcoach ask`."""
    made = argparse.ArgumentParser(
        prog="slowcoach ask",
        description=_ABOUT,
        epilog='example: slowcoach ask "why is http://127.0.0.1:8000/search slow?"',
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = made.add_argument
    add("sentence", nargs="*", help="the question, or - for standard input")
    add("--resume", metavar="RUN|FILE", help="go on from a run, a conversation or a saved brief")
    add("--set", action="append", default=[], metavar="NAME=VALUE", help="say an argument (repeat)")
    add("--yes", action="store_true", help="permit running code and load without asking")
    add("--allow-host", action="append", default=[], help="may be loaded too (repeat it)")
    add("-o", "--output", type=Path, help="write the brief, filled in, as YAML")
    add("--json", action="store_true", help="print the answer as JSON")
    claude = made.add_argument_group("with a key")
    add = claude.add_argument
    add("--no-agent", action="store_true", help="work by the playbook though there is a key")
    add("--model", help="the model that drives")
    add("--max-turns", type=int, default=20, help="answers of the model at most (20)")
    add("--max-cost", type=float, help="dollars at most")
    add("--price-in", type=float, help="dollars a million tokens read, for a model without a price")
    add("--price-out", type=float, help="dollars a million tokens written")
    add("--no-stream", action="store_true", help="show each answer when it is whole")
    return made


def main(words: Sequence[str]) -> int:
    """Run `slowcoach ask` and return the exit code: 0 answered, 1 a tool failed, 2 bad input."""
    options = parser().parse_args(words)
    try:
        runs = _runs(options.allow_host)
        return _ask(options, runs)
    except SlowcoachError as error:
        return _told(error, as_json=options.json)
    except KeyboardInterrupt as stop:
        process.stop_all()
        return _told(_interrupted(), as_json=options.json, code=_code_of(stop))
    except BrokenPipeError:  # `slowcoach ask ... | head`
        raise
    except Exception as error:  # noqa: BLE001 - the edge: a crash is told as one, without a traceback
        process.stop_all()
        if os.environ.get("SLOWCOACH_DEBUG") == "1":
            traceback.print_exc()
        said = f"it failed inside: {type(error).__name__}: {error}"
        crash = ToolFailedError(said, hint="Set SLOWCOACH_DEBUG=1 and report it")
        return _told(crash, as_json=options.json)


def _code_of(stop: KeyboardInterrupt) -> int:
    from slowcoach_server.cli.call import SIGNALLED, SignalledError

    return SIGNALLED + (stop.number if isinstance(stop, SignalledError) else signal.SIGINT)


def _interrupted() -> SlowcoachError:
    return CancelledError(
        "interrupted before the end; nothing of it is running any more",
        hint="`slowcoach list-runs` shows what was finished; ask again to begin anew",
    )


def _ask(options: argparse.Namespace, runs: Runs) -> int:
    sentence = " ".join(options.sentence)
    if sentence == "-":
        sentence = sys.stdin.read(_LONGEST)
    if not (sentence.strip() or options.resume):
        raise InputError(
            "a question is needed", hint='slowcoach ask "why is http://127.0.0.1:8000/ slow?"'
        )
    if _driven(options, runs):
        from slowcoach_server.agent.command import run

        return run(sentence, options, runs)
    return _by_playbook(sentence, options, runs)


def _driven(options: argparse.Namespace, runs: Runs) -> bool:
    """Tell whether the model drives: there is a key, and the SDK is installed."""
    conversation = bool(options.resume) and not Path(options.resume).is_file()
    conversation = conversation and runs.store.get(options.resume).tool == "ask"
    if options.no_agent or not any(os.environ.get(name) for name in _KEYS):
        if conversation:
            raise InputError(
                f"run {options.resume} is a conversation with a model, and there is no key",
                hint="Set ANTHROPIC_API_KEY to go on with it",
            )
        return False
    if find_spec("anthropic") is None:
        sys.stderr.write("There is a key, but not the SDK: pip install 'slowcoach[agent]'.\n")
        return False
    return conversation or not options.resume


def _runs(hosts: Sequence[str]) -> Runs:
    from slowcoach_server.cli.call import local_runs

    runs = local_runs()
    runs.permissions = replace(runs.permissions, hosts=runs.permissions.hosts | frozenset(hosts))
    return runs


def _by_playbook(sentence: str, options: argparse.Namespace, runs: Runs) -> int:
    from slowcoach.routing.route import NONE
    from slowcoach_server.cli.call import interrupt_on_signals
    from slowcoach_server.playbook.asking import UnfinishedError, carried_out, nothing, understood
    from slowcoach_server.playbook.person import Person
    from slowcoach_server.settings import from_environment

    more = dict(pair(text) for text in options.set)
    found, before = understood(sentence, options.resume, runs, more)
    if found.command == NONE:
        _shown(nothing(sentence, found), None, options)
        return InputError.exit_code
    interrupt_on_signals(runs)
    sys.stderr.write(f"{found.command} ({found.confidence:.0%} sure)\n")
    try:
        answer, walk = carried_out(
            sentence,
            found,
            runs,
            Person(yes=options.yes),
            before=before,
            watch=_watch,
            has_database=bool(from_environment().database_url),
        )
    except UnfinishedError as ended:
        return _ended(ended.answer, ended.walk, ended.error, options)
    _shown(_with_file(answer, options.output), walk, options)
    return 0


def pair(text: str) -> tuple[str, Any]:
    """Return name and value of `NAME=VALUE`; JSON objects and lists are read as such."""
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise InputError(
            f"--set: expected NAME=VALUE, got {text[:60]!r}", hint="--set concurrency=16"
        )
    if value[:1] in {"{", "["}:
        try:
            return name.strip().replace("-", "_"), json.loads(value)
        except ValueError:
            pass
    return name.strip().replace("-", "_"), value


def _watch(tool: Tool, why: str) -> Callable[[Progress], None]:
    """Say which tool is called and why, then its progress every few seconds."""
    sys.stderr.write(f"→ {tool.name}: {why}\n")
    last = time.monotonic()

    def tell(progress: Progress) -> None:
        nonlocal last
        if time.monotonic() - last >= _EVERY_S:
            last = time.monotonic()
            of = f"/{progress.total:.0f}" if progress.total else ""
            sys.stderr.write(f"  {progress.done:.0f}{of} {progress.message}\n")

    return tell


def _with_file(answer: "Answer", path: Path | None) -> "Answer":
    if path is None or not answer.brief:
        return answer
    from slowcoach.diagnosis.brief import as_yaml

    try:
        path.write_bytes(as_yaml(answer.brief))
    except OSError as error:
        raise InputError(
            f"{path}: {error.strerror}", hint="Give a file that can be written"
        ) from None
    return answer.model_copy(update={"brief_file": str(path)})


def _shown(answer: "Answer", walk: "Walk | None", options: argparse.Namespace) -> None:
    if options.json:
        from slowcoach_server.present import WHOLE_LIMIT, cleaned, fitted

        content = fitted(cleaned(answer.model_dump(mode="json")), WHOLE_LIMIT)
        sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")
        return
    from slowcoach_server.cli.answering import show

    show(answer, walk)


def _ended(
    answer: "Answer", walk: "Walk", error: SlowcoachError, options: argparse.Namespace
) -> int:
    if options.json:
        said = {"code": error.code, "message": error.message, "hint": error.hint}
        content = {**answer.model_dump(mode="json"), "error": said}
        sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")
        return error.exit_code
    from slowcoach_server.cli.answering import show
    from slowcoach_server.cli.person import tell

    if walk.main is not None:
        show(answer, walk)
    tell(error)
    return error.exit_code


def _told(error: SlowcoachError, *, as_json: bool, code: int | None = None) -> int:
    if as_json:
        said = {"code": error.code, "message": error.message, "hint": error.hint}
        sys.stdout.write(json.dumps({"error": said}, ensure_ascii=False) + "\n")
    else:
        from slowcoach_server.cli.person import tell

        tell(error)
    return error.exit_code if code is None else code
