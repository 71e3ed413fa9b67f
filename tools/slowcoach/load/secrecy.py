"""Secrets in requests: known by their names and by their look, replaced by `${env:NAME}`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from urllib.parse import quote, quote_plus

from slowcoach.core.knowledge import page

_NAME = re.compile(
    r"authori[sz]ation|cookie|passw|passphrase|\bpwd\b|secret|token|api[-_ ]?key|access[-_ ]?key"
    r"|private[-_ ]?key|credential|signature|session|jwt|bearer|csrf|xsrf|card[-_ ]?number"
    r"|security[-_ ]?code|senha|contrase|kennwort|mot_?de_?passe|parol[ae]?\b|пароль",
    re.IGNORECASE,
)
_WORDS = frozenset(
    {"auth", "pass", "pw", "pwd", "sid", "sig", "pin", "otp", "totp", "mfa", "cvv", "cvc", "ssn"}
    | {"iban", "nonce", "apikey", "assertion"}
)
_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
_SHAPE = re.compile(
    r"eyJ[\w-]{5,}\.[\w-]{2,}\.[\w-]*"  # a JSON web token
    r"|(?:AKIA|ASIA)[0-9A-Z]{16}|AIza[\w-]{30,}|ya29\.[\w-]{10,}"
    r"|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{15,}|npm_\w{20,}"
    r"|\b[spr]k[-_](?:live|test|ant|proj|or)[-_][\w-]{8,}|\bsk-[\w-]{16,}|xox[abeprs]-[\w-]{8,}"
    r"|\bSG\.[\w-]{10,}\.[\w-]{10,}|\bwhsec_\w{8,}|\bhvs\.[\w-]{10,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|\b(?:Bearer|Basic|Token|Digest|ApiKey)\s+[\w.~+/=-]{8,}"
)
_USERINFO = re.compile(r"[a-z][a-z0-9+.-]*://[^\s/?#@]+@", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_OPAQUE = re.compile(r"[\w+/=.~%-]{20,}")
_KEPT_WORDS = frozenset({"true", "false", "null", "none", "undefined", "0", "1"})
# a name that tells a secret, then its value, inside of a longer text
_INLINE = re.compile(
    r"(?P<head>[\w-]*(?:passw(?:or)?d|passphrase|secret|token|api[-_]?key|credential|authorization"
    r"|signature|session[-_]?id|csrf|pwd)[\w-]*\\?[\"']?\s*(?:=|:|>)\s*(?:Bearer |Basic )?)"
    r"(?P<quote>\\?[\"'])?(?P<value>(?(quote)[^\"'\\]+|[^\"'\s,;&)}<>\\]+))",
    re.IGNORECASE,
)
_CARD = re.compile(r"\d{13,19}")
_TURNS = {2: 0.25, 3: 0.4}  # of the signs, by kinds of them: noise has 0.4 to 0.6
_OAUTH_CODE = 8
_SHORTEST = 6
_RECOVERY = re.compile(
    r"reset|verif|confirm|invit|magic|activat|unsubscribe|share|auth|session|secret|webhook|hooks?$"
    r"|token|key$|password",
    re.IGNORECASE,
)
PLACEHOLDER = re.compile(r"\$\{(?:env:)?[A-Za-z_]\w*\}")


def env(name: str) -> str:
    """Return the placeholder of a value from the environment, named after a field.

    A name of its own (LOAD_...): a record must not choose which of a machine's variables are sent.
    """
    return f"${{env:{_env_name(name)}}}"


def _env_name(name: str) -> str:
    return f"LOAD_{identifier(name).upper()}"


def taken(name: str) -> str:
    """Return the placeholder of a value that the plan's data or an answer gives."""
    return f"${{{name}}}"


def identifier(text: str) -> str:
    """Return a text as a name: letters, digits and underscores, no digit first."""
    words = "_".join(_WORD.findall(text))[:40].lower()
    return words if words and not words[0].isdigit() else f"value_{words}".strip("_")


def tells_secret(name: str) -> bool:
    """Tell whether a field's name says that its value is a secret."""
    if _NAME.search(name):
        return True
    return any(word.lower() in _WORDS for word in _WORD.findall(name[:200]))


def looks_secret(value: str) -> bool:
    """Tell whether a value is a secret by its look: a known kind of key, or nothing but noise."""
    if _SHAPE.search(value) or _USERINFO.search(value) or _is_card(value):
        return True
    return looks_random(value) and _UUID.fullmatch(value) is None


def looks_random(value: str) -> bool:
    """Tell whether a value is opaque: long, with letters and digits in turn."""
    if _UUID.fullmatch(value):
        return True
    if not _OPAQUE.fullmatch(value):
        return False
    kinds = [_kind(sign) for sign in value if sign.isalnum()]
    turns = sum(1 for one, two in pairwise(kinds) if one != two)
    return "digit" in kinds and turns >= _TURNS.get(len(set(kinds)), len(kinds)) * len(kinds)


