"""A plan as what k6-operator runs: a ConfigMap with the script, and a TestRun that shares it out.

Both are checked against the schema of the operator's own CustomResourceDefinition, in which an
unknown field is an error here (a cluster would drop it in silence).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from slowcoach.core.errors import InputError
from slowcoach.core.knowledge import page
from slowcoach.load.distributed.k6_script import SCRIPT_FILE
from slowcoach.load.plan import LoadPlan
from slowcoach.load.schedule import schedule_of

GROUP, VERSION, PLURAL = "k6.io", "v1alpha1", "testruns"
PAGE = "distributed_load"
TESTRUN_FILE = "testrun.yaml"
_ENV = re.compile(r"\$\{env:(\w+)\}")
_NO_NAME = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, kw_only=True)
class Runners:
    """How a test is shared out: `parallelism` pods with `cpu` cores and `memory_mb` requested.

    `secret` names the Secret that the script's environment is taken from. With `cleanup` the
    operator deletes everything at the end, the logs with it.
    """

    name: str
    parallelism: int
    cpu: float
    memory_mb: int
    namespace: str | None = None
    image: str | None = None
    arguments: Sequence[str] = ("--no-usage-report",)
    secret: str | None = None
    cleanup: bool = False
    separate: bool = False


def runners_for(plan: LoadPlan, parallelism: int | None = None, **given: Any) -> Runners:
    """Return how many runners a plan needs and how large, by what one core of k6 sends.

    `given` are further fields of Runners. Raises InputError for a parallelism below 1.
    """
    sizes = page(PAGE).data["kubernetes"]
    rates = page("load_scenarios").data["generators"]
    per_core = next(row["rps_per_core"] for row in rates if row["engine"] == "k6")
    per_core *= sizes["busy_share"] * (1 - sizes["rows_cost"])
    schedules = [schedule_of(scenario) for scenario in plan.scenarios]
    rate = max((s.top for s in schedules if s.unit == "req/s"), default=0.0)
    users = max((s.top for s in schedules if s.unit == "users"), default=0.0)
    users = max(users, rate * (plan.timeout_s or 1.0))
    count = max(math.ceil(rate / per_core), 1) if parallelism is None else parallelism
    if count < 1:
        raise InputError(f"parallelism: expected 1 or more, got {count}", hint="Give 1 or more")
    memory = sizes["base_memory_mb"] + sizes["user_memory_mb"] * users / count
    found: dict[str, Any] = {
        "name": name_of(plan.test_name),
        "parallelism": count,
        "cpu": round(max(rate / count / per_core, sizes["least_cpu"]), 2),
        "memory_mb": math.ceil(memory),
        **given,
    }
    return Runners(**found)


def name_of(text: str) -> str:
    """Return a name that Kubernetes takes, also with what the operator appends to it."""
    longest = int(page(PAGE).data["kubernetes"]["name_characters"])
    name = _NO_NAME.sub("-", text.lower()).strip("-")[:longest].strip("-")
    return name if name and name[0].isalpha() else f"load-{name}".strip("-")


def testrun_yaml(
    plan: LoadPlan,
    script: str,
    parallelism: int | None = None,  # noqa: PT028 - no test, whatever its name
    **given: Any,
) -> str:
    """Return the ConfigMap with the script and the TestRun of a plan as one YAML file.

    `given` are fields of Runners, such as namespace, image, cleanup. Raises InputError for a
    script that no ConfigMap holds and for what the operator's schema refuses.
    """
    runners = runners_for(plan, parallelism, **given)
    names = secrets_of(plan)
    if names and runners.secret is None:
        runners = runners_for(plan, parallelism, **{**given, "secret": f"{runners.name}-env"})
    documents = [config_map(runners, {SCRIPT_FILE: script}), testrun(runners)]
    if problems := problems_of(documents[-1]):
        raise InputError(f"TestRun: {problems[0]}", hint="Check the arguments")
    head = [
        f"# Written by Slowcoach. kubectl apply -f {TESTRUN_FILE}",
        "# k6-operator (1.0 or newer) must be installed; it adds up nothing: each runner's log",
        "# ends with its histogram, and `slowcoach analyze-load-results` merges a folder of logs.",
    ]
    if names:
        values = " ".join(f"--from-literal={name}=..." for name in names)
        head.append(f"# First: kubectl create secret generic {runners.secret} {values}")
    bodies = [
        yaml.dump(each, Dumper=_Dumper, sort_keys=False, allow_unicode=True) for each in documents
    ]
    return "\n".join(head) + "\n" + "---\n".join(bodies)


def secrets_of(plan: LoadPlan) -> tuple[str, ...]:
    """Return the names of the environment that a plan's requests need."""
    text = json.dumps(plan.model_dump(mode="json"))
    return tuple(dict.fromkeys(_ENV.findall(text)))


