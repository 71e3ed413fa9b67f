"""The lines below a step in PostgreSQL's text format, as its JSON format would print them."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from slowcoach.queries.keys import snake

Fields = dict[str, Any]
_PAIR = re.compile(r"([a-z/]+(?: [a-z]+)?)=(\d[\d.]*)")
_SCOPE = re.compile(r"\s*([a-z/]+) (?:read|write)=")
_KB = re.compile(r"(\d+)\s*kB")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?: ms)?$")
_BEGINS = frozenset("0123456789-tf")
_SORT = re.compile(r"\s*(.*?)(?:\s{2,}(Memory|Disk):\s*(\d+)kB)?\s*$")
_COUNTED = re.compile(r"([A-Z][A-Za-z ]*): (\d+)(?:kB)?(?: \(originally (\d+)\))?")
_GROUPS = re.compile(
    r"(\d+)\s+Sort Methods?: ([a-zA-Z, -]+?)"
    r"((?:\s+(?:Average )?(?:Memory|Disk|Peak (?:Memory|Disk)): \d+kB)+)"
)
_SPACE = re.compile(r"(Average |Peak )?(Memory|Disk): (\d+)kB")
_LISTS = frozenset(
    {"Sort Key", "Presorted Key", "Group Key", "Hash Key", "Conflict Arbiter Indexes"}
)
_AS_TEXT = frozenset({"Output", "Filter", "Index Cond", "Cache Key"})
_BLOCKS = ("hit", "read", "written", "dirtied")
_OPEN, _CLOSE = "([{", ")]}"


def value_of(text: str) -> Any:
    """Return a number, a truth value, or the text."""
    text = text.strip()
    if text[:1] not in _BEGINS:
        return text
    if text in {"true", "false"}:
        return text == "true"
    if not _NUMBER.match(text):
        return text
    digits = text.removesuffix(" ms")
    return float(digits) if "." in digits else int(digits)


def split_list(text: str) -> list[str]:
    """Split at the commas outside of brackets and quotes: `a, f(b, c)` has two parts."""
    if "," not in text:
        return [text.strip()]
    parts: list[str] = []
    depth, begin, quote = 0, 0, ""
    for at, sign in enumerate(text):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign in _OPEN:
            depth += 1
        elif sign in _CLOSE:
            depth -= 1
        elif sign == "," and depth == 0:
            parts.append(text[begin:at].strip())
            begin = at + 1
    return [*parts, text[begin:].strip()]


def is_detail(key: str) -> bool:
    """Tell whether a key can only be a step's own, nothing that stands beside the tree."""
    return key in _DETAILS


def add(fields: Fields, key: str, text: str) -> None:
    """Add one line `key: text` to the fields of its step."""
    if key in _LISTS:
        fields.setdefault(snake(key), []).extend(split_list(text))
    elif key in _AS_TEXT:
        fields[snake(key)] = text.strip()
    elif handler := _HANDLERS.get(key):
        handler(fields, text)
    else:
        fields[snake(key)] = value_of(text)


def _sort_method(fields: Fields, text: str) -> None:
    match = _SORT.match(text)
    if match is None:
        return
    fields["sort_method"] = match.group(1)
    if match.group(2):
        fields["sort_space_used"] = match.group(3)
        fields["sort_space_type"] = match.group(2)


def _counted(key: str, names: dict[str, str]) -> Callable[[Fields, str], None]:
    """Return a handler of lines with several counts: `Buckets: 1024  Batches: 1 ...`."""

    def handle(fields: Fields, text: str) -> None:
        for name, count, original in _COUNTED.findall(f"{key}: {text}"):
            target = names.get(name, snake(name))
            fields[target] = int(count)
            if target in {"hash_buckets", "hash_batches"}:
                fields[f"original_{target}"] = int(original or count)

    return handle


def _heap_blocks(fields: Fields, text: str) -> None:
    for name, count in _PAIR.findall(text):
        fields[f"{name}_heap_blocks"] = int(count)


