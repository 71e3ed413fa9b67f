"""Access logs of real servers and of vendors' documentation, and what goes wrong in logs."""

import bz2
import gzip
import json
import lzma
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

import shop_traffic
from shop_traffic import BEGUN, Shop, clf
from slowcoach.core.errors import CancelledError, InputError, NotPermittedError, UnreadableError
from slowcoach.core.job import Cancellation
from slowcoach.core.permission import Permissions
from slowcoach.load.access_logs.reading import AccessLog, layout_of
from slowcoach.load.access_logs.secrets import hidden
from slowcoach.load.exclusions import CRAWLER, MONITOR, USER, agents, paths
from slowcoach.load.sources import access_log, prometheus
from slowcoach.load.templates_of_paths import limits, merged, template
from slowcoach.load.traffic import Given, Traffic, sources

DATA = Path(__file__).parent / "data" / "load"
LOGS = DATA / "access_log"
BASE = "http://127.0.0.1:8000"
AGENT = "Mozilla/5.0 (X11; Linux x86_64) Firefox/120.0"


def given(path: Path, **changes: object) -> Given:
    head = path.read_bytes()[:65536] if path.is_file() else b""
    return replace(Given(path, None, BASE, head), **changes)  # type: ignore[arg-type]


def read(path: Path, **changes: object) -> Traffic:
    found = given(path, **changes)
    if found.format is None:
        assert access_log.SOURCE.matches(found)
    return access_log.SOURCE.read(found)


def written(folder: Path, *lines: str, name: str = "access.log") -> Path:
    file = folder / name
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="")
    return file


def line(
    target: str,
    *,
    at: float = BEGUN,
    status: int = 200,
    agent: str = AGENT,
    address: str = "203.0.113.9",
    method: str = "GET",
    hours: float = 0,
) -> str:
    when = clf(at, hours)
    return f'{address} - - [{when}] "{method} {target} HTTP/1.1" {status} 512 "-" "{agent}"'


def weights(found: Traffic) -> dict[str, float]:
    return {str(endpoint.name): endpoint.weight for endpoint in found.endpoints}


# -- formats -------------------------------------------------------------------------------------

REAL = sorted(LOGS.glob("*/*.log"))
ASKED = {
    "GET /products/{id}": 13,
    "GET /users/{id}": 12,
    "GET /search": 12,
    "GET /": 12,
    "GET /blog/{id}": 12,
    "POST /cart": 5,
    "HEAD /": 4,
}


@pytest.mark.parametrize("log", REAL, ids=lambda log: f"{log.parent.name}/{log.name}")
def test_logs_of_real_servers_are_read(log: Path) -> None:
    if log.match("apache/precise.log"):
        return  # its paths are those after FallbackResource; see the test of formats given
    found = read(log, writes=True)
    told = weights(found)
    if log.name == "common.log":  # tells no agents, so that a crawler counts too
        told["GET /products/{id}"] -= 1
    assert {name: told.get(name) for name in ASKED} == ASKED
    assert any("1 preflights" in note and "1 static files" in note for note in found.notes)
    assert found.statuses == {"200": sum(found.methods.values()) - 1, "404": 1}
    assert found.answer_bytes[0.5] > 20
    assert bool(found.latency_ms) == (
        log.name in {"timed.log", "keyed.log", "precise.log", "json.log"}
    )
    assert "s3cret" not in repr(found)
    assert "${jndi" not in repr(found)


def test_gunicorns_log_is_read() -> None:
    found = read(LOGS / "gunicorn.log")
    assert weights(found) == {"GET /products/{id}": 30, "GET /search": 10}
    assert found.sessions is None  # one client asked for all of it
    assert found.rates is not None
    assert found.rates.p999 == pytest.approx(42 / 60)


