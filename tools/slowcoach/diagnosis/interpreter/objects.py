"""Python objects in another process: texts, lists, dictionaries, attributes, types."""

import re
import struct
from collections.abc import Iterator
from contextlib import suppress

from slowcoach.diagnosis.interpreter.layout import LAYOUTS, Layout
from slowcoach.diagnosis.interpreter.memory import (
    Binary,
    ProcessMemory,
    UnreadableMemoryError,
    find_binary,
)

TEXT_LIMIT = 2000
ENTRIES_LIMIT = 200_000
_ASCII = 0x40
_KIND = 0x1C
_KIND_SHIFT = 2
_GENERAL, _UNICODE, _SPLIT = 0, 1, 2
_TYPE = 8
_SIZE = 16
_TYPE_NAME = 24
_TYPE_BASICSIZE = 32
_TYPE_FLAGS = 168
_TYPE_BASE = 256
_TYPE_DICT = 264
_BASES_LIMIT = 20
_HEAP = 1 << 9
_LIST_SUBCLASS, _DICT_SUBCLASS, _TYPE_SUBCLASS = 1 << 25, 1 << 29, 1 << 31
_DICT_OFFSET = 288
_ITEMS = 24
_MANAGED_DICT = 1 << 4
_INLINE_VALUES = 1 << 2
_MINOR_WITH_INLINE = (3, 13)
_KEYS_WITH_LOOKUP = (3, 10)
_DICT_USED = 16
_TEXT_HASH = 24
_WITH_HASH = 3  # words of an entry: hash, key, value
_SET_USED, _SET_MASK, _SET_TABLE = 24, 32, 40
_MEMBER_AT, _MEMBER_OFFSET = 40, 16  # of a descriptor; of its definition
_IN_NAME = re.compile(r"python(\d)\.(\d+)[^/]*$")
_SUPPORTED = sorted(LAYOUTS)


class UnknownInterpreterError(Exception):
    """The process is no CPython of a version whose layout is known."""


