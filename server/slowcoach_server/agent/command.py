"""`slowcoach ask` with a key: the conversation from question to answer."""

import argparse
import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from mcp import Client

from slowcoach.core import knowledge
from slowcoach.core.errors import CancelledError, InputError, SlowcoachError
from slowcoach.core.knowledge import page
from slowcoach.core.runs import Runs, plain
from slowcoach.routing.route import NONE, route
from slowcoach_server.agent.conversation import Conversation, resumed, started
from slowcoach_server.agent.driving import SAID, Driver, Limits, Stop
from slowcoach_server.agent.marking import NOTE
from slowcoach_server.agent.prices import price_of
from slowcoach_server.agent.served import Desk, ServedTool
from slowcoach_server.playbook.person import Person
from slowcoach_server.present import cleaned

_GO_ON = "Go on where you stopped."
_BEAT_S = 5.0
_RETRIES = 3
_NOBODY = "Nobody can answer questions now: take defaults, and say which you took."
_SOMEBODY = "The person reads along and can answer: ask only what no tool can tell."


class Told:
    """What is shown: the model's text on standard output, everything else beside it."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self.text: list[str] = []
        self.calls: list[dict[str, Any]] = []
        self.verdict: dict[str, Any] | None = None

    def say(self, text: str) -> None:
        """Hear a piece of the model's text."""
        self.text.append(text)
        if not self.as_json:
            sys.stdout.write(str(cleaned(text)))
            sys.stdout.flush()

    def note(self, text: str) -> None:
        """Tell what happens."""
        sys.stderr.write(f"{cleaned(text)}\n")
        sys.stderr.flush()

    def called(self, name: str, given: Mapping[str, Any], content: dict[str, Any] | None) -> None:
        """Keep a call, and the verdict if it brought one."""
        content = content or {}
        self.calls.append(
            {
                "tool": name,
                "arguments": plain(dict(given)),
                "run_id": content.get("run_id"),
                "status": content.get("status", "failed"),
                "summary": content.get("summary", ""),
            }
        )
        if content.get("verdict"):
            verdict = content["verdict"]
            self.verdict = verdict if isinstance(verdict, dict) else {"is": verdict}

    def last(self) -> str:
        """Return the model's last text."""
        return "".join(self.text).strip()


def run(sentence: str, options: argparse.Namespace, runs: Runs) -> int:
    """Hold the conversation and return the exit code."""
    talk = _talk(sentence, options, runs)
    price = price_of(talk.model, options.price_in, options.price_out)
    if options.max_cost is not None and price is None:
        raise InputError(
            f"--max-cost: the price of {talk.model} is not known",
            hint="Give --price-in and --price-out, in dollars a million tokens",
        )
    if options.max_turns < 1:
        raise InputError("--max-turns: expected 1 or more", hint="Leave it out for 20")
    limits = Limits(options.max_turns, options.max_cost, price, not options.no_stream)
    told = Told(as_json=options.json)
    talk.begin()
    try:
        stop = asyncio.run(_held(sentence, talk, limits, told, Person(yes=options.yes)))
    except BaseException:
        talk.finish("cancelled", "The conversation was called off.", turns=talk.turns)
        told.note(f"kept: slowcoach ask --resume {talk.run_id}")
        raise
    if isinstance(stop, SlowcoachError):
        talk.finish("failed", str(stop), turns=talk.turns)
        told.note(f"kept: slowcoach ask --resume {talk.run_id}")
        raise stop
    return _reported(talk, limits, told, stop)


def _talk(sentence: str, options: argparse.Namespace, runs: Runs) -> Conversation:
    from slowcoach_server.cli.asking import pair

    if options.resume:
        return resumed(runs, options.resume, options.model)
    found = route(sentence)
    arguments = {**found.arguments, **dict(pair(text) for text in options.set)}
    model = options.model or str(page("models").data["default"])
    return started(runs, sentence, found.command, arguments, model)


async def _held(
    sentence: str, talk: Conversation, limits: Limits, told: Told, person: Person
) -> Stop | SlowcoachError:
    """Hold the conversation. A foreseen error is returned: raised, the task groups of the server
    in memory would wrap it.
    """
    from anthropic import AsyncAnthropic

    from slowcoach_server.app import build_app
    from slowcoach_server.settings import from_environment

    app = build_app(from_environment(), talk.runs)
    async with Client(app) as server, AsyncAnthropic(max_retries=_RETRIES) as client:
        desk = Desk(server, person, talk.arguments, told.note, told.called)
        try:
            async with _beat(talk):
                text = await _first(sentence, talk, server)
                tools = [ServedTool(tool, desk) for tool in (await server.list_tools()).tools]
                system = _system(person)
                driver = Driver(client, talk, tools, system, limits, told.say, told.note)
                return await _talked(text, driver, told, person)
        except SlowcoachError as error:
            return error


