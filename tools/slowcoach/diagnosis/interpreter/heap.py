"""The containers that a program keeps: in its modules, classes, objects, closures and defaults."""

import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

from slowcoach.diagnosis.interpreter.heap_model import Container, Function, Heap, Memo
from slowcoach.diagnosis.interpreter.memory import UnreadableMemoryError
from slowcoach.diagnosis.interpreter.objects import Interpreter
from slowcoach.diagnosis.interpreter.stacks_before_311 import stack_reader
from slowcoach.diagnosis.limits import looking

DEPTH = 3
OBJECTS_LIMIT = 6000
_NESTED_LIMIT = 300
_KEYS_LIMIT = 30_000
_NAMES_LIMIT = 200
_HELD_LIMIT = 20
_CELL_CONTENT = 16
_CLASS_METHOD_TARGET = 16
_LRU_CACHE = struct.Struct("<QQQQQ")
_LRU_AT = 72
_LRU = "functools._lru_cache_wrapper"
_WRAPPERS = {"staticmethod", "classmethod"}
_SETS = {"set", "frozenset"}
_TEXTS = {"str", "bytes", "bytearray"}
_FEW_ENTRIES = 16
_CACHING = {"cache", "caches", "caching", "locmem", "aiocache", "cachelib", "flask_caching"}
_THREAD_LOCAL = "_thread._local"
_LOCAL_DICTS_AT = 48  # of a thread-local object: the dict of each thread's own
_DEQUE = "collections.deque"
_SELECTORS = "selectors"  # an event loop's table of connections comes and goes with them
_NONE_LIMIT = -1


def _caching(module: str) -> bool:
    """Tell whether a library's module keeps caches for its users, by what it is called."""
    return any(part in _CACHING for part in module.split("."))


def _module_of(file: str) -> str:
    return file.rsplit("/", 1)[-1].removesuffix(".py")