VENDORS = {
    "AWS ALB": (
        "http 2026-11-26T10:39:{s:02}.945958Z app/my-lb/50dc6c495c0c9188 192.168.131.39:2817 "
        '10.0.0.1:80 0.000 0.010 0.000 200 200 34 366 "GET http://shop.test:80/items/{n}?a=1 '
        'HTTP/1.1" "{agent}" - - arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/t '
        '"Root=1-58337262-36d228ad5d99923122bbe354" "-" "-" 0 2026-11-26T10:39:00.18Z "forward"',
        10.0,
    ),
    "AWS ELB": (
        "2026-11-26T10:39:{s:02}.945958Z my-lb 192.168.131.39:2817 10.0.0.1:80 0.000073 0.009927 "
        '0.000057 200 200 0 29 "GET http://shop.test:80/items/{n} HTTP/1.1" "{agent}" - -',
        10.057,
    ),
    "Amazon S3": (
        "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be shop "
        "[06/Feb/2026:00:00:{s:02} +0000] 192.0.2.3 79a59df900b949e55d96a1e698fbaced 3E57427F3EX "
        'REST.GET.OBJECT items/{n} "GET /shop/items/{n} HTTP/1.1" 200 - 113 113 7 5 "-" "{agent}" '
        "- "
        "s9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6UkFVdtjf5mKR3/eTPFvsiP/XV/VLi31234= SigV4",
        7.0,
    ),
    "CloudFront": (
        "2026-11-26\t21:02:{s:02}\tLAX1\t2390282\t192.0.2.202\tGET\td111.cloudfront.net\t/items/{n}\t"
        "200\t-\t{cloud}\t-\t-\tHit\tSOX4xwn4XV6Q4rgb7XiVGOHms==\tshop.test\thttps\t23\t0.012",
        12.0,
    ),
    "IIS (W3C extended)": (
        "2026-11-26 21:02:{s:02} 10.0.0.4 GET /items/{n} a=1 443 - 192.0.2.7 {iis} - 200 0 0 15",
        15.0,
    ),
    "Caddy (JSON lines)": (
        '{{"level":"info","ts":1795686120.{s:02}7,"logger":"http.log.access",'
        '"msg":"handled request","request":{{"remote_ip":"192.0.2.8","remote_port":"4112",'
        '"client_ip":"192.0.2.8",'
        '"proto":"HTTP/2.0","method":"GET","host":"shop.test","uri":"/items/{n}",'
        '"headers":{{"User-Agent":["{agent}"]}}}},"bytes_read":0,"user_id":"","duration":0.0042,'
        '"size":2326,"status":200}}',
        4.2,
    ),
    "Traefik (JSON lines)": (
        '{{"ClientAddr":"192.0.2.9:51234","ClientHost":"192.0.2.9","DownstreamContentSize":19,'
        '"DownstreamStatus":200,"Duration":3456789,"RequestHost":"shop.test","RequestMethod":"GET",'
        '"RequestPath":"/items/{n}","StartUTC":"2026-11-26T09:02:{s:02}.123456789Z",'
        '"request_User-Agent":"{agent}","level":"info","msg":"","time":"2026-11-26T09:02:09Z"}}',
        3.457,
    ),
    "Envoy (JSON lines)": (
        '{{"authority":"shop.test","bytes_received":0,"bytes_sent":10,"duration":6,"method":"GET",'
        '"downstream_remote_address":"192.0.2.11:41000","path":"/items/{n}","response_code":200,'
        '"start_time":"2026-11-26T09:02:{s:02}.412Z","user_agent":"{agent}",'
        '"x_forwarded_for":null}}',
        6.0,
    ),
    "JSON lines": (
        '{{"time":1795686120{s:02}7,"level":30,"req":{{"id":1,"method":"GET","url":"/items/{n}",'
        '"headers":{{"host":"shop.test","user-agent":"{agent}"}},"remoteAddress":"::ffff:192.0.2.3"}},'
        '"res":{{"statusCode":200}},"responseTime":8,"msg":"request completed"}}',
        8.0,
    ),
}
_FIELDS = {
    "CloudFront": "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method "
    "cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) "
    "x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken",
    "IIS (W3C extended)": "#Software: Microsoft Internet Information Services 10.0\n#Fields: date "
    "time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) "
    "cs(Referer) sc-status sc-substatus sc-win32-status time-taken",
}


