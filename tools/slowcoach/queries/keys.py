"""From the names that databases print to the normal form's snake_case."""

import re
from functools import cache

_OTHER = re.compile(r"[^a-z0-9]+")


@cache
def snake(key: str) -> str:
    """Return `I/O Read Time` as `io_read_time`, `Full-sort Groups` as `full_sort_groups`."""
    return _OTHER.sub("_", key.replace("I/O", "IO").lower()).strip("_")
