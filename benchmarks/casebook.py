"""Is the cause of a slow service named right? Small services with one known cause each.

    .venv/bin/python benchmarks/casebook.py [--role develop|report] [--runs N] [--seconds S]
        [--beside] [--cores N] [--second] [--folder FOLDER ...] [--json FILE] [ID ...]

Services stand in tests/data/services, in four languages; further folders of the same layout may
be named. `develop` is the half that rules were made with, `report` the other one. A diagnoser is
given the URL, the pid, the database's URL and what the service exposes; a case is `right` when
cause and place are, `cause` when only the cause is, `unsure` when it says so, and `wrong`
otherwise. Services with two causes (`expect.second`; `--second` runs these only) are judged by the
larger, and whether the second is told is printed beside. `--beside` burns a processor meanwhile,
`--cores N` gives all of it so many. Packages of PyPI and npm are installed once, in the user's
cache. Cases whose language is not installed are left out and named. `--json FILE` keeps each run.
Ends with 1 when one is wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml
from case_packages import PackagesError, node_modules_of, python_of

ROOT = Path(__file__).resolve().parents[1]
SERVICES = ROOT / "tests" / "data" / "services"
SLOWCOACH = Path(sys.executable).with_name("slowcoach")
PROGRAMS = {"node": ("node",), "go": ("go",), "java": ("java", "javac"), "python": ()}
KEPT_BACK = ("case.yaml", "seed.sql")
JSON = {"Content-Type": "application/json"}
READY_S, DEADLINE_S = 60.0, 300.0
UPSTREAM_READY_S = 15.0


@dataclass(frozen=True)
class Graded:
    """How one run of a case came out."""

    case: str
    language: str
    cause: str
    grade: str
    seconds: float
    said: str
    second: str = ""


class LeftOutError(Exception):
    """A case that cannot be run here."""


def free_port() -> int:
    """Return a port of loopback that nobody listens at now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def must_have(folder: Path, case: dict[str, Any]) -> None:
    """Raise LeftOutError for what a case needs and is not here. A pom.xml is built with Maven."""
    for program in (*PROGRAMS[case["language"]], *("mvn" for _ in folder.glob("pom.xml"))):
        if shutil.which(program) is None:
            raise LeftOutError(f"needs {program}")


@contextmanager
def process(argv: list[str], folder: Path, environment: dict[str, str]) -> Iterator[int]:
    """Run a program beside the block."""
    with (folder / "output.log").open("ab") as log:
        child = subprocess.Popen(
            argv, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        yield child.pid
    finally:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, 9)
        child.wait()


def wait_until_ready(url: str) -> None:
    """Wait for the first answer; raises TimeoutError."""
    until = time.monotonic() + READY_S
    while time.monotonic() < until:
        with suppress(OSError), urllib.request.urlopen(url, timeout=2):
            return
        time.sleep(0.1)
    raise TimeoutError(f"{url} never answered")


def wait_until_listening(port: int) -> None:
    """Wait until an upstream takes connections: some services make theirs when they start."""
    until = time.monotonic() + UPSTREAM_READY_S
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2):
            return
        time.sleep(0.05)
    raise TimeoutError(f"nobody ever listened at port {port}")


def installed(case: dict[str, Any], copy: Path) -> str:
    """Install the packages that a case needs beside its copy; return its Python interpreter."""
    try:
        if modules := case["needs"].get("npm"):
            (copy / "node_modules").symlink_to(node_modules_of(modules))
        return str(python_of(case["needs"].get("pip", [])))
    except PackagesError as why:
        raise LeftOutError(str(why)) from why


def database(stack: ExitStack, seed: Path) -> str:
    """Return the URL of a private database filled by a script."""
    import psycopg

    from slowcoach.queries.embedded import embedded_postgres

    url = stack.enter_context(embedded_postgres())
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE ROLE app SUPERUSER")  # some seeds give it things
        connection.execute(seed.read_bytes())
    return url


