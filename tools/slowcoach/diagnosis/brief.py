"""The brief of an investigation: read an earlier one, judge by its targets, write it. Pure.

Its fields are those of the page `investigation_brief`. What people know (who, since when, whom it
hurts, targets, constraints) is kept; what is measured (current figures, hypotheses) is new.
"""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from slowcoach.core.errors import InputError, UnreadableError
from slowcoach.core.knowledge import page
from slowcoach.diagnosis.models import Budget

LARGEST = 65_536  # characters
_LONGEST = 500
_HINT = "Give a run of investigate, or YAML with the fields of the guide `investigation_brief`"
_TIME = re.compile(
    r"[<≤=~\s]*(?P<value>\d+(?:[.,]\d+)?)\s*(?P<unit>µs|us|ms|s|sec|seconds?|min)?\b\.?",
    re.IGNORECASE,
)
_MS = {"µs": 0.001, "us": 0.001, "ms": 1.0, "s": 1000.0, "min": 60_000.0}
_MEASURED = frozenset({"current_p50", "current_p95", "current_p99"})
_QUANTILES = ("p50", "p95", "p99")
Fields = dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Given:
    """An earlier brief: its fields, and the latencies wanted and measured then, in ms."""

    fields: Fields = field(default_factory=dict[str, dict[str, str]])
    targets: Mapping[str, float] = field(default_factory=dict[str, float])
    before: Mapping[str, float] = field(default_factory=dict[str, float])
    verdict: str = ""

    def judged(self, verdict: str) -> "Given":
        """Return it with the verdict of the run that wrote it."""
        return replace(self, verdict=verdict)

    @property
    def budget(self) -> Budget | None:
        """Return the latencies that count as healthy; None when it names no target."""
        if not {"p50", "p95"} & set(self.targets):
            return None
        return Budget(p50_ms=self.targets.get("p50"), p95_ms=self.targets.get("p95"))

    @property
    def cause(self) -> str:
        """Return its verdict's word, else that of its hypothesis; "" for none of the list."""
        if self.verdict:
            return self.verdict
        word = self.fields.get("hypothesis", {}).get("primary", "").partition(":")[0].strip()
        return word if re.fullmatch(r"[a-z]+(\.[a-z_]+)?", word) else ""


def sections() -> Fields:
    """Return the brief's form: every section with its fields, empty."""
    found: dict[str, dict[str, Any]] = page("investigation_brief").data["sections"]
    return {name: dict.fromkeys(fields, "") for name, fields in found.items()}


def read(text: str, name: str) -> Given:
    """Return a brief from YAML. Raises UnreadableError and InputError, with what to change."""
    if len(text) > LARGEST:
        raise UnreadableError(f"{name}: expected a brief, got {len(text):,} characters", hint=_HINT)
    try:
        found = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        said = " ".join(str(error).split())[:_LONGEST]
        raise UnreadableError(f"{name}: expected YAML: {said}", hint=_HINT) from None
    if not isinstance(found, dict) or not found:
        kind = type(found).__name__
        raise InputError(f"{name}: expected a brief's sections, got {kind}", hint=_HINT)
    fields = {str(section): _section(str(section), value, name) for section, value in found.items()}
    return given(fields, name)


def given(fields: Mapping[str, Mapping[str, str]], name: str) -> Given:
    """Return a brief from its fields; raises InputError for a target that is no time."""
    known = {section: dict(values) for section, values in fields.items()}
    baselines = known.get("baselines", {})
    return Given(
        known,
        _times(baselines, "target", name),
        _times({k: v for k, v in baselines.items() if k in _MEASURED}, "current", name),
    )


def _section(section: str, value: Any, name: str) -> dict[str, str]:
    form = sections()
    if section not in form:
        raise _unknown(name, section, list(form))
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InputError(
            f"{name}: {section}: expected fields, got {str(value)[:60]!r}",
            hint=f"Its fields are {', '.join(form[section])}",
        )
    found: dict[str, str] = {}
    for key, text in value.items():
        if key not in form[section]:
            raise _unknown(f"{name}: {section}", str(key), list(form[section]))
        if isinstance(text, dict | list):
            raise InputError(
                f"{name}: {section}.{key}: expected a text, got a {type(text).__name__}",
                hint="Write it as one text in quotes",
            )
        if text not in (None, ""):
            found[str(key)] = str(text)[:_LONGEST]
    return found


def _unknown(where: str, got: str, known: list[str]) -> InputError:
    near = difflib.get_close_matches(got, known, n=1, cutoff=0.5)
    mean = f"Did you mean `{near[0]}`? " if near else ""
    return InputError(
        f"{where}: a brief has no {got[:60]!r}", hint=f"{mean}Known: {', '.join(known)}"
    )


def _times(baselines: Mapping[str, str], what: str, name: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for quantile in _QUANTILES:
        text = baselines.get(f"{what}_{quantile}", "").strip()
        if text:
            found[quantile] = in_ms(text, f"{name}: baselines.{what}_{quantile}")
    return found


def in_ms(text: str, where: str) -> float:
    """Return a time as people write it ("200 ms", "<0.5s", "1 s") in ms; a bare number is ms."""
    match = _TIME.fullmatch(text.strip())
    if match is None or not float(match.group("value").replace(",", ".")):
        raise InputError(
            f"{where}: expected a time such as 200ms, got {text[:60]!r}",
            hint="Write a number with ms or s",
        )
    unit = (match.group("unit") or "ms").lower()
    unit = "s" if unit.startswith("sec") else unit
    return float(match.group("value").replace(",", ".")) * _MS[unit]


def filled(measured: Mapping[str, Mapping[str, str]], earlier: Given | None) -> Fields:
    """Return the whole form: what was known before is kept, what is measured is new."""
    form = sections()
    for section, values in measured.items():
        form[section].update({key: text for key, text in values.items() if text})
    if earlier is None:
        return form
    for section, values in earlier.fields.items():
        if section == "hypothesis":
            continue
        kept = {k: v for k, v in values.items() if v and k not in _MEASURED}
        form[section].update(kept)
    return form


def without_gaps(form: Fields) -> Fields:
    """Return the fields that say something."""
    return {name: {k: v for k, v in fields.items() if v} for name, fields in form.items()}


def as_yaml(form: Fields) -> bytes:
    """Return the form as YAML, gaps included: they are to be asked for."""
    text: str = yaml.safe_dump(form, sort_keys=False, allow_unicode=True, width=100)
    return text.encode()


def missed(targets: Mapping[str, float], measured: Mapping[str, float | None]) -> dict[str, float]:
    """Return the targets that are missed, by quantile, with what was measured, in ms."""
    return {
        name: value
        for name, limit in targets.items()
        if (value := measured.get(f"{name}_ms")) is not None and value > limit
    }