def _buffers(fields: Fields, text: str) -> None:
    for part in text.split(","):
        scope, *words = part.split()
        pairs = (word.partition("=") for word in words)
        counts = {name: count for name, sign, count in pairs if sign and count.isdecimal()}
        if counts:
            for kind, key in _block_keys(scope):
                fields[key] = int(counts.get(kind, 0))


@lru_cache(maxsize=16)
def _block_keys(scope: str) -> tuple[tuple[str, str], ...]:
    return tuple((kind, f"{scope}_{kind}_blocks") for kind in _BLOCKS)


def _io_timings(fields: Fields, text: str) -> None:
    """PostgreSQL 17 and later tell shared and local blocks apart; before, they are one."""
    times: dict[str, float] = {}
    for part in text.split(","):
        match = _SCOPE.match(part)
        scope = match.group(1) if match else ""
        prefix = f"{scope}_" if scope in {"shared", "local", "temp"} else ""
        for name, count in re.findall(r"(read|write)=(\d[\d.]*)", part):
            times[f"{prefix}io_{name}_time"] = float(count)
    apart = any(key.startswith(("shared_", "local_")) for key in times)
    scopes = ["shared_", "local_", "temp_"] if apart else [""]
    scopes += ["temp_"] if any(key.startswith("temp_") for key in times) else []
    zeros = {f"{scope}io_{kind}_time": 0.0 for scope in scopes for kind in ("read", "write")}
    fields.update(zeros | times)


def _wal(fields: Fields, text: str) -> None:
    for name, count in re.findall(r"([a-z][a-z ]*)=(\d+)", text):
        fields[f"wal_{snake(name)}"] = int(count)


def _groups(name: str) -> Callable[[Fields, str], None]:
    def handle(fields: Fields, text: str) -> None:
        match = _GROUPS.match(text)
        if match is None:
            fields[name] = text.strip()
            return
        group: Fields = {
            "group_count": int(match.group(1)),
            "sort_methods_used": [method.strip() for method in match.group(2).split(",")],
        }
        kind = "memory"
        for which, space, count in _SPACE.findall(match.group(3)):
            kind = space.lower()
            target = group.setdefault(f"sort_space_{kind}", {})
            target[f"{which.strip().lower() or 'average'}_sort_space_used"] = int(count)
        fields[name] = group

    return handle


def _storage(fields: Fields, text: str) -> None:
    kind, _, rest = text.strip().partition("  ")
    fields["storage"] = kind
    if match := _KB.search(rest):
        fields["maximum_storage"] = int(match.group(1))


_HASH = {"Buckets": "hash_buckets", "Batches": "hash_batches", "Memory Usage": "peak_memory_usage"}
_HASHED = {"Batches": "hashagg_batches", "Memory Usage": "peak_memory_usage"}
_CACHE = {
    "Hits": "cache_hits",
    "Misses": "cache_misses",
    "Evictions": "cache_evictions",
    "Overflows": "cache_overflows",
    "Memory Usage": "peak_memory_usage",
}
_HANDLERS: dict[str, Callable[[Fields, str], None]] = {
    "Sort Method": _sort_method,
    "Buckets": _counted("Buckets", _HASH),
    "Batches": _counted("Batches", _HASHED),
    "Planned Partitions": _counted("Planned Partitions", _HASHED),
    "Hits": _counted("Hits", _CACHE),
    "Heap Blocks": _heap_blocks,
    "Buffers": _buffers,
    "I/O Timings": _io_timings,
    "WAL": _wal,
    "Full-sort Groups": _groups("full_sort_groups"),
    "Pre-sorted Groups": _groups("pre_sorted_groups"),
    "Storage": _storage,
}
_DETAILS = _LISTS | _AS_TEXT | _HANDLERS.keys() | frozenset({
    "Recheck Cond", "Hash Cond", "Merge Cond", "Join Filter", "Heap Fetches", "Index Searches",
    "Rows Removed by Filter", "Rows Removed by Join Filter", "Rows Removed by Index Recheck",
    "Workers Planned", "Workers Launched", "One-Time Filter", "Cache Mode", "Order By", "Window",
})  # fmt: skip