@pytest.mark.parametrize("vendor", VENDORS)
def test_lines_as_vendors_document_them_are_read(vendor: str, tmp_path: Path) -> None:
    form, latency_ms = VENDORS[vendor]
    agents_of = {"agent": AGENT, "cloud": AGENT.replace(" ", "%20"), "iis": AGENT.replace(" ", "+")}
    lines = [form.format(s=n % 60, n=n + 100, **agents_of) for n in range(60)]
    if vendor in _FIELDS:
        lines.insert(0, _FIELDS[vendor])
    file = written(tmp_path, *lines)
    assert AccessLog(file).layouts == (vendor,)
    found = read(file)
    assert sum(weights(found).values()) == 60
    assert len(found.endpoints) == 1
    assert found.endpoints[0].name in {"GET /items/{id}", "GET /shop/items/{id}"}
    assert found.endpoints[0].url.startswith(BASE)
    assert found.latency_ms[0.5] == pytest.approx(latency_ms, rel=0.01)
    assert len(found.data["items_id"]) == 50


FORMATS = {
    "nginx/precise.log": (
        '$msec $remote_addr "$request" $status $request_length $bytes_sent $request_time '
        '"$http_user_agent" "$http_x_forwarded_for" "$cookie_sessionid"'
    ),
    "nginx/timed.log": (
        "log_format timed '$remote_addr - $remote_user [$time_local] \"$request\" '\n"
        "  '$status $body_bytes_sent \"$http_referer\" '\n"
        "  '\"$http_user_agent\" $request_time $upstream_response_time';"
    ),
    "apache/precise.log": (
        r'LogFormat "%a %{msec}t \"%m %U%q %H\" %s %B %{us}T \"%{User-Agent}i\" %{sessionid}C" x'
    ),
    "apache/combinedio.log": ('%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" %I %O'),
}


@pytest.mark.parametrize("log", FORMATS)
def test_a_format_string_of_the_server_is_taken(log: str) -> None:
    found = read(LOGS / log, format=FORMATS[log], writes=True)
    assert sum(found.methods.values()) in {75, 76}  # Apache's %U is the file that answered
    assert found.request_bytes or "combinedio" not in log
    assert found.latency_ms or "combinedio" in log
    if log == "nginx/precise.log":
        assert found.request_bytes[0.5] > 200
        assert found.answer_bytes[0.5] == pytest.approx(170, abs=2)


def test_a_format_that_is_none_or_does_not_fit_is_refused() -> None:
    log = LOGS / "nginx" / "combined.log"
    with pytest.raises(InputError, match=r"\$variables"):
        read(log, format="whatever")
    with pytest.raises(InputError, match="does not fit"):
        read(log, format='$msec "$request"')


def test_users_with_cookies_behind_one_proxy_are_several() -> None:
    told = read(LOGS / "nginx" / "precise.log").sessions
    assert told is not None
    assert told.count > 4  # four cookies, and those without one
    main = read(LOGS / "nginx" / "main.log").sessions
    assert main is not None
    assert main.count > 10  # by the addresses that the proxy forwards, and the agents


# -- files ---------------------------------------------------------------------------------------

PAD = "xy" * 120  # so that the logs have several blocks

PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
}