def config_map(runners: Runners, files: Mapping[str, str]) -> dict[str, Any]:
    """Return the ConfigMap that holds the script's files; raises InputError when too large."""
    most = int(page(PAGE).data["kubernetes"]["configmap_bytes"])
    size = sum(len(name) + len(text.encode()) for name, text in files.items())
    if size > most:
        raise InputError(
            f"script: expected at most {most} bytes, what a ConfigMap holds, got {size}",
            hint="Give the plan fewer values, or a script of your own on a volume",
        )
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": _metadata(runners),
        "data": dict(files),
    }


def secret(runners: Runners, values: Mapping[str, str]) -> dict[str, Any]:
    """Return the Secret that holds the script's environment."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {**_metadata(runners), "name": runners.secret},
        "stringData": dict(values),
    }


def testrun(runners: Runners) -> dict[str, Any]:
    """Return the TestRun, as the API server takes it."""
    pod: dict[str, Any] = {
        "resources": {
            # no limit of CPU: a throttled runner sends late
            "requests": {"cpu": f"{runners.cpu:g}", "memory": f"{runners.memory_mb}Mi"},
            "limits": {"memory": f"{2 * runners.memory_mb}Mi"},
        }
    }
    if runners.image:
        pod["image"] = runners.image
    if runners.secret:
        pod["envFrom"] = [{"secretRef": {"name": runners.secret}}]
    spec: dict[str, Any] = {
        "parallelism": runners.parallelism,
        "script": {"configMap": {"name": runners.name, "file": SCRIPT_FILE}},
        "arguments": " ".join(runners.arguments),
        "runner": pod,
    }
    if runners.separate:
        spec["separate"] = True
    if runners.cleanup:
        spec["cleanup"] = "post"
    return {
        "apiVersion": f"{GROUP}/{VERSION}",
        "kind": "TestRun",
        "metadata": _metadata(runners),
        "spec": spec,
    }


def problems_of(document: object) -> tuple[str, ...]:
    """Return what k6-operator's schema refuses in a TestRun, as `where: what`; empty: nothing."""
    found = sorted(_validator().iter_errors(document), key=lambda error: list(map(str, error.path)))
    return tuple(f"{'.'.join(map(str, e.path)) or 'TestRun'}: {e.message[:200]}" for e in found)


@cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator

    folder = files("slowcoach.load.distributed") / "k6_operator"
    schema = json.loads((folder / "testrun.schema.json").read_text(encoding="utf-8"))
    schema["required"] = ["apiVersion", "kind", "metadata", "spec"]
    schema["properties"]["apiVersion"] = {"const": f"{GROUP}/{VERSION}"}
    schema["properties"]["kind"] = {"const": "TestRun"}
    return Draft202012Validator(schema)


def _metadata(runners: Runners) -> dict[str, Any]:
    place = {"namespace": runners.namespace} if runners.namespace else {}
    return {
        "name": runners.name,
        **place,
        "labels": {"app.kubernetes.io/managed-by": "slowcoach"},
    }


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, so that a script can be read."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)
