"""The model's turns: the SDK's tool runner, streamed, retried, and stopped at its limits."""

import asyncio
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Literal

import anthropic
import httpx2
from anthropic import AsyncAnthropic

from slowcoach.core.errors import (
    NotPermittedError,
    SlowcoachError,
    ToolFailedError,
    UnreachableError,
)
from slowcoach.core.knowledge import page
from slowcoach_server.agent.conversation import Conversation
from slowcoach_server.agent.prices import Price
from slowcoach_server.agent.served import ServedTool

Stop = Literal["answered", "turns", "cost", "refusal", "max_tokens", "full"]
_PASSING: Final = frozenset({"overloaded_error", "api_error", "rate_limit_error", "timeout_error"})
_WAIT_S: Final = 1.0
_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _TOO_MANY, _OVERLOADED = 401, 403, 404, 429, 529
_REFUSED, _SERVER = 400, 500
_REASONS: Final[dict[str, Stop]] = {
    "refusal": "refusal",
    "max_tokens": "max_tokens",
    "model_context_window_exceeded": "full",
}
SAID: Final[dict[Stop, str]] = {
    "answered": "",
    "turns": "The limit of turns is reached (--max-turns).",
    "cost": "The limit of cost is reached (--max-cost).",
    "refusal": "The model refused to go on.",
    "max_tokens": "The answer was cut off: it became longer than the model may write at once.",
    "full": "The conversation is longer than the model can read: ask anew, with what is known.",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """How far it may go. `cost` in dollars."""

    turns: int
    cost: float | None
    price: Price | None
    stream: bool


@dataclass(slots=True)
class Driver:
    """Drives one conversation. `text` hears what the model writes, `note` what happens."""

    client: AsyncAnthropic
    conversation: Conversation
    tools: list[ServedTool]
    system: list[dict[str, Any]]
    limits: Limits
    text: Callable[[str], None]
    note: Callable[[str], None]

    async def drive(self) -> Stop:
        """Let the model work until it has answered or a limit is met.

        Raises SlowcoachErrors for what the API refuses and what retries did not mend.
        """
        failures, most = 0, int(page("models").data["limits"]["retries"])
        while True:
            turns = self.conversation.turns
            try:
                return await self._turns()
            except (anthropic.APIError, httpx2.HTTPError, ValueError) as error:
                failures = failures + 1 if self.conversation.turns == turns else 1
                if failures > most or not _passes(error):
                    raise foreseen(error) from error
                self.note(f"{_short(error)}; trying again")
                await asyncio.sleep(_WAIT_S * 2 ** (failures - 1))

    async def _turns(self) -> Stop:
        if stop := self._limit():
            return stop
        talk = self.conversation
        with _quiet():
            messages: Any = (
                self.client.beta.messages
            )  # its types ask for theirs, not for plain data
            runner = messages.tool_runner(
                model=talk.model,
                max_tokens=int(page("models").data["limits"]["max_tokens"]),
                max_iterations=self.limits.turns - talk.turns,
                messages=list(talk.messages),
                tools=self.tools,
                system=self.system,
                cache_control={"type": "ephemeral"},
                stream=self.limits.stream,
                thread=False,
            )
            try:
                async for item in runner:
                    message = await self._message(item)
                    talk.add(message)
                    if stop := await self._after(runner, message):
                        return stop
            finally:
                await runner.close()
        return self._limit() or "answered"

    async def _message(self, item: Any) -> Any:
        if not self.limits.stream:
            for block in item.content:
                if block.type == "text":
                    self.text(block.text)
            self.text("\n")
            return item
        async for event in item:
            if event.type == "text":
                self.text(event.text)
        self.text("\n")
        return await item.get_final_message()

    async def _after(self, runner: Any, message: Any) -> Stop | None:
        """Return why it stops here; tools are run unless it does."""
        if (stop := _REASONS.get(message.stop_reason)) is not None:
            return stop
        if message.stop_reason == "pause_turn":
            return self._limit()
        if message.stop_reason != "tool_use":
            return "answered"
        if stop := self._limit():
            return stop
        results = await runner.generate_tool_call_response()
        if results is None:
            return "answered"
        self.conversation.add_results(results)
        return None

    def _limit(self) -> Stop | None:
        talk = self.conversation
        spent = talk.usage.cost(self.limits.price)
        if self.limits.cost is not None and spent is not None and spent >= self.limits.cost:
            return "cost"
        return "turns" if talk.turns >= self.limits.turns else None


@contextmanager
def _quiet() -> Iterator[None]:
    """The SDK warns of tools that a model invents: the model is told, which is enough."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Tool '.*' not found")
        warnings.filterwarnings("ignore", category=DeprecationWarning, message="The model")
        yield


def _passes(error: Exception) -> bool:
    """Tell whether another try may help beyond the SDK's own: what broke while it streamed."""
    if isinstance(error, anthropic.APIStatusError):
        return error.status_code < _REFUSED and _kind(error) in _PASSING
    if isinstance(error, ValueError):
        return "tool parameter JSON" in str(error)
    return isinstance(error, httpx2.HTTPError)


def _kind(error: anthropic.APIError) -> str:
    body = error.body
    inner = body.get("error") if isinstance(body, dict) else None
    return str(inner.get("type", "")) if isinstance(inner, dict) else ""


def _short(error: Exception) -> str:
    if isinstance(error, ValueError):
        return "The model wrote arguments that are no JSON"
    kind = _kind(error) if isinstance(error, anthropic.APIError) else ""
    return {"overloaded_error": "The API is overloaded"}.get(kind, "The answer broke off")


def foreseen(error: Exception) -> SlowcoachError:
    """Return what the API or the network said, with what to do."""
    if isinstance(error, anthropic.APIStatusError):
        return _refused(error)
    if isinstance(error, anthropic.APITimeoutError):
        return UnreachableError("the API did not answer in time", hint="Try again later")
    if isinstance(error, (anthropic.APIConnectionError, httpx2.HTTPError)):
        return UnreachableError(
            "the API cannot be reached",
            hint="Look at the network and ANTHROPIC_BASE_URL, or use --no-agent",
        )
    return ToolFailedError(f"{_short(error)}, again and again", hint="Try another --model")


def _refused(error: anthropic.APIStatusError) -> SlowcoachError:
    status, kind = error.status_code, _kind(error)
    if status in {_UNAUTHORIZED, _FORBIDDEN}:
        hint = "Set ANTHROPIC_API_KEY to one that is valid, or use --no-agent"
        return NotPermittedError(f"the API refused the key ({status})", hint=hint)
    if status == _NOT_FOUND:
        return ToolFailedError(
            f"the API does not know it (404): {_words(error)}", hint="See --model"
        )
    if status == _TOO_MANY or kind == "rate_limit_error":
        return ToolFailedError("the API's rate limit is met (429)", hint="Go on later: --resume")
    if status == _OVERLOADED or kind == "overloaded_error":
        return ToolFailedError("the API is overloaded (529)", hint="Go on later: --resume")
    if status >= _SERVER or kind == "api_error":
        return ToolFailedError(f"the API failed ({status})", hint="Go on later: --resume")
    return ToolFailedError(f"the API refused the request ({status}): {_words(error)}", hint="")


def _words(error: anthropic.APIError) -> str:
    body = error.body
    inner = body.get("error") if isinstance(body, dict) else None
    said = inner.get("message") if isinstance(inner, dict) else None
    return str(said or error.message)[:300]