@pytest.mark.parametrize("ending", PACKED)
def test_packed_logs_are_read_and_cut_ones_as_far_as_they_go(ending: str, tmp_path: Path) -> None:
    whole = "".join(
        f"{line(f'/items/{n}?pad={PAD}', at=BEGUN + n)}\n" for n in range(6_000)
    ).encode()
    packed = PACKED[ending](whole)
    file = tmp_path / f"access.log.{ending}"
    file.write_bytes(packed)
    assert sum(weights(read(file)).values()) == 6_000
    file.write_bytes(packed[: len(packed) * 9 // 10])
    found = read(file)
    assert 0 < sum(weights(found).values()) < 6_000
    assert any("cut or damaged" in note for note in found.notes)


def test_rotated_and_parallel_logs_of_a_folder_are_one_log(tmp_path: Path) -> None:
    made = shop_traffic.traffic(Shop(seed=6, visits=300, hours=2))
    lines = list(shop_traffic.lines(made, shop_traffic.combined))
    half = len(lines) // 2
    (tmp_path / "access.log").write_text("".join(lines[half:]))
    (tmp_path / "access.log.1.gz").write_bytes(gzip.compress("".join(lines[: half // 2]).encode()))
    # two servers shared the rest
    (tmp_path / "access-a.log").write_text("".join(lines[half // 2 : half : 2]))
    (tmp_path / "access-b.log").write_text("".join(lines[half // 2 + 1 : half : 2]))
    (tmp_path / "error.log").write_text("2026/11/26 [error] 1#1: something\n")
    (tmp_path / "notes.txt").write_text("not a log\n")
    found = read(tmp_path)
    alone = read(written(tmp_path, *(text.rstrip() for text in lines), name="whole"))
    assert weights(found) == weights(alone)
    assert found.sessions == alone.sessions
    assert found.think == alone.think
    assert any("1 of 5 files are no access logs" in note for note in found.notes)


def test_lines_out_of_order_and_local_times_of_two_seasons_make_no_visits(tmp_path: Path) -> None:
    made = shop_traffic.traffic(Shop(seed=6, visits=300, hours=2))
    lines = list(shop_traffic.lines(made, shop_traffic.combined))
    ordered = read(written(tmp_path, *(text.rstrip() for text in lines)))
    pick = random.Random(1)
    mixed = sorted(range(len(lines)), key=lambda n: n + pick.random() * 40)
    shuffled = read(written(tmp_path, *(lines[n].rstrip() for n in mixed)))
    assert shuffled.sessions == ordered.sessions
    assert shuffled.think == ordered.think
    # the same minutes before and after clocks went back by an hour
    autumn = [line("/a", at=BEGUN + n, hours=2 if n < 50 else 1) for n in range(100)]
    found = read(written(tmp_path, *autumn, line("/b", address="203.0.113.1")))
    assert found.sessions is not None
    assert found.sessions.count == 2


def test_logs_of_two_servers_one_after_the_other_are_noted(tmp_path: Path) -> None:
    # longer than the blocks that are put in order
    asked = f"/a?pad={'x' * 300}"
    first = [line(asked, at=BEGUN + n * 3, address="10.0.0.1") for n in range(6_000)]
    second = [line(asked, at=BEGUN + n * 3, address="10.0.0.2") for n in range(6_000)]
    found = read(written(tmp_path, *first, *second))
    assert any("the times go back" in note for note in found.notes)
    assert found.rates is not None
    assert found.rates.median == pytest.approx(2 / 3)


def test_hostile_lines_cost_little_and_are_counted(tmp_path: Path) -> None:
    file = tmp_path / "access.log"
    good = line("/items/1").encode() + b"\n"
    bad = [
        b"GET / " + b"A" * 3_000_000 + b"\n",
        bytes(range(256)) * 40 + b"\n",
        b'1.2.3.4 - - [99/Foo/2026:99:99:99 +9999] "GET / HTTP/1.1" 200 1 "-" "x"\n',
        b'1.2.3.4 - - [26/Nov/2026:10:00:00 +0000] "\\x16\\x03\\x01" 400 0 "-" "-"\n',
        b'"' * 50_000 + b"\n",
        b"[" * 50_000 + b"\n",
        b'1.2.3.4 - - [26/Nov/2026:10:00:00 +0000] "GET ' + b"/a" * 9_000 + b'" 200 1\n',
        '1.2.3.4 - - [26/Nov/9999:10:00:00 +0000] "GET /é\u2028 HTTP/1.1" 200 1 "-" "x"\n'.encode(),
    ]
    file.write_bytes(good * 500 + b"".join(bad) + good * 500 + line("/end").encode())
    found = read(file)
    assert weights(found)["GET /items/1"] == 1000
    assert weights(found)["GET /end"] == 1  # a line without an end
    text = repr(found)
    assert text.isascii() or "±" in text
    assert any("lines without an end" in note or "of 1,0" in note for note in found.notes)


ODD = b'"[]\\ \n{}:,0A%\xff'


def test_logs_with_faults_at_random_are_read_or_refused(tmp_path: Path) -> None:
    pick = random.Random(5)
    file = tmp_path / "access.log"
    for log in (LOGS / "nginx" / "precise.log", LOGS / "nginx" / "json.log"):
        whole = log.read_bytes()
        for _ in range(15):
            faulty = bytearray(whole)
            for _ in range(pick.choice([1, 20, 400])):
                at = pick.randrange(len(faulty))
                odd = bytes(pick.choices(ODD, k=2))
                faulty[at : at + pick.randrange(3)] = odd
            file.write_bytes(faulty)
            with suppress(UnreadableError):
                access_log.SOURCE.read(given(file))


NOT_JSON_LOGS = (
    '{"time":' + "[" * 5000 + "]" * 5000 + "}",
    '{"time":1e400,"path":"/x","status":200}',
    '{"time":' + "9" * 4000 + ',"path":"/b","status":' + "9" * 4000 + ',"duration_ms":9}',
    '{"time":{"a":1},"path":["/q"],"status":"abc","duration_ms":"x"}',
    '{"time":"2026-11-26T10:00:00+99:99","path":"/c","status":200}',
    '{"time":NaN,"path":"/n","status":NaN,"duration_ms":Infinity}',
    "[1,2]",
    "null",
)


@pytest.mark.parametrize("odd", NOT_JSON_LOGS, ids=lambda odd: odd[:20])
def test_odd_lines_of_json_are_left_out(odd: str, tmp_path: Path) -> None:
    good = json.dumps(
        {"time": "2026-11-26T10:00:00Z", "path": "/a/7", "status": 200, "duration_ms": 5}
    )
    found = read(written(tmp_path, *[good] * 60, odd, *[good] * 60))
    assert weights(found) == {"GET /a/7": 120}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff\xfe\x80" * 500,
        b"hello\nworld\n",
        b"\x1f\x8b\x08broken",
        b"[1, 2]",
        b"{}\n{}",
    ],
)
def test_files_that_are_no_access_logs_are_refused(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "access.log"
    file.write_bytes(content)
    assert not access_log.SOURCE.matches(given(file))
    with pytest.raises(UnreadableError) as caught:
        access_log.SOURCE.read(given(file))
    assert caught.value.hint


def test_a_folder_without_logs_a_missing_file_and_a_log_without_a_host_are_refused(
    tmp_path: Path,
) -> None:
    with pytest.raises(UnreadableError, match="got none there"):
        access_log.SOURCE.read(given(tmp_path))
    with pytest.raises(UnreadableError):
        access_log.SOURCE.read(given(tmp_path / "missing.log"))
    with pytest.raises(InputError, match="no host"):
        read(LOGS / "nginx" / "combined.log", base=None)
    only_errors = written(tmp_path, *[line(f"/x{n}", status=404) for n in range(20)])
    with pytest.raises(UnreadableError, match="no request that could be repeated"):
        read(only_errors)


def test_reading_is_called_off_at_once(tmp_path: Path) -> None:
    cancellation = Cancellation()
    file = written(tmp_path, *[line(f"/items/{n}") for n in range(100)])
    cancellation.ask()
    with pytest.raises(CancelledError):
        read(file, cancellation=cancellation)


# -- what is taken and left out ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/users/42", "/users/{id}"),
        ("/users/42/orders/7.json", "/users/{id}/orders/{id}.json"),
        ("/o/8faeaa5c-251a-4e2f-8e0f-940b484c7774", "/o/{id}"),
        ("/commits/9fceb02d0ae598e95dc970b74767f19372d61af8", "/commits/{id}"),
        ("/log/2026-11-26", "/log/{id}"),
        ("/c/cus_9s6XKzkNRiz8i3", "/c/{id}"),
        ("/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/{id}"),
        ("/people/ann@example.com", "/people/{id}"),
        ("/api/v2/items", "/api/v2/items"),
        ("/v1.1/me;jsessionid=4711", "/v1.1/me"),
        ("/facade/deadbeef/cafe", "/facade/deadbeef/cafe"),
        ("/", "/"),
    ],
)
def test_values_in_paths_become_ids(path: str, expected: str) -> None:
    assert template(path) == expected


def test_names_are_values_when_there_are_too_many_for_routes() -> None:
    routes = {f"/api/{name}": 100 for name in ("users", "orders", "sign-up", "get-cart", "s3")}
    slugs = {f"/blog/how-to-cook-{n}": 3 for n in range(30)}
    people = {
        f"/by/name{'abcdefghijklmnopqrstuvwxyz'[n % 26] * (n // 26 + 1)}/posts": 2
        for n in range(80)
    }
    few = {f"/docs/{name}": 9 for name in ("intro", "getting-started", "faq")}
    by = merged({**routes, **slugs, **people, **few, "/blog": 50}, limits())
    assert {by[name] for name in routes} == set(routes)
    assert {by[name] for name in slugs} == {"/blog/{id}"}
    assert {by[name] for name in people} == {"/by/{id}/posts"}
    assert {by[name] for name in few} == set(few)
    assert by["/blog"] == "/blog"


def test_a_log_of_endless_names_is_read_in_bounded_memory(tmp_path: Path) -> None:
    pick = random.Random(1)
    names = [f"/blog/{pick.getrandbits(40):x}-story-of-{n}" for n in range(12_000)]
    found = read(written(tmp_path, *[line(name, at=BEGUN + n) for n, name in enumerate(names)]))
    assert weights(found) == {"GET /blog/{id}": 12_000}
    assert len(found.data["blog_id"]) == 50


@pytest.mark.parametrize(
    ("agent", "kind"),
    [
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", CRAWLER),
        ("Mozilla/5.0 AppleWebKit/537.36 (compatible; GPTBot/1.2)", CRAWLER),
        ("facebookexternalhit/1.1", CRAWLER),
        ("AhrefsBot", CRAWLER),
        ("kube-probe/1.29", MONITOR),
        ("ELB-HealthChecker/2.0", MONITOR),
        ("Mozilla/5.0 (Linux; Android 9; CUBOT X19) Chrome/120 Mobile", USER),
        ("curl/8.5.0", USER),
        ("python-requests/2.32", USER),
        ("okhttp/4.12", USER),
        (AGENT, USER),
        ("-", USER),
        ("", USER),
    ],
)
def test_crawlers_and_monitors_are_known_by_their_names(agent: str, kind: int) -> None:
    assert agents()(agent) == kind


def test_health_checks_and_static_files_are_known_by_their_paths() -> None:
    kind = paths()
    assert [kind(p) for p in ("/healthz", "/api/v1/health", "/actuator/health/liveness")] == [1] * 3
    assert [kind(p) for p in ("/app.JS", "/img/a.b.png", "/robots.txt")] == [2] * 3
    assert [kind(p) for p in ("/orders/1/status", "/data.json", "/report.pdf", "/up/date")] == [
        0
    ] * 4


def test_what_is_left_out_is_counted_and_writes_are_left_to_the_user(tmp_path: Path) -> None:
    lines = [line(f"/items/{n}", at=BEGUN + n) for n in range(50)]
    lines += [line("/items", method="POST"), line("/items/7", method="DELETE")]
    lines += [line("/x.css"), line("/healthz"), line("/items/1", agent="bingbot/2.0")]
    lines += [line("/items", method="OPTIONS"), line("/.env", status=404)]
    file = written(tmp_path, *lines)
    found = read(file)
    assert weights(found) == {"GET /items/{id}": 50}
    told = " ".join(found.notes)
    for part in (
        "1 static files",
        "1 health checks",
        "1 of crawlers",
        "1 preflights",
        "with writes",
    ):
        assert part in told
    allowed = weights(read(file, writes=True))
    assert allowed["POST /items"] == 1
    assert sum(allowed.values()) == 52


def test_only_requests_to_the_wanted_host_are_taken(tmp_path: Path) -> None:
    lines = [f"shop.test:443 {line('/a')}"] * 30 + [f"blog.test:443 {line('/b')}"] * 50
    busiest = read(written(tmp_path, *lines))
    assert weights(busiest) == {"GET /b": 50}
    assert any("30 to other hosts" in note for note in busiest.notes)
    assert weights(read(written(tmp_path, *lines), base="https://shop.test/")) == {"GET /a": 30}
    told = read(written(tmp_path, *lines), base=None)
    assert told.endpoints[0].url == "http://blog.test/b"


def test_a_number_that_never_changes_is_part_of_the_route(tmp_path: Path) -> None:
    lines = [line(f"/api/1/items/{n % 3}", at=BEGUN + n) for n in range(90)]
    lines += [line("/shops/7", at=BEGUN + n) for n in range(60)]
    found = read(written(tmp_path, *lines))
    assert weights(found) == {"GET /api/{id}/items/{id}": 90, "GET /shops/7": 60}
    assert found.endpoints[0].url == f"{BASE}/api/1/items/${{items_id}}"
    assert set(found.data["items_id"]) == {"0", "1", "2"}


SECRETS = {
    "/a?token=s3cretvalue&b=1": "/a?token=***&b=1",
    "/a?b=1&API_KEY=k3y": "/a?b=1&API_KEY=***",
    "/cb?code=4/0AX4XfWh&state=xyz": "/cb?code=***&state=***",
    "/a?email=ann%40example.com": "/a?email=***",
    "/a?q=ann@example.com": "/a?q=***",
    "/a?x%5Bpassword%5D=hunter2": "/a?x%5Bpassword%5D=***",
    "/reset-password/d8Fk3mZq91xYvT27": "/reset-password/***",
    "/people/ann@example.com/posts": "/people/***/posts",
    "/a?x=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc": "/a?x=***",
    "/a;jsessionid=4711abcd?b=2": "/a?b=2",
    "/s?sid=abcdef0123456789": "/s?sid=***",
    "/s?X-Amz-Signature=0a1b2c&X-Amz-Date=2026": "/s?X-Amz-Signature=***&X-Amz-Date=2026",
    "/p?page=2&sort=price": "/p?page=2&sort=price",
    "/p?category=keyboard&monkey=1": "/p?category=keyboard&monkey=1",
    "/x?q=${jndi:ldap://h/a}": "/x?q=%24%7Bjndi:ldap://h/a%7D",
    "/x?q=\\x22<b>\\x27": "/x?q=%22%3Cb%3E%27",
}


@pytest.mark.parametrize("target", SECRETS)
def test_secrets_and_what_scripts_would_take_for_code_are_replaced(target: str) -> None:
    assert hidden(target) == SECRETS[target]


def test_no_secret_of_a_log_reaches_the_traffic(tmp_path: Path) -> None:
    lines = [line(f"/items/{n}?access_token=tok{n:05}secret", at=BEGUN + n) for n in range(200)]
    lines += [line(f"/u/{n}", agent=f"{AGENT} key{n}", at=BEGUN + n) for n in range(200)]
    found = read(written(tmp_path, *lines))
    assert "secret" not in repr(found.endpoints) + repr(found.data)
    assert any("secrets in addresses" in note for note in found.notes)


def test_addresses_of_the_new_internet_protocol_are_clients_too(tmp_path: Path) -> None:
    lines = [line("/a", address=f"2001:db8::{n:x}", at=BEGUN + n) for n in range(1, 40)]
    found = read(written(tmp_path, *lines, *lines))
    assert found.sessions is not None
    assert found.sessions.count == 39


# -- Prometheus ----------------------------------------------------------------------------------

ANSWERS = DATA / "prometheus"


@pytest.mark.parametrize("name", ["rates.json", "counters.json", "buckets.json", "several.ndjson"])
def test_recorded_answers_of_prometheus_give_mix_rates_and_latencies(name: str) -> None:
    file = ANSWERS / name
    asked = given(file, writes=True)
    assert prometheus.SOURCE.matches(asked)
    assert not access_log.SOURCE.matches(asked)
    found = prometheus.SOURCE.read(asked)
    total = sum(weights(found).values())
    assert {name: weight / total for name, weight in weights(found).items()} == {
        "GET /products/{id}": pytest.approx(50 / 98, rel=1e-3),
        "GET /search": pytest.approx(25 / 98, rel=1e-3),
        "GET /users/{id}/orders": pytest.approx(15 / 98, rel=1e-3),
        "POST /cart": pytest.approx(8 / 98, rel=1e-3),
    }
    assert found.endpoints[0].url == f"{BASE}/products/${{products_product_id}}"
    assert found.data["users_id"] == ("1",)
    if name != "buckets.json":
        assert found.rates is not None
        assert found.rates.median == pytest.approx(4, rel=1e-3)
        assert found.rates.p999 == pytest.approx(20, rel=1e-3)
    if name in {"buckets.json", "several.ndjson"}:
        assert found.latency_ms == {
            0.5: pytest.approx(25),
            0.95: pytest.approx(207.14, rel=1e-3),
            0.99: pytest.approx(500),
        }
    if name in {"counters.json", "several.ndjson"}:
        assert found.statuses["500"] / sum(found.statuses.values()) == pytest.approx(0.02, rel=0.01)


def test_a_prometheus_is_asked_for_its_last_week() -> None:
    recorded = json.loads((ANSWERS / "conversation.json").read_text())
    answers = {json.dumps([r["path"], r["arguments"]]): r["data"] for r in recorded["asked"]}

    def ask(path: str, arguments: object) -> object:
        return answers[json.dumps([path, arguments])]

    found = prometheus.traffic_asked(
        ask, "http://prometheus.test", BASE, writes=False, now=recorded["now"]
    )
    assert list(weights(found)) == ["GET /products/{id}", "GET /search", "GET /users/{id}/orders"]
    assert found.rates is not None
    assert found.rates.p999 == pytest.approx(20)
    assert found.latency_ms[0.95] == pytest.approx(207.14, rel=1e-3)
    assert found.statuses.keys() == {"200", "500"}
    assert "http_request_duration_seconds_count" in found.notes[0]


@pytest.mark.parametrize(
    "content",
    [
        b'{"status":"error","data":{"resultType":"vector","result":[]},"error":"bad"}',
        b'{"status":"success","data":{"resultType":"vector","result":[]}}',
        b'{"status":"success","data":{"resultType":"matrix","result":[{"metric":{}}]}}',
        b'{"status":"success","data":{"resultType":"matrix","result":[{"values":[[1,"x"]]}]}}',
        b'{"resultType":"vector"',
    ],
)
def test_answers_that_are_none_are_refused(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "answer.json"
    file.write_bytes(content)
    with pytest.raises((UnreadableError, InputError)) as caught:
        prometheus.SOURCE.read(given(file))
    assert caught.value.hint


def test_a_prometheus_elsewhere_is_not_asked() -> None:
    for address in ("http://prometheus.example:9090", "http://8.8.8.8:9090", "file:///etc/passwd"):
        asked = Given(None, address, BASE, permissions=Permissions())
        with pytest.raises((NotPermittedError, InputError)):
            prometheus.SOURCE.read(asked)


def test_both_are_known_sources() -> None:
    assert {"access_log", "prometheus"} <= set(sources())
    assert layout_of("no log\n") is None
