"""The garbage collector, held back while millions of objects are made that are all kept."""

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def nothing_collected() -> Generator[None]:
    """Hold the collector back: a fifth of a reader's time would go into looking through what it
    made. Calls may nest and come from several threads; it runs again when the outermost ends.
    """
    collected = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collected:
            gc.enable()
