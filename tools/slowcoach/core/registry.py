"""Find the readers, dialects, checks and tools that modules declare."""

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import TypeVar

T = TypeVar("T")


def discover(package: ModuleType, attribute: str, kind: type[T]) -> tuple[T, ...]:
    """Return the `attribute` of every public module of `package`, in name order.

    Raises TypeError, naming the module, when one does not define it.
    """
    found: list[T] = []
    for name in sorted(info.name for info in iter_modules(package.__path__)):
        if name.startswith("_"):
            continue
        item = getattr(import_module(f"{package.__name__}.{name}"), attribute, None)
        if not isinstance(item, kind):
            raise TypeError(f"{package.__name__}.{name} must define {attribute}: {kind.__name__}")
        found.append(item)
    return tuple(found)
