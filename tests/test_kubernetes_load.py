"""Load by k6-operator: what is submitted, what is refused, and that runners' results merge."""

import csv
import json
import shutil
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

import hosts
import needs
from kubernetes_server import TOKEN, Cluster, kubeconfig, kubernetes, recorded
from load_orders import order_for
from slowcoach.core import knowledge
from slowcoach.core.errors import (
    CancelledError,
    InputError,
    NotPermittedError,
    SlowcoachError,
    ToolFailedError,
    UnreachableError,
    UnreadableError,
    UnsupportedError,
)
from slowcoach.core.job import Job, Progress
from slowcoach.core.permission import Permissions
from slowcoach.load.distributed import gathering, on_kubernetes
from slowcoach.load.distributed import testrun as manifest
from slowcoach.load.distributed.kubeconfig import cluster_of, configured
from slowcoach.load.distributed.testrun import name_of, problems_of, runners_for
from slowcoach.load.engine_kind import Order, StopTestError, engines
from slowcoach.load.outcome import Moment, Outcome
from slowcoach.load.plan import Endpoint, LoadPlan, Scenario
from slowcoach.load.targets import Target
from slowcoach.load.validation import k6_program

QUANTILES = (0.5, 0.9, 0.95, 0.99)


def allowed(*hosts_: str) -> Permissions:
    return Permissions(hosts=frozenset(hosts_))


@pytest.fixture
def plan() -> LoadPlan:
    return order_for("http://10.0.0.7:80", Path(), runners=3, in_flight=30).plan


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Cluster, Order]]:
    """A cluster without hosts, and an order for a target that nobody asks."""
    needs.program("openssl")
    with kubernetes(tmp_path, ()) as (cluster, config):
        monkeypatch.setenv("KUBECONFIG", str(config))
        monkeypatch.setattr(on_kubernetes, "_LOOK_S", 0.05)
        yield cluster, order_for("http://10.213.0.9:80", tmp_path, runners=3, in_flight=30)


# --- the TestRun -----------------------------------------------------------------------------


def test_a_plan_becomes_a_config_map_and_a_test_run(plan: LoadPlan) -> None:
    text = manifest.testrun_yaml(
        plan, "export default () => {};\n", 4, namespace="load", cleanup=True
    )

    config, run = yaml.safe_load_all(text)

    assert config["data"] == {"load-test.js": "export default () => {};\n"}
    assert run["apiVersion"] == "k6.io/v1alpha1"
    assert run["metadata"]["namespace"] == config["metadata"]["namespace"] == "load"
    assert run["spec"]["parallelism"] == 4
    assert run["spec"]["script"]["configMap"] == {"name": "checkout", "file": "load-test.js"}
    assert run["spec"]["cleanup"] == "post"
    assert not problems_of(run)


def test_runners_are_as_many_and_as_large_as_the_rate_needs(plan: LoadPlan) -> None:
    fast = plan.model_copy(
        update={"scenarios": (Scenario(name="Peak", rate=40_000, duration="5m"),)}
    )

    found = runners_for(fast)

    assert found.parallelism == 7  # 6,160 requests a second of a core
    assert 0.8 < found.cpu <= 1.0
    assert runners_for(plan).parallelism == 1
    with pytest.raises(InputError, match="parallelism: expected 1 or more, got 0"):
        runners_for(plan, 0)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda run: run["spec"].update(paralelism=3), "'paralelism' was unexpected"),
        (lambda run: run["spec"].update(parallelism="three"), "'three' is not of type 'integer'"),
        (lambda run: run["spec"].update(cleanup="pre"), "'pre' is not one of"),
        (lambda run: run["spec"].update(script="test.js"), "is not of type 'object'"),
        (lambda run: run["spec"]["runner"].update(enviroment=[]), "'enviroment' was unexpected"),
        (lambda run: run["spec"]["script"]["configMap"].pop("name"), "'name' is a required"),
        (lambda run: run.update(kind="K6"), "'TestRun' was expected"),
    ],
)
def test_the_operators_schema_catches_typos(
    plan: LoadPlan, change: Callable[[object], object], said: str
) -> None:
    run = manifest.testrun(runners_for(plan))
    assert not problems_of(run)

    change(run)

    assert said in problems_of(run)[0]


