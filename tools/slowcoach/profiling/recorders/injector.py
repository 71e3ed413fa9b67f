"""Run a Python file in another process by a debugger, with what memray has for that.

A program of its own, started by our interpreter: memray's way in is not a public interface, so
whatever it raises ends here, as a message on standard error.
"""

import sys
from pathlib import Path


def main(pid: int, script: str) -> int:
    """Inject the file and return the exit code: 0 when it ran."""
    from memray.commands.attach import AttachCommand, recvall

    code = Path(script).read_text(encoding="utf-8")
    command = AttachCommand()
    method = command.resolve_debugger("auto" if sys.version_info < (3, 14) else "gdb")
    client = command.inject_control_channel(method, pid)
    with client:
        client.sendall(code.encode())
        client.shutdown(1)
        said = recvall(client)
    if said:
        sys.stderr.write(said)
    return 1 if said else 0


if __name__ == "__main__":
    del sys.path[0]  # the modules beside this one are no packages
    try:
        sys.exit(main(int(sys.argv[1]), sys.argv[2]))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is said and ends here
        sys.stderr.write(f"{type(error).__name__}: {error}")
        sys.exit(1)
