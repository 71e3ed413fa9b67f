"""Who calls: bearer tokens that the server's user gave, or JWTs of an authorization server."""

import asyncio
import hmac
import logging
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final

import httpx
from mcp.server.auth.provider import AccessToken, TokenVerifier

from slowcoach_server.http.options import OAuth

_ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
_METADATA: Final = (
    "/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration",
)
_TIMEOUT_S = 10.0
_log = logging.getLogger(__name__)


class StaticTokens(TokenVerifier):
    """Accepts the tokens given, and knows the clients by the names beside them."""

    def __init__(self, tokens: Mapping[str, str]) -> None:
        self._tokens = {name: token.encode() for name, token in tokens.items()}

    async def verify_token(self, token: str) -> AccessToken | None:
        """Return the client of a token; every known one is compared in constant time."""
        said = token.encode("utf-8", "replace")
        fits = [name for name, known in self._tokens.items() if hmac.compare_digest(said, known)]
        return AccessToken(token=token, client_id=fits[0], scopes=[]) if fits else None


class SignedTokens(TokenVerifier):
    """Accepts JWTs that an authorization server signed for this server (RFC 9068, RFC 8707)."""

    def __init__(self, oauth: OAuth) -> None:
        self._oauth = oauth

    async def verify_token(self, token: str) -> AccessToken | None:
        """Return the client of a valid token, None for any other; keys are fetched in a thread."""
        return await asyncio.to_thread(self._verified, token)

    def _verified(self, token: str) -> AccessToken | None:
        import jwt

        try:
            key = self._keys.get_signing_key_from_jwt(token)
            claims: dict[str, Any] = jwt.decode(
                token,
                key.key,
                algorithms=list(_ALGORITHMS),
                issuer=self._oauth.issuer,
                audience=self._oauth.audience,
                options={"require": ["exp", "iss", "aud"]},
            )
        except (jwt.PyJWTError, OSError, ValueError) as error:
            _log.warning("token refused: %s", error)
            return None
        subject = claims.get("sub")
        return AccessToken(
            token=token,
            client_id=str(claims.get("client_id") or claims.get("azp") or subject or "unknown"),
            scopes=str(claims.get("scope", "")).split(),
            expires_at=int(claims["exp"]),
            resource=self._oauth.audience,
            subject=None if subject is None else str(subject),
            claims={"iss": claims["iss"]},
        )

    @cached_property
    def _keys(self) -> Any:
        import jwt

        return jwt.PyJWKClient(self._oauth.keys_url or self._keys_url(), timeout=_TIMEOUT_S)

    def _keys_url(self) -> str:
        """Return the address of the keys by the issuer's metadata (RFC 8414, OpenID Connect)."""
        for path in _METADATA:
            address = self._oauth.issuer.rstrip("/") + path
            try:
                answer = httpx.get(address, timeout=_TIMEOUT_S)
                return str(answer.raise_for_status().json()["jwks_uri"])
            except (httpx.HTTPError, ValueError, KeyError, TypeError):
                continue
        raise OSError(f"{self._oauth.issuer}: no metadata with a jwks_uri")
