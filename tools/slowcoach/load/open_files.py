"""Room for as many connections as a load test needs."""

from slowcoach.core.errors import InputError

_SPARE = 64


def room_for(connections: int, *, at_most: bool = False) -> int:
    """Raise this process's limit of open files for so many connections, and return them.

    Where the system allows fewer, return these with `at_most`; raises InputError without.
    """
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return connections
    count = connections + _SPARE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= count:
        return connections
    if hard != resource.RLIM_INFINITY and hard < count:
        if not at_most or hard <= _SPARE:
            raise InputError(
                f"{connections} connections need more open files than this system's {hard}",
                hint="Ask for less load or a shorter timeout, or raise `ulimit -n`",
            )
        count = hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))
    return count - _SPARE
