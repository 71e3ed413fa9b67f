"""Room for as many connections as a load test needs."""

from slowcoach.core.errors import InputError

_SPARE = 64


def allow_files(connections: int) -> None:
    """Raise this process's limit of open files for so many connections; raises InputError."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    count = connections + _SPARE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= count:
        return
    if hard != resource.RLIM_INFINITY and hard < count:
        raise InputError(
            f"{connections} connections need more open files than this system's {hard}",
            hint="Ask for less load or a shorter timeout, or raise `ulimit -n`",
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))
