"""The terminal: colours only where there is one."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


@cache
def stdout() -> "Console":
    """Return the console for results."""
    from rich.console import Console

    return Console(soft_wrap=False, emoji=False, markup=True)


@cache
def stderr() -> "Console":
    """Return the console for progress and errors."""
    from rich.console import Console

    return Console(stderr=True, emoji=False)
