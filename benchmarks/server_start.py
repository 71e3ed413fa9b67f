"""CPU from the start of the server to the answer of `initialize`, against a bare MCPServer.

Both are started in turn in one run; the figure is the ratio of the medians (Linux: CPU time from
/proc/PID/task/*/schedstat, so that waiting on a busy machine does not count).

    .venv/bin/python benchmarks/server_start.py [ROUNDS]
"""

import json
import statistics
import subprocess
import sys
from pathlib import Path

LIMIT = 1.25
BARE = "from mcp.server.mcpserver import MCPServer; MCPServer('bare', version='1').run()"
FIRST = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "benchmark", "version": "1"},
    },
}
PEERS = {
    "slowcoach": [sys.executable, "-m", "slowcoach_server", "serve"],
    "bare MCPServer": [sys.executable, "-c", BARE],
}


def cpu_ms(pid: int) -> float:
    """Return the CPU time of all threads of a process so far."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e6


def start(command: list[str]) -> float:
    """Start a server, ask it, and return its CPU at the moment of the answer."""
    server = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(json.dumps(FIRST).encode() + b"\n")
    server.stdin.flush()
    answer = json.loads(server.stdout.readline())
    used = cpu_ms(server.pid)
    assert "result" in answer
    server.stdin.close()
    server.stdout.close()
    server.wait(30)
    return used


def measure(rounds: int) -> dict[str, list[float]]:
    """Return the CPU times of each peer, taken in turn after one warm-up."""
    taken: dict[str, list[float]] = {name: [] for name in PEERS}
    for number in range(rounds + 1):
        for name, command in PEERS.items():
            used = start(command)
            if number:
                taken[name].append(used)
    return taken


def main() -> int:
    """Print the medians and their ratio; end with 1 when it is over the limit."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    taken = measure(rounds)
    for name, times in taken.items():
        print(f"{name:16} median {statistics.median(times):7.0f} ms CPU  min {min(times):.0f}")
    own, bare = (statistics.median(times) for times in taken.values())
    print(f"ratio {own / bare:.2f} (limit {LIMIT})")
    return int(own / bare > LIMIT)


if __name__ == "__main__":
    raise SystemExit(main())