class HeapReader:
    """Walks from the program's own modules (`is_own` judges by file) to what they keep."""

    def __init__(self, interpreter: Interpreter, is_own: Callable[[str], bool]) -> None:
        self._i = interpreter
        self._is_own = is_own
        self._stacks = stack_reader(interpreter)
        self._large_text = looking("large_text")
        self._met: dict[tuple[str, str], int] = {}
        self._seen: set[int] = set()
        self._visits = 0
        self._modules_of: dict[int, str] = {}
        self._containers: dict[str, Container] = {}
        self._memos: dict[str, Memo] = {}
        self._functions: list[Function] = []

    def read(self) -> Heap:
        """Look once. What changes under the eyes is left out.

        Objects that no module names are found while their methods run, and by then for good.
        """
        self._seen, self._containers, self._memos, self._functions = set(), {}, {}, []
        self._visits = 0
        # what is imported stands after who imports it: things are told by the module that has them
        for name, space in reversed(self._i.modules().items()):
            with suppress(UnreadableMemoryError):
                names = self._i.named(space)
                file = self._file(names)
                if file and (self._is_own(file) or _caching(name)):
                    short = (
                        file.rsplit("/", 1)[-1].removesuffix(".py") if name == "__main__" else name
                    )
                    self._space(names, short, file)
        with suppress(UnreadableMemoryError):
            self._receivers()
        return Heap(self._containers, self._memos, tuple(self._functions))

    def _receivers(self) -> None:
        """Visit what methods run on. Of a class with several such objects each may be one
        request's; those are left out.
        """
        for obj, frame in self._stacks.receivers().items():
            if obj not in self._seen and self._is_own(frame.file) and self._i.is_instance(obj):
                key = self._class_name(obj), frame.file
                one = self._met.setdefault(key, obj)
                if one != obj:
                    self._met[key] = 0
        for (name, file), obj in self._met.items():
            with suppress(UnreadableMemoryError):
                if obj and self._class_name(obj) == name:
                    self._visit(obj, f"{_module_of(file)}.{name}", file, DEPTH)

    def _class_name(self, obj: int) -> str:
        return self._i.type_name(obj).rsplit(".", 1)[-1]

    def _file(self, names: dict[str, int]) -> str:
        value = names.get("__file__")
        if value and self._i.type_name(value) == "str":
            return self._i.text(value)
        return ""

    def _space(self, names: dict[str, int], prefix: str, file: str) -> None:
        for name, value in names.items():
            if not name.startswith("__"):
                self._visit(value, f"{prefix}.{name}", file, DEPTH)

    def _visit(self, obj: int, name: str, file: str, depth: int) -> None:
        if obj in self._seen or self._visits > OBJECTS_LIMIT:
            return
        self._visits += 1
        self._seen.add(obj)
        with suppress(UnreadableMemoryError):
            kind = self._i.type_name(obj)
            if kind == "function":
                self._function(obj, name, file, depth)
            elif kind == _LRU:
                self._memo(obj, name, file)
            elif kind in _WRAPPERS:
                self._visit(self._i.memory.word(obj + _CLASS_METHOD_TARGET), name, file, depth)
            elif kind in _TEXTS:
                self._text(obj, kind, name, file)
            elif self._size(obj, kind) is not None:
                self._container(obj, kind, name, file, depth)
            elif kind != "module" and depth:
                self._inside(obj, name, file, depth - 1)
            else:  # too deep from here: it may be met nearer elsewhere
                self._seen.discard(obj)

    def _inside(self, obj: int, name: str, file: str, depth: int) -> None:
        if self._i.is_class(obj):
            module = self._i.class_attributes(obj)
            own = module.get("__module__")
            if own and self._foreign(self._i.text(own), file):
                return
            self._attributes(module, name, file, depth)
        elif self._i.derives(obj, _THREAD_LOCAL):
            self._thread_local(obj, name, file, depth)
        elif self._i.is_instance(obj) and self._class_module(obj) != _SELECTORS:
            attributes = self._i.attributes(obj)
            self._attributes(attributes, name, file, depth)
            self._told_of(obj, [f"{name}.{attribute}" for attribute in attributes], file)

    def _thread_local(self, obj: int, name: str, file: str, depth: int) -> None:
        """Visit what each thread keeps for itself."""
        dicts = self._i.memory.word(obj + _LOCAL_DICTS_AT)
        each = [own for _, own in self._i.dict_entries(dicts)] if dicts else []
        for number, own in enumerate(each[:_FEW_ENTRIES]):
            if self._i.is_mapping(own):
                self._attributes(self._i.named(own), f"{name}#{number}", file, depth)

    def _told_of(self, obj: int, names: list[str], file: str) -> None:
        """Say of a library's object what it is: the names of its attributes tell little."""
        found = [name for name in names if name in self._containers]
        module = self._class_module(obj)
        if not found or not self._foreign(module, file):
            return
        for name in found:
            kind = f"{self._containers[name].kind} of a {self._class_name(obj)}"
            library = module.partition(".")[0]
            self._containers[name] = replace(self._containers[name], kind=kind, library=library)

    def _class_module(self, obj: int) -> str:
        """Return the module of an object's class."""
        kind = self._i.type_address(obj)
        if kind not in self._modules_of:
            module = self._i.class_attributes(kind).get("__module__")
            self._modules_of[kind] = self._i.text(module) if module else ""
        return self._modules_of[kind]

    def _foreign(self, module: str, file: str) -> bool:
        """Tell whether a class was only imported into the program's module."""
        space = self._i.modules_cached().get(module)
        if space is None:
            return False
        other = self._file(self._i.named(space))
        return bool(other) and other != file and not self._is_own(other)

    def _attributes(self, attributes: dict[str, int], name: str, file: str, depth: int) -> None:
        for attribute, value in attributes.items():
            if not attribute.startswith("__"):
                self._visit(value, f"{name}.{attribute}", file, depth)

    def _size(self, obj: int, kind: str) -> int | None:
        if self._i.is_mapping(obj):
            return self._i.dict_length(obj)
        if self._i.is_list(obj) or kind == _DEQUE:
            return self._i.size(obj)
        if kind in _SETS:
            return self._i.memory.word(obj + 24)
        return None

    def _container(self, obj: int, kind: str, name: str, file: str, depth: int) -> None:
        entries = self._size(obj, kind) or 0
        keys: frozenset[int] = frozenset()
        nested = 0
        if self._i.is_mapping(obj) and 0 < entries <= _KEYS_LIMIT:
            with suppress(UnreadableMemoryError):
                pairs = list(self._i.dict_entries(obj))
                keys = self._i.dict_hashes(obj) or frozenset(key for key, _ in pairs)
                nested = sum(self._nested(value) for _, value in pairs[:_NESTED_LIMIT])
                if depth and len(pairs) <= _FEW_ENTRIES:
                    self._entries(obj, name, file, depth - 1)
        elif self._i.is_list(obj) and 0 < entries <= _NESTED_LIMIT:
            with suppress(UnreadableMemoryError):
                nested = sum(self._nested(value) for value in self._i.sequence(obj, _NESTED_LIMIT))
        self._containers[name] = Container(
            name, kind, file, entries + nested, keys, obj if keys else 0
        )
        # a subclass may keep its entries in attributes
        if self._i.is_instance(obj):
            with suppress(UnreadableMemoryError):
                self._attributes(self._i.attributes(obj), name, file, 1)

    def _entries(self, obj: int, name: str, file: str, depth: int) -> None:
        """Visit what a small mapping, such as a registry, has by name."""
        for key, value in self._i.named(obj).items():
            if self._i.is_mapping(value) or self._i.is_instance(value):
                self._visit(value, f"{name}.{key}", file, depth)

    def _text(self, obj: int, kind: str, name: str, file: str) -> None:
        """Note a large text or buffer, which may be one that everything is appended to."""
        length = self._i.size(obj)
        if length >= self._large_text:
            self._containers[name] = Container(name, kind, file, length, frozenset())

    def _nested(self, obj: int) -> int:
        with suppress(UnreadableMemoryError):
            size = self._size(obj, self._i.type_name(obj))
            if size is not None:
                return size
            if self._i.is_instance(obj):
                sizes = [
                    self._size(value, self._i.type_name(value))
                    for value in self._i.attributes(obj).values()
                ]
                return sum(size for size in sizes if size)
        return 0

    def _memo(self, obj: int, name: str, file: str) -> None:
        words = self._i.memory.words(obj + _LRU_AT, 5)
        cache, hits, _, limit, misses = words
        signed = limit if limit < 1 << 62 else _NONE_LIMIT
        entries = self._i.dict_length(cache)
        self._memos[name] = Memo(name, file, signed, entries, hits, misses)
        self._visit(words[2], name, file, DEPTH)

    def _function(self, obj: int, name: str, file: str, depth: int) -> None:
        code = self._i.memory.word(obj + self._i.layout.function_code)
        own = self._i.text(self._i.memory.word(code + self._i.layout.code_filename))
        if self._is_own(own):
            self._functions.append(Function(name, own, frozenset(self._code_names(code))))
        if not depth:
            return
        defaults = self._i.memory.word(obj + self._i.layout.function_defaults)
        for item in self._i.sequence(defaults, _HELD_LIMIT) if defaults else ():
            self._visit(item, name, file, depth - 1)
        closure = self._i.memory.word(obj + self._i.layout.function_closure)
        cells = self._i.sequence(closure, _HELD_LIMIT) if closure else ()
        for cell, variable in zip(cells, self._free_names(code, len(cells)), strict=True):
            if content := self._i.memory.word(cell + _CELL_CONTENT):
                self._visit(content, f"{name}.{variable}", file, depth - 1)

    def _free_names(self, code: int, count: int) -> list[str]:
        """Return the names of a function's closed-over variables: the last ones of its code."""
        at = self._i.layout.code_free or self._i.layout.code_variables
        names = self._i.sequence(self._i.memory.word(code + at))
        return [self._i.text(item) for item in names[len(names) - count :]]

    def _code_names(self, code: int, depth: int = 2) -> Iterator[str]:
        with suppress(UnreadableMemoryError):
            names = self._i.memory.word(code + self._i.layout.code_names)
            for item in self._i.sequence(names, _NAMES_LIMIT):
                yield self._i.text(item)
            constants = self._i.memory.word(code + self._i.layout.code_constants)
            for item in self._i.sequence(constants, _NAMES_LIMIT) if depth else ():
                if self._i.type_name(item) == "code":
                    yield from self._code_names(item, depth - 1)