class Interpreter:
    """The objects of one running interpreter. Every method may raise UnreadableMemoryError."""

    def __init__(self, memory: ProcessMemory, binary: Binary, version: tuple[int, int]) -> None:
        self.memory = memory
        self.version = version
        self.layout: Layout = LAYOUTS[version]
        self.binary = binary
        self.runtime = binary.bias + binary.symbols["_PyRuntime"]
        self._type_names: dict[int, str] = {}
        self._flags: dict[int, int] = {}
        self._modules: dict[str, int] | None = None

    @property
    def state(self) -> int:
        """Return the address of the main interpreter's state."""
        return self.memory.word(self.runtime + self.layout.main_interpreter)

    def type_address(self, obj: int) -> int:
        """Return the address of an object's type."""
        return self.memory.word(obj + _TYPE)

    def flags(self, obj: int) -> int:
        """Return the flags of an object's type (Py_TPFLAGS_*)."""
        kind = self.type_address(obj)
        if kind not in self._flags:
            self._flags[kind] = self.memory.word(kind + _TYPE_FLAGS)
        return self._flags[kind]

    def is_mapping(self, obj: int) -> bool:
        """Tell whether an object is a dict or of a subclass."""
        return bool(self.flags(obj) & _DICT_SUBCLASS)

    def is_list(self, obj: int) -> bool:
        """Tell whether an object is a list or of a subclass."""
        return bool(self.flags(obj) & _LIST_SUBCLASS)

    def is_class(self, obj: int) -> bool:
        """Tell whether an object is a class made by Python code."""
        return bool(
            self.flags(obj) & _TYPE_SUBCLASS and self.memory.word(obj + _TYPE_FLAGS) & _HEAP
        )

    def is_instance(self, obj: int) -> bool:
        """Tell whether an object's class was made by Python code."""
        return bool(self.flags(obj) & _HEAP)

    def derives(self, obj: int, base: str) -> bool:
        """Tell whether an object's type, or one that it derives from first, has a name."""
        kind = self.type_address(obj)
        for _ in range(_BASES_LIMIT):
            raw = self.memory.read(self.memory.word(kind + _TYPE_NAME), 64)
            if raw.split(b"\0", 1)[0] == base.encode():
                return True
            kind = self.memory.word(kind + _TYPE_BASE)
            if not kind:
                break
        return False

    def class_attributes(self, obj: int) -> dict[str, int]:
        """Return what a class itself defines."""
        return self.named(self.memory.word(obj + _TYPE_DICT))

    def type_name(self, obj: int) -> str:
        """Return the name of an object's type, with its module for built-in ones."""
        kind = self.type_address(obj)
        if kind not in self._type_names:
            raw = self.memory.read(self.memory.word(kind + _TYPE_NAME), 64)
            self._type_names[kind] = raw.split(b"\0", 1)[0].decode("ascii", "replace")
        return self._type_names[kind]

    def text(self, obj: int) -> str:
        """Return a str object's text, cut at a limit."""
        length, _hash, state = struct.unpack("<QqI", self.memory.read(obj + 16, 20))
        kind = (state & _KIND) >> _KIND_SHIFT
        if kind not in {1, 2, 4}:
            raise UnreadableMemoryError(f"{obj:#x}: not a str")
        ascii_only = state & _ASCII
        start = obj + (self.layout.ascii_size if ascii_only else self.layout.compact_size)
        data = self.memory.read(start, min(length, TEXT_LIMIT) * kind)
        codec = {1: "latin-1", 2: "utf-16-le", 4: "utf-32-le"}[kind]
        return data.decode(codec, "replace")

    def data(self, obj: int) -> bytes:
        """Return a bytes object's content."""
        return self.memory.read(obj + 32, self.memory.word(obj + _SIZE))

    def size(self, obj: int) -> int:
        """Return ob_size of a list, tuple or deque."""
        return self.memory.word(obj + _SIZE)

    def sequence(self, obj: int, limit: int = 1000) -> tuple[int, ...]:
        """Return the first items of a list or tuple."""
        count = min(self.size(obj), limit)
        start = obj + _ITEMS
        if self.type_name(obj) == "list":
            start = self.memory.word(start)
        return self.memory.words(start, count) if count else ()

    def dict_length(self, obj: int) -> int:
        """Return the number of entries of a dict or of a subclass."""
        return self.memory.word(obj + _DICT_USED)

    def dict_entries(self, obj: int) -> Iterator[tuple[int, int]]:
        """Yield the addresses of keys and values of a dict or of a subclass."""
        keys = self.memory.word(obj + self.layout.dict_keys)
        values = self.memory.word(obj + self.layout.dict_values)
        kind, pairs = self._keys(keys)
        if kind == _SPLIT or values:
            yield from self._split(pairs, values)
        else:
            yield from ((key, value) for key, value in pairs if value)

    def dict_hashes(self, obj: int, texts_limit: int = 1000) -> frozenset[int]:
        """Return the hashes of a dict's keys: unlike addresses they tell a new key from an old.

        Where all keys are texts the table does not hold the hashes; then they are read one by one,
        and for more than `texts_limit` of them none is.
        """
        start, count, width = self._table(self.memory.word(obj + self.layout.dict_keys))
        if not 0 < count <= ENTRIES_LIMIT:
            return frozenset()
        words = self.memory.words(start, width * count)
        entries = zip(words[::width], words[width - 1 :: width], strict=True)
        first = [first for first, value in entries if value]
        if width == _WITH_HASH:
            return frozenset(first)
        if len(first) > texts_limit:
            return frozenset()
        return frozenset(self.memory.word(key + _TEXT_HASH) for key in first)

    def dict_table(self, obj: int) -> tuple[int, int, int]:
        """Return the address of a dict's table of keys, how many entries were put into it since
        it was made (those removed included), and how many more it takes before it is made anew.
        """
        keys = self.memory.word(obj + self.layout.dict_keys)
        at = 24 if self.version <= _KEYS_WITH_LOOKUP else 16
        free, used = struct.unpack("<qQ", self.memory.read(keys + at, 16))
        return keys, used, max(0, free)

    def _table(self, keys: int) -> tuple[int, int, int]:
        """Return where a dict's entries begin, how many there are and how many words each has."""
        if self.version <= _KEYS_WITH_LOOKUP:
            size, count = self.memory.word(keys + 8), self.memory.word(keys + 32)
            index = next(w for w in (1, 2, 4) if size < 1 << 8 * w)
            return keys + 40 + size * index, count, _WITH_HASH
        head = self.memory.read(keys, 32)
        width = _WITH_HASH if head[10] == _GENERAL else 2
        return keys + 32 + (1 << head[9]), struct.unpack_from("<Q", head, 24)[0], width

    def _keys(self, keys: int) -> tuple[int, list[tuple[int, int]]]:
        if self.version <= _KEYS_WITH_LOOKUP:
            return self._keys_before_311(keys)
        head = self.memory.read(keys, 32)
        log2_index, kind = head[9], head[10]
        count: int = struct.unpack_from("<Q", head, 24)[0]
        if count > ENTRIES_LIMIT:
            raise UnreadableMemoryError(f"{count} entries are too many to read")
        start = keys + 32 + (1 << log2_index)
        width = 3 if kind == _GENERAL else 2
        words = self.memory.words(start, count * width) if count else ()
        pairs = [(words[i + width - 2], words[i + width - 1]) for i in range(0, len(words), width)]
        return kind, pairs

    def _keys_before_311(self, keys: int) -> tuple[int, list[tuple[int, int]]]:
        """Return the same of a table that has its size, and a hash beside each key."""
        size, count = self.memory.word(keys + 8), self.memory.word(keys + 32)
        if max(count, size) > ENTRIES_LIMIT:
            raise UnreadableMemoryError(f"{count} entries are too many to read")
        width = next(w for w in (1, 2, 4) if size < 1 << 8 * w)
        words = self.memory.words(keys + 40 + size * width, 3 * count) if count else ()
        return _GENERAL, list(zip(words[1::3], words[2::3], strict=True))

    def _split(self, pairs: list[tuple[int, int]], values: int) -> Iterator[tuple[int, int]]:
        if not values or not pairs:
            return
        start = values + (8 if self.version >= _MINOR_WITH_INLINE else 0)
        for (key, _), value in zip(pairs, self.memory.words(start, len(pairs)), strict=True):
            if key and value:
                yield key, value

    def named(self, obj: int) -> dict[str, int]:
        """Return a dict's entries whose keys are texts."""
        found: dict[str, int] = {}
        for key, value in self.dict_entries(obj):
            with suppress(UnreadableMemoryError):
                if self.type_name(key) == "str":
                    found[self.text(key)] = value
        return found

    def attributes(self, obj: int) -> dict[str, int]:
        """Return an instance's own attributes (not slots)."""
        kind = self.type_address(obj)
        flags = self.flags(obj)
        if flags & _MANAGED_DICT:
            return self._managed(obj, kind, flags)
        offset = struct.unpack("<q", self.memory.read(kind + _DICT_OFFSET, 8))[0]
        if offset <= 0:
            return {}
        own = self.memory.word(obj + offset)
        return self.named(own) if own else {}

    def _managed(self, obj: int, kind: int, flags: int) -> dict[str, int]:
        own = self.memory.word(obj - 24)
        if self.version == (3, 11):
            values = self.memory.word(obj + self.layout.managed_values)
        elif self.version == (3, 12):
            values, own = (own + 1, 0) if own & 1 else (0, own)
        else:
            basic = self.memory.word(kind + _TYPE_BASICSIZE)
            values = obj + basic if flags & _INLINE_VALUES and not own else 0
        if own:
            return self.named(own)
        if not values:
            return {}
        _, pairs = self._keys(self.memory.word(kind + self.layout.type_cached_keys))
        return {self.text(key): value for key, value in self._split(pairs, values)}

    def slots(self, kind: int) -> dict[str, int]:
        """Return where in its objects a class keeps what its `__slots__` name."""
        found: dict[str, int] = {}
        for name, member in self.class_attributes(kind).items():
            if self.type_name(member) == "member_descriptor":
                definition = self.memory.word(member + _MEMBER_AT)
                found[name] = self.memory.word(definition + _MEMBER_OFFSET)
        return found

    def set_members(self, obj: int) -> list[int]:
        """Return the addresses of a set's members."""
        used, mask, table = (
            self.memory.word(obj + at) for at in (_SET_USED, _SET_MASK, _SET_TABLE)
        )
        if not used or mask > ENTRIES_LIMIT:
            return []
        words = self.memory.words(table, 2 * (mask + 1))
        return [key for key, known in zip(words[::2], words[1::2], strict=True) if key and known]

    def modules(self) -> dict[str, int]:
        """Return sys.modules: the address of each module's namespace, by name."""
        found: dict[str, int] = {}
        for name, module in self.named(self.memory.word(self.state + self.layout.modules)).items():
            with suppress(UnreadableMemoryError):
                if self.type_name(module) == "module":
                    found[name] = self.memory.word(module + 16)
        return found

    def modules_cached(self) -> dict[str, int]:
        """Return `modules()` as first read: for names that are there from the start."""
        if self._modules is None or not self._modules:
            self._modules = self.modules()
        return self._modules

    def collecting(self) -> bool:
        """Tell whether the garbage collector is running just now."""
        data = self.memory.read(self.state + self.layout.gc_collecting, 4)
        return data != b"\0\0\0\0"

    def collections(self) -> tuple[int, int, int]:
        """Return how often each generation of the garbage collector ran."""
        start = self.state + self.layout.gc_stats
        step = self.layout.gc_stats_size
        young, middle, old = (self.memory.word(start + i * step) for i in range(3))
        return young, middle, old