@contextmanager
def started(folder: Path, case: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Run a case from a copy without its answer; yield what a diagnoser is given, and the
    upstream's port.
    """
    must_have(folder, case)
    with ExitStack() as stack:
        copy = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="service-")))
        shutil.copytree(folder, copy, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*KEPT_BACK))
        python = installed(case, copy)
        port, upstream = free_port(), free_port()
        environment = {
            **os.environ,
            "PATH": f"{Path(python).parent}{os.pathsep}{os.environ['PATH']}",
            "PORT": str(port),
            "UPSTREAM_PORT": str(upstream),
            "CASE_BUILD_DIR": str(copy / "build"),
        }
        url = database(stack, folder / "seed.sql") if (folder / "seed.sql").exists() else None
        if url is not None:
            environment["DATABASE_URL"] = url
        if (copy / "build.sh").exists():
            subprocess.run(
                ["sh", "build.sh"], cwd=copy, env=environment, check=True, capture_output=True
            )
        if case.get("upstream"):
            runner = python if case["upstream"].endswith(".py") else "node"
            beside = {**environment, "PORT": str(upstream)}
            stack.enter_context(process([runner, case["upstream"]], copy, beside))
            wait_until_listening(upstream)
        words = [
            w.replace("${CASE_BUILD_DIR}", environment["CASE_BUILD_DIR"]) for w in case["start"]
        ]
        words[0] = {"python": python}.get(words[0], words[0])
        pid = stack.enter_context(process(words, copy, environment))
        origin = f"http://127.0.0.1:{port}"
        wait_until_ready(origin + case["ready"])
        asked = case["request"]
        given = {
            "url": origin + asked["path"],
            "method": asked["method"],
            "body": asked.get("body"),
            "headers": asked.get("headers") or (JSON if asked.get("body") else None),
            "pid": pid,
            "database_url": environment.get("DATABASE_URL")
            if case["needs"].get("database")
            else None,
            "concurrency": case["load"]["concurrency"],
            "diagnostics": case.get("diagnostics") or None,
        }
        yield {key: value for key, value in given.items() if value is not None}, str(upstream)


def grade(expect: dict[str, Any], result: dict[str, Any]) -> str:
    """Return right, cause, unsure or wrong."""
    verdict = result["verdict"]
    if verdict["cause"] == "unsure":
        return "unsure"
    if verdict["cause"] not in {expect["cause"], *expect.get("also_accept", [])}:
        return "wrong"
    said = [verdict.get("summary", ""), *verdict.get("where", [])]
    for finding in result["findings"]:
        if finding["cause"] == verdict["cause"]:
            said += [finding["title"], *finding["where"], *finding["evidence"]]
    text = " ".join(map(str, said)).lower()
    named = any(all(word.lower() in text for word in words) for words in expect.get("where", ()))
    return "right" if named or expect["cause"] == "healthy" else "cause"


def second_of(expect: dict[str, Any], result: dict[str, Any]) -> str:
    """Return whether the second cause of a service with two is told; "" for one with one."""
    second = expect.get("second")
    if second is None:
        return ""
    told = any(finding["cause"] == second for finding in result["findings"][1:])
    return "second told" if told and second in result["summary"] else "second not told"


def run(folder: Path, case: dict[str, Any], seconds: float | None) -> Graded:
    """Start a case, investigate it, and grade the verdict."""
    with started(folder, case) as (given, upstream):
        if seconds is not None:
            given["duration_s"] = seconds
        begun = time.monotonic()
        done = subprocess.run(
            [SLOWCOACH, "call", "investigate", "-"],
            input=json.dumps(given),
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )
        took = time.monotonic() - begun
    expect = json.loads(json.dumps(case["expect"]).replace("${UPSTREAM_PORT}", upstream))
    language, cause = case["language"], expect["cause"]
    answer = json.loads(done.stdout)
    if done.returncode:
        return Graded(case["id"], language, cause, "wrong", took, answer["error"]["message"])
    verdict = answer["verdict"]
    said = f"{verdict['cause']} ({verdict['confidence']}) {', '.join(verdict['where'])}"
    return Graded(
        case["id"], language, cause, grade(expect, answer), took, said, second_of(expect, answer)
    )


def chosen(
    folders: list[Path], role: str | None, ids: list[str], two: bool = False
) -> Iterator[Path]:
    """Yield the folders of the cases that were asked for; `two`: those with two causes at once."""
    for folder in sorted(p for place in folders for p in place.iterdir()):
        if not (folder / "case.yaml").exists() or (ids and folder.name not in ids):
            continue
        case = yaml.safe_load((folder / "case.yaml").read_text())
        if two and "second" not in case["expect"]:
            continue
        if role is None or case.get("role") == role:
            yield folder


@contextmanager
def burner(wanted: bool) -> Iterator[None]:
    """Keep one processor busy meanwhile, if that is wanted."""
    if not wanted:
        yield
        return
    child = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        child.kill()
        child.wait()


def keep(file: Path | None, graded: Graded) -> None:
    """Add a run to the file, if one is given."""
    if file is not None:
        with file.open("a") as out:
            print(json.dumps(asdict(graded)), file=out)


def table(found: list[Graded], by: str) -> None:
    """Print the grades by language or by cause."""
    groups = sorted({str(getattr(each, by)) for each in found})
    print(f"\n{by:18} {'cases':>6} {'right':>6} {'cause':>6} {'unsure':>7} {'wrong':>6}")
    for name in [*groups, "all"]:
        rows = [each for each in found if name in {str(getattr(each, by)), "all"}]
        counts = Counter(each.grade for each in rows)
        figures = [len(rows), counts["right"], counts["cause"], counts["unsure"], counts["wrong"]]
        print(f"{name:18} " + " ".join(f"{n:6}" for n in figures))


def main() -> int:
    """Run the cases and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--role", choices=["develop", "report"])
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--seconds", type=float, help="of load, instead of the default")
    parser.add_argument("--beside", action="store_true", help="burn a processor meanwhile")
    parser.add_argument("--cores", type=int, help="that everything may use")
    parser.add_argument("--second", action="store_true", help="only services with two causes")
    parser.add_argument("--json", type=Path, help="keep each run in this file, a line each")
    parser.add_argument("--folder", type=Path, action="append", default=[])
    parser.add_argument("ids", nargs="*")
    given = parser.parse_args()
    if given.cores:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: given.cores])
    found: list[Graded] = []
    with burner(given.beside):
        for folder in chosen([SERVICES, *given.folder], given.role, given.ids, given.second):
            case = yaml.safe_load((folder / "case.yaml").read_text())
            for _ in range(given.runs):
                try:
                    graded = run(folder, case, given.seconds)
                except LeftOutError as why:
                    print(f"left out {folder.name}: {why}", flush=True)
                    break
                found.append(graded)
                keep(given.json, graded)
                line = f"{graded.grade:7} {graded.case:24} {graded.seconds:4.0f} s"
                print(f"{line}  {graded.second} {graded.said[:90]}", flush=True)
    for by in ("language", "cause"):
        table(found, by)
    took = sorted(each.seconds for each in found)
    print(f"\nmedian {took[len(took) // 2] if took else 0:.0f} s a verdict")
    return int(any(each.grade == "wrong" for each in found) or not found)


if __name__ == "__main__":
    sys.exit(main())
