"""No client asks more often than it may: 429 with the seconds to wait."""

import json
import time
from typing import Any

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.types import ASGIApp, Receive, Scope, Send


class RateLimit:
    """Lets a client (by its token, else its address) send so many requests a minute."""

    def __init__(self, app: ASGIApp, *, per_minute: int) -> None:
        self.app = app
        self._limit = RateLimitItemPerMinute(per_minute)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 429."""
        if scope["type"] != "http" or self._limiter.hit(self._limit, _client(scope)):
            await self.app(scope, receive, send)
            return
        until = self._limiter.get_window_stats(self._limit, _client(scope)).reset_time
        await _refuse(send, max(1, round(until - time.time())))


def _client(scope: Scope) -> str:
    user: Any = scope.get("user")
    if user is not None and getattr(user, "is_authenticated", False):
        return f"user {user.display_name}"
    return f"address {(scope.get('client') or ('?',))[0]}"


async def _refuse(send: Send, seconds: int) -> None:
    said = {
        "error": "too many requests",
        "hint": f"Ask again in {seconds} s, or raise --rate-limit",
    }
    headers = [(b"content-type", b"application/json"), (b"retry-after", str(seconds).encode())]
    await send({"type": "http.response.start", "status": 429, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(said).encode()})