def _kind(sign: str) -> str:
    return "digit" if sign.isdigit() else "upper" if sign.isupper() else "lower"


def _is_card(value: str) -> bool:
    """Tell whether digits are a payment card's, by their check digit (Luhn)."""
    digits = re.sub(r"[ -]", "", value)
    if not _CARD.fullmatch(digits):
        return False
    doubled = [sum(divmod(2 * int(d), 10)) for d in digits[-2::-2]]
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


def leads_to_secret(segment: str) -> bool:
    """Tell whether what follows a path's segment is a secret, as in /reset/..."""
    return _RECOVERY.search(segment) is not None


@dataclass(slots=True)
class Vault:
    """The secrets of one source: what stands for each, so that none is written anywhere."""

    _by_value: dict[str, str] = field(default_factory=dict[str, str])
    _owners: dict[str, str] = field(default_factory=dict[str, str])
    _forms: dict[str, str] = field(default_factory=dict[str, str])
    _index: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    _seen: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names that the environment must give."""
        return tuple(self._owners)

    def hidden(self, name: str, value: str) -> str:
        """Return what stands for a secret: `${env:NAME}`, the same for the same value."""
        known = self._by_value.get(value)
        if known is not None and known.startswith("${env:"):
            return known
        wanted = name or "secret"
        for number in range(1, int(page("recordings").data["limits"]["same_name"]["value"]) + 1):
            found = wanted if number == 1 else f"{wanted}_{number}"
            if self._owners.setdefault(_env_name(found), value) == value:
                break
        else:
            found = wanted  # one that changes all the time is not known in advance anyway
        return self._by_value.setdefault(value, env(found)) if known is None else env(found)

    def handed_on(self, value: str, placeholder: str) -> None:
        """Note a value that an answer gave: it too is written nowhere."""
        self._by_value.setdefault(value, placeholder)

    def inline(self, text: str) -> str:
        """Return a text in which secrets that are named or known by their look are replaced."""
        if PLACEHOLDER.fullmatch(text):
            return text
        text = _INLINE.sub(self._named, text)
        text = _USERINFO.sub(lambda match: f"{match[0].partition('://')[0]}://", text)
        return _SHAPE.sub(lambda match: self._shaped(match[0]), text)

    def _named(self, match: re.Match[str]) -> str:
        value = match["value"]
        if value.lower() in _KEPT_WORDS:
            return match[0]
        name = re.split(r"[\\\"'>:=\s]", match["head"])[0]
        return match["head"] + (match["quote"] or "") + self.hidden(name, value)

    def _shaped(self, value: str) -> str:
        scheme, _, rest = value.partition(" ")
        if rest and scheme.isalpha():
            return f"{scheme} {self.hidden('api_token', rest)}"
        return self.hidden("secret", value)

    def scrubbed(self, text: str) -> str:
        """Return a text without any value that was found to be a secret elsewhere."""
        parts: list[str] = []
        at = 0
        for match in PLACEHOLDER.finditer(text):
            parts += [self._without(text[at : match.start()]), match[0]]
            at = match.end()
        return "".join([*parts, self._without(text[at:])])

    def _without(self, text: str) -> str:
        known = self._known()
        parts: list[str] = []
        kept = at = 0
        while at + _SHORTEST <= len(text):
            found = next(
                (
                    form
                    for form in known.get(text[at : at + _SHORTEST], ())
                    if text.startswith(form, at)
                ),
                None,
            )
            if found is None:
                at += 1
                continue
            parts += [text[kept:at], self._forms[found]]
            kept = at = at + len(found)
        return "".join([*parts, text[kept:]]) if parts else text

    def _known(self) -> dict[str, list[str]]:
        """Return the secrets, as such and as in URLs, by how they begin; longest first."""
        if self._seen != len(self._by_value):
            self._seen = len(self._by_value)
            self._forms = {
                form: placeholder
                for value, placeholder in self._by_value.items()
                if len(value) >= (_SHORTEST if any(map(str.isdigit, value)) else 2 * _SHORTEST)
                for form in (value, quote(value, safe=""), quote(value), quote_plus(value))
            }
            self._index = {}
            for form in sorted(self._forms, key=len, reverse=True):
                self._index.setdefault(form[:_SHORTEST], []).append(form)
        return self._index


def hides(name: str, value: str) -> bool:
    """Tell whether a named value is a secret that must not be written."""
    if not value or value.lower() in _KEPT_WORDS:
        return False
    if name.lower() == "code" and len(value) >= _OAUTH_CODE and any(map(str.isdigit, value)):
        return True
    return tells_secret(name) or looks_secret(value)