def open_interpreter(pid: int) -> Interpreter:
    """Open a process's interpreter, whose `.memory` the caller closes.

    Raises UnknownInterpreterError, OSError or UnreadableMemoryError.
    """
    binary = find_binary(pid, {"_PyRuntime", "Py_Version"}) or find_binary(pid, {"_PyRuntime"})
    if binary is None:
        raise UnknownInterpreterError("no CPython is mapped in it")
    memory = ProcessMemory(pid)
    try:
        version = _version(memory, binary)
        if version not in LAYOUTS:
            known = ", ".join(f"{major}.{minor}" for major, minor in _SUPPORTED)
            raise UnknownInterpreterError(f"Python {version[0]}.{version[1]}; known are {known}")
        return Interpreter(memory, binary, version)
    except BaseException:
        memory.close()
        raise


def _version(memory: ProcessMemory, binary: Binary) -> tuple[int, int]:
    """Return major and minor version: what it exports since 3.11, else what its file is named."""
    if at := binary.symbols.get("Py_Version"):
        number = memory.word(binary.bias + at)
        return number >> 24 & 0xFF, number >> 16 & 0xFF
    if named := _IN_NAME.search(binary.path):
        return int(named[1]), int(named[2])
    raise UnknownInterpreterError(f"{binary.path}: its version is not in its name")