def test_a_script_that_no_config_map_holds_is_refused(plan: LoadPlan) -> None:
    with pytest.raises(InputError, match="expected at most 1048576 bytes"):
        manifest.testrun_yaml(plan, "x" * 1024 * 1024, 2)


def test_secrets_of_a_plan_come_from_a_secret_and_stand_nowhere(plan: LoadPlan) -> None:
    secret = Endpoint(
        url="http://10.0.0.7:80/", headers={"Authorization": "Bearer ${env:API_TOKEN}"}
    )

    text = manifest.testrun_yaml(plan.model_copy(update={"endpoints": (secret,)}), "x", 2)

    assert "kubectl create secret generic checkout-env --from-literal=API_TOKEN=..." in text
    run = list(yaml.safe_load_all(text))[1]
    assert run["spec"]["runner"]["envFrom"] == [{"secretRef": {"name": "checkout-env"}}]


@pytest.mark.parametrize("text", ["Checkout", "Ärger im Lager!", "9 to 5", "---", "x" * 90])
def test_names_are_those_that_kubernetes_takes(text: str) -> None:
    name = name_of(text)

    assert 0 < len(name) <= 45
    assert name[0].isalpha()
    assert name[-1].isalnum()
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


# --- who may be asked --------------------------------------------------------------------------


def cluster_in(folder: Path, text: str, permissions: Permissions | None = None) -> object:
    config = folder / "config"
    config.write_text(text)
    return cluster_of(Job(permissions=permissions), {"KUBECONFIG": str(config)})


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    """A certificate, such as a kubeconfig names."""
    found = ssl.get_default_verify_paths().cafile
    needs.program("openssl")
    path = tmp_path / "ca.crt"
    if found and Path(found).is_file():
        first = Path(found).read_text().split("-----END CERTIFICATE-----")[0]
        path.write_text(first + "-----END CERTIFICATE-----\n")
    else:
        needs.missing("needs a certificate")
    return path


def test_an_api_server_must_be_allowed_by_name(tmp_path: Path, authority: Path) -> None:
    text = kubeconfig("https://cluster.example:6443", authority)

    with pytest.raises(NotPermittedError, match=r"cluster\.example is the API server of test"):
        cluster_in(tmp_path, text)

    assert cluster_in(tmp_path, text, allowed("cluster.example"))


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        (("https://", "http://"), UnsupportedError, "expected https://"),
        (("current-context: test", "current-context: prod"), UnreadableError, "no context 'prod'"),
        (
            ("certificate-authority: ", "insecure-skip-tls-verify: true #"),
            UnsupportedError,
            "skip-tls",
        ),
        (("certificate-authority: ", "certificate-authority: /none"), UnreadableError, "cannot be"),
        ((f"token: {TOKEN}", "username: joe"), UnsupportedError, "password"),
        (("kind: Config", "kind: [Config"), UnreadableError, "expected YAML"),
    ],
)
def test_a_kubeconfig_that_will_not_do_says_why(
    tmp_path: Path, authority: Path, change: tuple[str, str], error: type[SlowcoachError], said: str
) -> None:
    text = kubeconfig("https://127.0.0.1:6443", authority).replace(*change)

    with pytest.raises(error, match=said):
        cluster_in(tmp_path, text)


