"""What a sentence says beside the command: address, process, file, function, SQL, figures."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from slowcoach.routing import figures

Value = str | int | float
_FLAGS: Final = re.IGNORECASE
_URL: Final = re.compile(
    r"https?://[^\s\"'<>]+|\b(?:localhost|127\.0\.0\.1|\[::1\]):\d+[^\s\"'<>]*", _FLAGS
)
_DATABASE: Final = re.compile(
    r"\b(postgres(?:ql)?|mysql|mariadb|sqlite|mssql|oracle)(?:\+\w+)?://[^\s\"'<>]+", _FLAGS
)
_ROUTE: Final = re.compile(r"(?<![\w.:/~-])/(?!/)[\w{}:~-]+(?:/[\w{}.:~-]+)*(?:\?\S+)?(?![\w./])")
_METHOD: Final = re.compile(r"\b(GET|POST|PUT|PATCH|DELETE|HEAD)\b")
_PID: Final = re.compile(r"\b(?:pid|process(?: id)?)[\s#=:]*(\d{1,7})\b", _FLAGS)
_FILE: Final = re.compile(
    r"(?<![\w:/.~-])(?:~?/|\.{1,2}/)?(?:[\w.-]+/)*[\w-][\w.-]*\.(?:py|go|m?js|tsx?|java|rb|rs|cc?|"
    r"cpp|cs|php|kt|json|txt|csv|log|html?|har|jtl|ya?ml|sql|db|prof|pprof|pb\.gz|gz|jfr|cpuprofile|"
    r"heapsnapshot|hprof|collapsed|folded|map|out|trace|data|jsonl|xml|speedscope)\b(?![/\w])",
    _FLAGS,
)
_FOLDER: Final = re.compile(r"(?<![\w:/.])((?:\.{0,2}/)?(?:[\w-]+/)+)(?=\s|$|[,;?])")
_TARGET: Final = re.compile(
    r"(?<![\w/])([A-Za-z_][\w/.]*(?:\.\w+)?:[A-Za-z_]\w*(?:\.\w+)*)(?![\w/:])|"
    r"\b([A-Za-z_]\w*(?:(?:\.|::)[A-Za-z_]\w*)*)\(\)|"
    r"\b(?:function|method|routine)\s+`?(?!(?:is|in|that|takes|so|and|for|from|please|to|at|"
    r"named|called)\b)([A-Za-z_][\w.:]*)`?|"
    r"\b(?:named|called)\s+`?([A-Za-z_]\w*(?:[.:]\w+)*)`?|"
    r"\b([a-z]+(?:_[a-z0-9]+)+|[a-z]+[A-Z]\w+)\b"
)
_SQL: Final = re.compile(
    r"\b(?:select\b.+?\bfrom\b|update\s+\S+\s+set\b|delete\s+from\b|insert\s+into\b|"
    r"with\s+\w+\s+as\s*\().*",
    re.IGNORECASE | re.DOTALL,
)
_SQL_ENDS: Final = re.compile(
    r"(?:\s*;.*|[,:]?\s+(?:is|takes|runs|needs|was|why|which)\s(?:(?!\bnull\b|\bnot\b|').)*|\s*[?.!]\s*)$",
    re.IGNORECASE | re.DOTALL,
)
_ENGINE: Final = re.compile(r"\b(k6|locust)\b", _FLAGS)
_DIALECT: Final = re.compile(
    r"\b(postgres(?:ql)?|mysql|mariadb|sqlite|sql server|mssql|oracle|mongodb|duckdb)\b", _FLAGS
)
_DEVICE: Final = re.compile(r"\b(mobile|phones?|smartphones?|desktop)\b", _FLAGS)
_LANGUAGE: Final = re.compile(r"\b(python|node(?:\.?js)?|golang|go|java)\b(?!script)", _FLAGS)
_RUN: Final = re.compile(r"\bruns?\s#?((?=[\w-]*\d)[a-z0-9][\w-]{1,})", _FLAGS)
_OTHER_RUN: Final = re.compile(
    r"\bruns?\s#?\S+\s(?:and|with|to|vs\.?|versus|against)\s(?:run\s)?#?((?=[\w-]*\d)[a-z0-9][\w-]+)",
    _FLAGS,
)
_MEASURED_BY: Final = re.compile(r"\b(?:than|compared (?:to|with)|relative to)\b", _FLAGS)
_STACK: Final = re.compile(
    r"\b(prometheus|grafana|github actions?|gitlab|kubernetes|datadog|opentelemetry|jaeger)\b",
    _FLAGS,
)
_DIALECTS: Final = {"postgres": "postgresql", "sql server": "tsql", "mssql": "tsql"}
_LANGUAGES: Final = {"node.js": "node", "nodejs": "node", "golang": "go"}
_DEVICES: Final = {"phone": "mobile", "phones": "mobile", "smartphone": "mobile"}
_ENDS: Final = ".,;:!?)]}'\"`"


def arguments_of(command: str, text: str) -> dict[str, Value]:
    """Return what a sentence names, by the argument names of the command's prompt.

    What every command can be told (address, process, file, database) is given whatever the
    command; figures go by what the command makes of them.
    """
    plain = _SQL.sub(" ", text) if command == "optimize_query" else text
    found: dict[str, Value | None] = {
        "url": _url(text),
        "method": _said(_METHOD, plain),
        "pid": _number(_PID, plain),
        "database_url": _whole(_DATABASE, text),
    }
    found |= _OF.get(command, _files)(text)
    return {name: value for name, value in found.items() if value not in (None, "")}


def _url(text: str) -> str | None:
    text = _DATABASE.sub(" ", text)  # whose host and port are no web server's
    whole = _whole(_URL, text)
    if whole is not None:
        return whole if "://" in whole else f"http://{whole}"
    return _whole(_ROUTE, _URL.sub(" ", _FILE.sub(" ", text)))


def _whole(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.search(text)
    return found[0].rstrip(_ENDS) if found else None


def _said(
    pattern: re.Pattern[str], text: str, names: Mapping[str, str] | None = None
) -> str | None:
    found = pattern.search(text)
    if found is None:
        return None
    word = next(part for part in found.groups() if part)
    return word if names is None else names.get(word.lower(), word.lower())


def _number(pattern: re.Pattern[str], text: str) -> int | None:
    found = pattern.search(text)
    return int(found[1]) if found else None


def _paths(text: str) -> list[str]:
    plain = _DATABASE.sub(" ", _URL.sub(" ", text))
    return [found[0].rstrip(_ENDS) for found in _FILE.finditer(plain)]


def _files(text: str) -> dict[str, Value | None]:
    paths = _paths(text)
    return {"path": paths[0] if paths else _folder(text)}


def _folder(text: str) -> str | None:
    found = _FOLDER.search(_URL.sub(" ", text))
    return found[1] if found else None


def _profile(text: str) -> dict[str, Value | None]:
    plain = _URL.sub(" ", text)
    target = _said(_TARGET, plain)
    paths = [path for path in _paths(text) if target is None or not target.startswith(path)]
    return {
        "target": target,
        "path": paths[0] if paths else None,
        "language": _said(_LANGUAGE, plain, _LANGUAGES),
        "duration_s": figures.duration_s(text) if target is None else None,
    }


def _endpoint(text: str) -> dict[str, Value | None]:
    return {"concurrency": figures.users(text), **_files(text)}


def _load(text: str) -> dict[str, Value | None]:
    paths = _paths(text)
    return {
        "rate": figures.rate(text),
        "users": figures.users(text),
        "duration_s": _long(text),
        "engine": _said(_ENGINE, text, {}),
        "goal": figures.objective(text),
        "multiplier": figures.multiplier(text),
        "path": paths[0] if paths else None,
    }


def _long(text: str) -> float | None:
    """Return the duration, of the sentence less its objective (`p95 under 300 ms`)."""
    aim = figures.objective(text)
    return figures.duration_s(text.replace(aim, " ") if aim else text)


def _leaks(text: str) -> dict[str, Value | None]:
    paths = _paths(text)
    return {
        "requests": figures.requests(text),
        "snapshots": ", ".join(paths) or None,
    }


def _query(text: str) -> dict[str, Value | None]:
    found = _SQL.search(text)
    sql = _SQL_ENDS.sub("", found[0]).strip() if found else None
    dialect = _said(_DIALECT, text, _DIALECTS) or _said(_DATABASE, text, _DIALECTS)
    return {"sql": sql, "dialect": dialect, **_files(_SQL.sub(" ", text))}


def _frontend(text: str) -> dict[str, Value | None]:
    return {"device": _said(_DEVICE, text, _DEVICES), **_files(text)}


def _capacity(text: str) -> dict[str, Value | None]:
    return {
        "multiplier": figures.multiplier(text),
        "growth": figures.growth(text),
        "months": figures.months(text),
        "rate": figures.rate(text),
        "users": figures.users(text),
        "instances": figures.instances(text),
        **_files(text),
    }


def _monitoring(text: str) -> dict[str, Value | None]:
    stack = dict.fromkeys(found[0].lower() for found in _STACK.finditer(text))
    return {"slo": figures.objective(text), "stack": ", ".join(stack) or None, **_files(text)}


def _compare(text: str) -> dict[str, Value | None]:
    paths = _paths(text) or [
        word for word in (_said(_RUN, text), _said(_OTHER_RUN, text)) if word is not None
    ]
    if len(paths) > 1 and _new_first(text, paths[0], paths[1]):
        paths[:2] = paths[1], paths[0]
    return {
        "before": paths[0] if paths else None,
        "after": paths[1] if len(paths) > 1 else None,
        "threshold_pct": figures.percent(text),
    }


def _new_first(text: str, one: str, other: str) -> bool:
    """Tell whether the second side is what the first is measured by: `new is faster than old`."""
    between = text.partition(one)[2].partition(other)[0]
    return bool(_MEASURED_BY.search(between))


def _bundle(text: str) -> dict[str, Value | None]:
    return {"budget_kb": figures.budget_kb(text), **_files(text)}


_OF: Final[Mapping[str, Callable[[str], dict[str, Value | None]]]] = {
    "profile_function": _profile,
    "explain_endpoint": _endpoint,
    "load_test": _load,
    "check_leaks": _leaks,
    "optimize_query": _query,
    "review_frontend": _frontend,
    "plan_capacity": _capacity,
    "set_up_monitoring": _monitoring,
    "compare_runs": _compare,
    "reduce_bundle": _bundle,
}