def _system(person: Person) -> list[dict[str, Any]]:
    from slowcoach_server.app import INSTRUCTIONS

    there = _SOMEBODY if person.terminal else _NOBODY
    text = f"{INSTRUCTIONS}\n{NOTE}\n{there}"
    return [{"type": "text", "text": text, "cache_control": {"type": "ephemeral"}}]


async def _talked(text: str, driver: Driver, told: Told, person: Person) -> Stop:
    """Let the model answer, and the person reply, until one of them ends it."""
    talk = driver.conversation
    told.note(f"{talk.command}, driven by {talk.model} ({talk.run_id})")
    while True:
        talk.say(text)
        stop = await driver.drive()
        told.note(talk.usage.shown(driver.limits.price))
        if stop != "answered" or not person.terminal or told.as_json:
            return stop
        text = await asyncio.to_thread(person.line, "\nyou (Enter ends)> ")
        if not text:
            return stop
        told.text.clear()


async def _first(sentence: str, talk: Conversation, server: Client) -> str:
    """Return what is said first: the question and the command's steps; or how to go on."""
    if talk.messages:
        return sentence.strip() or _GO_ON
    command = knowledge.commands().get(talk.command)
    if command is None or talk.command == NONE:
        known = "; ".join(f"{c.title}: {', '.join(c.tools)}" for c in knowledge.commands().values())
        return f"{sentence}\n\n(No command fits it clearly. There are: {known}.)"
    names = {argument.name for argument in command.arguments}
    arguments = {k: str(v) for k, v in talk.arguments.items() if k in names}
    prompt = await server.get_prompt(talk.command, arguments)
    steps = "\n".join(getattr(m.content, "text", "") for m in prompt.messages)
    rest = {k: v for k, v in talk.arguments.items() if k not in names}
    also = f"\n\nAlso said: {json.dumps(plain(rest), ensure_ascii=False)}" if rest else ""
    return f"{sentence}\n\nThe plan for it:\n\n{steps}{also}"


@asynccontextmanager
async def _beat(talk: Conversation) -> AsyncIterator[None]:
    """Tell the store that the conversation lives, and end it when someone asks for that."""
    whole, asked = asyncio.current_task(), False

    async def beat() -> None:
        nonlocal asked
        while True:
            await asyncio.sleep(_BEAT_S)
            with contextlib.suppress(SlowcoachError):
                text = f"{talk.turns} turns"
                if await asyncio.to_thread(talk.runs.store.beat, talk.run_id, text) and whole:
                    asked = True
                    whole.cancel()

    beating = asyncio.create_task(beat())
    try:
        yield
    except asyncio.CancelledError:
        if asked:
            raise CancelledError("the conversation was called off") from None
        raise
    finally:
        beating.cancel()


def _reported(talk: Conversation, limits: Limits, told: Told, stop: Stop) -> int:
    done = stop == "answered"
    cost = talk.usage.cost(limits.price)
    summary = told.last() if done else SAID[stop]
    content = {
        "question": talk.question,
        "command": talk.command,
        "run_id": talk.run_id,
        "status": "done" if done else "partly",
        "stop": stop,
        "model": talk.model,
        "turns": talk.turns,
        "tokens": {
            "read": talk.usage.read,
            "written": talk.usage.written,
            "into_cache": talk.usage.into_cache,
            "from_cache": talk.usage.from_cache,
        },
        "cost_usd": cost,
        "summary": summary,
        "text": told.last(),
        "verdict": told.verdict,
        "steps": told.calls,
        "next": [f"slowcoach ask --resume {talk.run_id}"],
    }
    rest = {k: v for k, v in content.items() if k not in {"summary", "status", "run_id"}}
    talk.finish("done", summary, **rest)
    if told.as_json:
        sys.stdout.write(json.dumps(cleaned(plain(content)), ensure_ascii=False) + os.linesep)
    elif not done:
        told.note(SAID[stop])
    told.note(f"kept: slowcoach ask --resume {talk.run_id}")
    return 0 if done else 1
