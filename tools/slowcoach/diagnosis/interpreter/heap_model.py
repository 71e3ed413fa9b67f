"""What a look into an interpreter's memory found: containers, memoizing caches, functions."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Container:
    """A container reachable by a name from the program's own modules.

    `entries` includes those of containers inside it, one level down. `keys` tell a mapping's keys
    apart (their hashes, or addresses of many texts), when they are not too many. `address`: of a
    mapping with keys. `library`: the package of the library whose object has it, if any.
    """

    name: str
    kind: str
    file: str
    entries: int
    keys: frozenset[int]
    address: int = 0
    library: str = ""


@dataclass(frozen=True, slots=True)
class Memo:
    """A function under functools.lru_cache. `limit` is -1 without one."""

    name: str
    file: str
    limit: int
    entries: int
    hits: int
    misses: int


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the program and the names that its code uses."""

    name: str
    file: str
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Heap:
    """What one look found."""

    containers: dict[str, Container]
    memos: dict[str, Memo]
    functions: tuple[Function, ...]
