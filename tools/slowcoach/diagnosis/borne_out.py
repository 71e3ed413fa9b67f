"""Whether the computing that was seen is borne out by the processor time that was spent. Pure."""

from slowcoach.diagnosis.limits import deciding
from slowcoach.diagnosis.models import Observed, Phase
from slowcoach.diagnosis.ramp import ramp

_THREADS = frozenset({"java", "python"})  # runtimes whose computing units are the kernel's threads
_RUNS = frozenset({"cpu", "native"})


def borne_out(phase: Phase, observed: Observed) -> float:
    """Return how far (0..1) the computing of a phase ran, or waited for a core: 1 for half of it,
    for looks are rough.

    Threads that compute do not leave cores idle: what was called so beyond the processor time
    waits for something that nobody saw, such as pages of a file in memory.
    """
    seen = sum(a.mean for a in phase.activities if a.state in _RUNS)
    if observed.runtime not in _THREADS or not phase.seconds or seen < deciding("working"):
        return 1.0
    used = (phase.cpu_user_s + phase.cpu_system_s) / phase.seconds
    idle = observed.cores - used - phase.others_cpu_s / phase.seconds
    room = ramp(idle, deciding("idle_near"), deciding("idle_core"))
    ran = (used + phase.run_queue_s / phase.seconds) / seen
    return 1 - room * (1 - min(1.0, ran / deciding("even")))
