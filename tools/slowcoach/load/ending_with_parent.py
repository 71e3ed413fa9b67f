"""Become another program that the kernel kills when the process that asked for it dies (Linux).

Run as a file: `python -I ending_with_parent.py PARENT PROGRAM ARGUMENTS...`. Imports nothing of
Slowcoach, so that it starts at once; elsewhere than on Linux it only becomes the program.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # prctl(2)


def launcher() -> list[str]:
    """Return the first words of a command that is to end when this process does."""
    return [sys.executable, "-I", __file__, str(os.getpid())]


def end_with_parent(parent: int) -> None:
    """Ask the kernel to kill this process with its parent; end now if that is gone already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)


def main() -> None:
    """Replace this process by the program of the command line."""
    end_with_parent(int(sys.argv[1]))
    try:
        os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606 - an argument list, no shell
    except OSError as error:
        sys.exit(f"{sys.argv[2]}: {error.strerror}")


if __name__ == "__main__":
    main()
