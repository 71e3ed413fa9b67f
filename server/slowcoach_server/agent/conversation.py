"""A conversation, kept as a run: resumable at any time, whatever ended it."""

import json
from dataclasses import dataclass, field
from typing import Any

from slowcoach.core.errors import InputError, UnreadableError
from slowcoach.core.runs import Runs, new_id, plain, versions
from slowcoach_server.agent.prices import Usage

TOOL = "ask"
_FILE = "conversation.json"
_NOT_RUN = "It was not run: the conversation stopped before."
Message = dict[str, Any]


@dataclass(slots=True)
class Conversation:
    """Messages as the API takes them, and what they are about."""

    runs: Runs
    run_id: str
    question: str
    command: str
    arguments: dict[str, Any]
    model: str
    messages: list[Message] = field(default_factory=list[Message])
    usage: Usage = field(default_factory=Usage)
    turns: int = 0

    def begin(self) -> None:
        """Keep it as a run that goes on."""
        told = {"question": self.question, "command": self.command, "model": self.model}
        self.runs.store.begin(self.run_id, TOOL, plain(told), versions())

    def say(self, text: str) -> None:
        """Add what the person says; calls that nothing answered are closed first."""
        self.close()
        block = {"type": "text", "text": text}
        if self.messages and self.messages[-1]["role"] == "user":
            self.messages[-1]["content"].append(block)
        else:
            self.messages.append({"role": "user", "content": [block]})
        self.save()

    def add(self, message: Any) -> None:
        """Add an answer of the model."""
        content = [
            block.model_dump(mode="json", exclude_none=True, exclude={"parsed_output"})
            for block in message.content
        ]
        self.messages.append({"role": "assistant", "content": content})
        self.usage.add(message.usage)
        self.turns += 1

    def add_results(self, results: Any) -> None:
        """Add what the tools answered."""
        self.messages.append({"role": "user", "content": list(results["content"])})
        self.save()

    def close(self) -> None:
        """Answer tool calls that were never run: the API refuses a history with open ones."""
        if not self.messages or self.messages[-1]["role"] != "assistant":
            return
        if not self.messages[-1]["content"]:
            self.messages.pop()
            return
        open_calls = [b["id"] for b in self.messages[-1]["content"] if b.get("type") == "tool_use"]
        if open_calls:
            results = [
                {"type": "tool_result", "tool_use_id": call, "content": _NOT_RUN, "is_error": True}
                for call in open_calls
            ]
            self.messages.append({"role": "user", "content": results})

    def save(self) -> None:
        """Keep it as it stands; passwords are left out."""
        content = {
            "command": self.command,
            "question": self.question,
            "arguments": self.arguments,
            "model": self.model,
            "messages": self.messages,
        }
        data = json.dumps(plain(content), ensure_ascii=False).encode()
        self.runs.store.save(self.run_id, _FILE, data, "application/json")

    def finish(self, status: str, summary: str, **more: Any) -> None:
        """Keep how it ended."""
        self.save()
        self.runs.store.finish(self.run_id, status, plain({"summary": summary, **more}))


def started(
    runs: Runs, question: str, command: str, arguments: dict[str, Any], model: str
) -> Conversation:
    """Return a new conversation."""
    return Conversation(runs, new_id(TOOL), question, command, arguments, model)


def resumed(runs: Runs, run_id: str, model: str | None) -> Conversation:
    """Return an earlier conversation as a new run. Raises UnknownRunError and UnreadableError."""
    stored = runs.store.get(run_id)
    if stored.tool != TOOL:
        raise InputError(f"run {run_id} is no conversation", hint="Give a run of `slowcoach ask`")
    data, _kind = runs.store.artefact(run_id, _FILE)
    try:
        found = json.loads(data)
        messages = [dict(message) for message in found["messages"]]
        kept = {name: found[name] for name in ("question", "command", "arguments")}
        return Conversation(
            runs, new_id(TOOL), **kept, model=model or found["model"], messages=messages
        )
    except (ValueError, KeyError, TypeError):
        raise UnreadableError(
            f"run {run_id}: its conversation cannot be read", hint="Ask anew"
        ) from None
