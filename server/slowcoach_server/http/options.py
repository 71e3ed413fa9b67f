"""How the HTTP server is reached and by whom: flags first, then the environment."""

import argparse
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from slowcoach.core.errors import InputError, NotPermittedError
from slowcoach.core.permission import is_loopback

_LEAST_TOKEN = 16
_KIB = 1024
PATH = "/mcp"


@dataclass(frozen=True)
class OAuth:
    """The authorization server whose JWTs are accepted (as an OAuth 2.1 resource server)."""

    issuer: str
    audience: str
    keys_url: str | None = None
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True)
class HttpOptions:
    """Where the server listens, by which names it is called, who may call and how much.

    `tokens`: client name to bearer token. `per_minute`: requests of one client. Sizes in bytes.
    """

    host: str = "127.0.0.1"
    port: int = 8321
    public_url: str | None = None
    origins: tuple[str, ...] = ()
    tokens: Mapping[str, str] | None = None
    oauth: OAuth | None = None
    per_minute: int = 1200
    body_bytes: int = 4 * _KIB * _KIB
    sessions: int = 200
    certificate: Path | None = None
    key: Path | None = None

    @property
    def url(self) -> str:
        """Return the address that clients are given."""
        return f"{self.public_url or self._own()}{PATH}"

    def _own(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.certificate else 'http'}://{host}:{self.port}"

    @property
    def hosts(self) -> list[str]:
        """Return the Host headers that are answered."""
        names = [f"{name}:{self.port}" for name in ("127.0.0.1", "localhost", "[::1]")]
        if self.public_url is None:
            return names
        place = urlsplit(self.public_url)
        public = {place.netloc, place.hostname or ""}
        return [*names, *sorted(public - {""})]

    @property
    def allowed_origins(self) -> list[str]:
        """Return the Origin headers that are answered."""
        own = [f"{scheme}://{host}" for host in self.hosts for scheme in ("http", "https")]
        return [*own, *self.origins]


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags of the HTTP server."""
    add = parser.add_argument_group("http").add_argument
    add(
        "--host", default=HttpOptions.host, help="address to listen on (default: this machine only)"
    )
    add("--port", type=int, default=HttpOptions.port, help="port (default %(default)s)")
    add("--public-url", help="https://host[:port] by which clients reach it, if not this machine")
    add("--allow-origin", action="append", default=[], help="web page that may call (repeat it)")
    add("--token-file", type=Path, help="bearer tokens, a line each: TOKEN or NAME:TOKEN")
    add("--oauth-issuer", help="accept JWTs of this authorization server instead")
    add("--oauth-audience", help="what they must be issued for (default: PUBLIC_URL/mcp)")
    add("--oauth-keys", help="address of its JWKS (default: by its metadata)")
    add("--oauth-scope", action="append", default=[], help="scope they must have (repeat it)")
    kib, most = HttpOptions.body_bytes // _KIB, HttpOptions.sessions
    per_minute = HttpOptions.per_minute
    add(
        "--rate-limit",
        type=int,
        default=per_minute,
        help="requests a minute and client (%(default)s)",
    )
    add("--max-body", type=int, default=kib, help="KiB of a request (default %(default)s)")
    add("--max-sessions", type=int, default=most, help="open sessions (default %(default)s)")
    add("--tls-cert", type=Path, help="certificate chain (PEM); with --tls-key it serves https")
    add("--tls-key", type=Path, help="its private key (PEM)")


def options_of(
    given: argparse.Namespace, environment: Mapping[str, str] = os.environ
) -> HttpOptions:
    """Return the options of parsed flags; SLOWCOACH_TOKENS holds tokens too (`name:token,...`).

    Raises InputError for what does not fit together, NotPermittedError for another host without
    a public URL.
    """
    tokens = _tokens(given.token_file, environment.get("SLOWCOACH_TOKENS", ""))
    public = _address(given.public_url)
    if not is_loopback(given.host) and public is None:
        raise NotPermittedError(
            f"--host {given.host}: other machines could reach it, and by which name is not known",
            hint="Give --public-url https://NAME, and tokens by --token-file or --oauth-issuer",
        )
    if (given.tls_cert is None) != (given.tls_key is None):
        raise InputError("--tls-cert and --tls-key: expected both", hint="Give both, or neither")
    return HttpOptions(
        host=given.host,
        port=given.port,
        public_url=public,
        origins=tuple(given.allow_origin),
        tokens=tokens,
        oauth=_oauth(given, public),
        per_minute=given.rate_limit,
        body_bytes=given.max_body * _KIB,
        sessions=given.max_sessions,
        certificate=given.tls_cert,
        key=given.tls_key,
    )


def _address(text: str | None) -> str | None:
    if text is None:
        return None
    place = urlsplit(text)
    if place.scheme not in {"http", "https"} or not place.hostname or place.path.strip("/"):
        raise InputError(
            f"--public-url: expected https://HOST[:PORT], got {text!r}",
            hint="Without a path: clients add /mcp",
        )
    return f"{place.scheme}://{place.netloc}"


def _oauth(given: argparse.Namespace, public: str | None) -> OAuth | None:
    if given.oauth_issuer is None:
        return None
    audience = given.oauth_audience or (f"{public}{PATH}" if public else None)
    if audience is None:
        raise InputError(
            "--oauth-issuer: what tokens must be issued for is not known",
            hint="Give --public-url or --oauth-audience",
        )
    return OAuth(given.oauth_issuer, audience, given.oauth_keys, tuple(given.oauth_scope))


def _tokens(file: Path | None, text: str) -> dict[str, str] | None:
    lines = text.split(",")
    if file is not None:
        try:
            lines += file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"--token-file {file}: {error}", hint="Give a text file") from error
    found: dict[str, str] = {}
    for number, line in enumerate(filter(None, map(str.strip, lines)), 1):
        name, colon, token = line.rpartition(":")
        if len(token) < _LEAST_TOKEN:
            raise InputError(
                f"token {number}: expected {_LEAST_TOKEN} characters or more, got {len(token)}",
                hint="Make one: python -c 'import secrets; print(secrets.token_urlsafe(32))'",
            )
        found[name if colon else f"client {number}"] = token
    return found or None