def test_the_program_of_a_kubeconfig_is_asked_for_a_token(tmp_path: Path, authority: Path) -> None:
    credential = {"kind": "ExecCredential", "status": {"token": "of-the-plugin"}}
    plugin = tmp_path / "plugin"
    plugin.write_text(f"#!/bin/sh\necho '{json.dumps(credential)}'\n")
    plugin.chmod(0o700)
    user = f"exec: {{apiVersion: client.authentication.k8s.io/v1, command: {plugin}, args: []}}"
    text = kubeconfig("https://127.0.0.1:6443", authority, user)

    found = cluster_in(tmp_path, text)

    assert getattr(found, "headers", None) == {"Authorization": "Bearer of-the-plugin"}
    assert "of-the-plugin" not in repr(found)
    with pytest.raises(NotPermittedError):
        cluster_in(tmp_path, text, Permissions(execute=False))


def test_a_pod_asks_the_cluster_that_it_runs_in(
    tmp_path: Path, authority: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = tmp_path / "account"
    account.mkdir()
    shutil.copy(authority, account / "ca.crt")
    (account / "token").write_text("of-the-pod\n")
    (account / "namespace").write_text("load")
    monkeypatch.setattr("slowcoach.load.distributed.kubeconfig._ACCOUNT", account)
    inside = {"KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "443"}

    found = cluster_of(Job(permissions=allowed("10.96.0.1")), inside)

    assert configured(inside)
    assert (found.server, found.namespace) == ("https://10.96.0.1:443", "load")
    assert found.headers == {"Authorization": "Bearer of-the-pod"}
    with pytest.raises(NotPermittedError, match=r"10\.96\.0\.1 is the API server"):
        cluster_of(Job(), inside)


def test_without_a_cluster_the_engine_says_what_to_set(tmp_path: Path) -> None:
    assert not configured({"HOME": str(tmp_path)})
    with pytest.raises(InputError, match="no cluster"):
        cluster_of(Job(), {"HOME": str(tmp_path)})
    assert "kubernetes" in engines()


# --- what a cluster answers ----------------------------------------------------------------------


def run(
    order: Order, job: Job | None = None, watch: Callable[[Moment], None] = lambda _: None
) -> Outcome:
    permissions = allowed(order.target.host)
    return engines()["kubernetes"].run(order, job or Job(permissions=permissions), watch)


def test_nothing_is_asked_for_a_target_that_is_not_allowed(nowhere: tuple[Cluster, Order]) -> None:
    cluster, order = nowhere
    here = Target("127.0.0.1", 80, False, ("127.0.0.1",))

    with pytest.raises(NotPermittedError, match=r"10\.213\.0\.9 is not this machine"):
        run(order, Job())
    with pytest.raises(InputError, match="each runner's own pod"):
        run(replace(order, target=here))
    elsewhere = {"endpoints": (Endpoint(url="http://example.org/"),)}
    with pytest.raises(InputError, match="expected a URL of http://10"):
        run(replace(order, plan=order.plan.model_copy(update=elsewhere)))

    assert cluster.asked == []


def words_of(answer: str) -> str:
    return "404 page not found" if answer == "no-operator" else recorded(answer)["message"][:40]


@pytest.mark.parametrize(
    ("part", "answer", "error", "said"),
    [
        ("POST /api/v1/namespaces/load/configmaps", "status-forbidden", NotPermittedError, "403"),
        ("POST /apis/k6.io", "status-invalid", InputError, "422"),
        ("POST /apis/k6.io", "no-operator", InputError, "404"),
        ("POST /api/v1/namespaces/load/configmaps", "status-conflict", ToolFailedError, "409"),
    ],
)
def test_a_refusal_is_told_in_the_servers_words_and_all_is_deleted(
    nowhere: tuple[Cluster, Order], part: str, answer: str, error: type[SlowcoachError], said: str
) -> None:
    cluster, order = nowhere
    cluster.refuse = {part: answer}

    with pytest.raises(error, match=said) as raised:
        run(order)

    assert words_of(answer) in raised.value.message
    assert not cluster.objects


def test_another_token_is_refused(nowhere: tuple[Cluster, Order], tmp_path: Path) -> None:
    cluster, order = nowhere
    config = tmp_path / "kubeconfig"
    config.write_text(config.read_text().replace(TOKEN, "another"))

    with pytest.raises(NotPermittedError, match="401: Unauthorized"):
        run(order)

    assert not cluster.objects


def test_a_server_with_another_certificate_gets_no_token(
    nowhere: tuple[Cluster, Order], tmp_path: Path, authority: Path
) -> None:
    cluster, order = nowhere
    config = tmp_path / "kubeconfig"
    config.write_text(config.read_text().replace(str(tmp_path / "server.crt"), str(authority)))

    with pytest.raises(UnreachableError, match="CERTIFICATE_VERIFY_FAILED"):
        run(order)

    assert cluster.asked == []


def test_a_test_that_does_not_start_is_given_up_and_deleted(
    nowhere: tuple[Cluster, Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster, order = nowhere
    cluster.stuck_at = "created"
    cluster.never_scheduled = frozenset({1, 2, 3})
    sizes = {**knowledge.page("distributed_load").data["kubernetes"], "start_s": 0.3}
    page = type("Page", (), {"data": {"kubernetes": sizes}})
    monkeypatch.setattr(on_kubernetes, "page", lambda _: page)

    with pytest.raises(ToolFailedError, match="stage created") as raised:
        run(order)

    assert "0/3 nodes are available: 3 Insufficient cpu" in raised.value.message
    assert not cluster.objects


def test_a_test_at_stage_error_is_told(nowhere: tuple[Cluster, Order]) -> None:
    cluster, order = nowhere
    cluster.stuck_at = "error"

    with pytest.raises(ToolFailedError, match="stage error"):
        run(order)

    assert not cluster.objects


def test_a_plans_secret_is_handed_over_and_deleted(nowhere: tuple[Cluster, Order]) -> None:
    cluster, order = nowhere
    cluster.stuck_at = "error"
    endpoint = order.plan.endpoints[0].model_copy(update={"headers": {"X-Key": "${env:API_TOKEN}"}})
    plan = order.plan.model_copy(update={"endpoints": (endpoint,)})
    order = replace(order, plan=plan)

    with pytest.raises(InputError, match="API_TOKEN is not set"):
        run(order)
    with pytest.raises(ToolFailedError):
        run(replace(order, environment={"API_TOKEN": "s3cret"}))

    assert ("POST", "/api/v1/namespaces/load/secrets") in cluster.asked
    assert not cluster.objects


def test_a_cancelled_test_is_deleted_at_once(nowhere: tuple[Cluster, Order]) -> None:
    cluster, order = nowhere
    cluster.stuck_at = "created"
    job = Job(permissions=allowed(order.target.host))
    threading.Timer(0.5, job.cancellation.ask).start()

    with pytest.raises(CancelledError):
        run(order, job)

    assert not cluster.objects
    assert [path for verb, path in cluster.asked if verb == "DELETE"]


# --- real runners ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ran(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Cluster, Outcome, list[Moment], list[str]]]:
    """A test by three runners, each on its own host, one of them far from the server; the log of
    one broke off once.
    """
    if k6_program() is None:
        needs.missing("needs k6")
    needs.program("openssl")
    folder = tmp_path_factory.mktemp("cluster")
    moments: list[Moment] = []
    said: list[str] = []
    with (
        hosts.network(3) as network,
        hosts.serving(network.server, 8080, [(network.others[2], 8.0)]) as url,
        kubernetes(folder, network.others) as (cluster, config),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("KUBECONFIG", str(config))
        patch.setattr(on_kubernetes, "_LOOK_S", 0.3)
        patch.setattr(gathering, "_LAG_S", 2)
        cluster.break_logs_after = 40

        def tell(progress: Progress) -> None:
            said.append(progress.message)

        order = order_for(url, folder, rate=120, seconds=6, runners=3, in_flight=30)
        job = Job(permissions=allowed(order.target.host), on_progress=tell)
        yield cluster, run(order, job, moments.append), moments, said
    shutil.rmtree(folder)


def pooled(cluster: Cluster) -> np.ndarray:
    """Return every latency that the runners' k6 wrote down itself, in ms."""
    found: list[float] = []
    for file in sorted(cluster.folder.glob("raw-*.csv")):
        duration = 0.0
        for row in csv.reader(file.read_text().splitlines()):
            if row[0] == "http_req_duration":
                duration = float(row[2])
            elif row[0] == "http_req_blocked":
                found.append(duration + float(row[2]))
    return np.sort(found)


@pytest.mark.slow
def test_runners_merge_to_the_percentiles_of_their_pooled_raw_data(
    ran: tuple[Cluster, Outcome, list[Moment], list[str]],
) -> None:
    cluster, outcome, _, _ = ran
    raw = pooled(cluster)

    assert len(list(cluster.folder.glob("raw-*.csv"))) == 3
    assert outcome.whole.latency.count == len(raw)
    for quantile in QUANTILES:
        told = outcome.whole.latency.percentile(quantile)
        true = np.quantile(raw, quantile, method="inverted_cdf")
        assert told == pytest.approx(true, rel=0.0051)
    assert outcome.whole.latency.most_ms == pytest.approx(raw[-1], abs=0.001)
    assert outcome.whole.latency.mean_ms == pytest.approx(raw.mean(), rel=1e-4)


@pytest.mark.slow
def test_seconds_steps_and_endpoints_hold_every_request(
    ran: tuple[Cluster, Outcome, list[Moment], list[str]],
) -> None:
    _, outcome, moments, said = ran
    whole = outcome.whole

    assert outcome.warnings == ()
    assert outcome.model == "open"
    assert sum(moment.sent or 0 for moment in outcome.moments) == whole.sent
    assert sum(figures.sent or 0 for figures in outcome.endpoints.values()) == whole.sent
    assert set(outcome.endpoints) == {"GET /items", "POST /broken"}
    assert outcome.endpoints["GET /items"].failed == 0
    assert whole.failed == outcome.endpoints["POST /broken"].failed
    assert set(whole.errors) <= {"status 503"}
    (step,) = outcome.steps
    assert step.load == 120
    assert moments, "nobody was told of the seconds"
    assert any("of 3 runners have ended" in text for text in said)


@pytest.mark.slow
def test_what_was_submitted_is_deleted_afterwards(
    ran: tuple[Cluster, Outcome, list[Moment], list[str]],
) -> None:
    cluster, _, _, _ = ran

    made = [path for verb, path in cluster.asked if verb == "POST"]
    deleted = [path for verb, path in cluster.asked if verb == "DELETE"]

    assert len(made) == len(deleted) == 2
    assert not cluster.objects


@pytest.mark.slow
def test_a_stopped_test_tells_what_was_measured_and_a_lost_runner_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if k6_program() is None:
        needs.missing("needs k6")
    needs.program("openssl")
    monkeypatch.setattr(on_kubernetes, "_LOOK_S", 0.3)
    monkeypatch.setattr(gathering, "_LAG_S", 2)
    with (
        hosts.network(2) as network,
        hosts.serving(network.server, 8080) as url,
        kubernetes(tmp_path, network.others) as (cluster, config),
    ):
        monkeypatch.setenv("KUBECONFIG", str(config))

        def watch(moment: Moment) -> None:
            if moment.start_s == 0:
                cluster.pods[1].out_of_memory = True
                cluster.pods[1].process.kill()
                cluster.pods[1].process.wait()
            elif moment.start_s >= 1:
                raise StopTestError("enough")

        begun = time.monotonic()
        outcome = run(order_for(url, tmp_path, rate=40, seconds=120, in_flight=30), watch=watch)

    assert time.monotonic() - begun < 90
    assert outcome.whole.sent
    assert any("runner 2 of 2 told no result" in each for each in outcome.warnings)
    assert any("137 (OOMKilled)" in each for each in outcome.warnings)
    assert not cluster.objects
