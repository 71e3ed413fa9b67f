"""What a recorder gives: profiles, and what taking them cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

from slowcoach.profiling.model import Profile


@dataclass(frozen=True, slots=True)
class Waiting:
    """A place where threads or tasks wait: how many on average, for what, and who holds it."""

    threads: float
    where: str
    at: str
    what: str = ""
    held_by: str = ""


@dataclass(frozen=True, eq=False)
class Recording(Sequence[Profile]):
    """The profiles of one recording (one for each thread, or view) and what taking them cost.

    `lost` of `samples + lost` looks failed. CPU figures are in cores (1.0: one core fully busy);
    None where the system does not tell.
    """

    profiles: tuple[Profile, ...]
    samples: int
    lost: int
    seconds: float
    rate: int
    blocking: bool
    threads: int | None
    behind: bool
    target_cpu_before: float | None
    target_cpu_while: float | None
    profiler_cpu: float | None
    cpu_pressure: float | None
    together: bool = False  # a profile holds all threads, in seconds of each

    @overload
    def __getitem__(self, index: int) -> Profile: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Profile]: ...
    def __getitem__(self, index: int | slice) -> Profile | Sequence[Profile]:
        """Return profiles by index."""
        return self.profiles[index]

    def __len__(self) -> int:
        """Return the number of profiles."""
        return len(self.profiles)

    @property
    def lost_share(self) -> float:
        """Return the share of looks that failed."""
        return self.lost / max(self.samples + self.lost, 1)
