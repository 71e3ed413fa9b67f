"""What load tests are designed from: recordings, documents, collections, traces."""

import base64
import gzip
import json
import random
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from load_shop import Shop, recorded, shop
from slowcoach.api.design_load_test import TOOL, LoadTestDesign
from slowcoach.core.errors import InputError, UnreadableError
from slowcoach.core.job import Job
from slowcoach.load.choosing import Asked, bounded, traffic_of, writes_of
from slowcoach.load.design import design
from slowcoach.load.goal import parse_goal
from slowcoach.load.plan import Endpoint, LoadPlan
from slowcoach.load.planning import plan_of, scripts_of
from slowcoach.load.secrecy import Vault, hides, looks_random
from slowcoach.load.traffic import Given, Traffic, sources

DATA = Path(__file__).parent / "data" / "load"
BASE = "http://127.0.0.1:8000"
MINE = ("har", "openapi", "postman", "traces")


def read(kind: str, file: Path, base: str | None = None, *, writes: bool = False) -> Traffic:
    head = file.read_bytes()[:65536] if file.is_file() else b""
    return sources()[kind].read(Given(file, None, base, head, writes=writes))


def saved(folder: Path, document: Any, name: str = "given.json") -> Path:
    file = folder / name
    file.write_text(document if isinstance(document, str) else json.dumps(document))
    return file


def told(steps: tuple[Endpoint, ...]) -> list[tuple[str, str, float]]:
    return [(e.method, e.url.removeprefix(BASE), e.weight) for e in steps]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("har", "har/playwright.har"),
        ("har", "har/mitmproxy.har"),
        ("openapi", "openapi/fastapi.json"),
        ("postman", "postman/openapi-to-postman.json"),
        ("traces", "traces/otlp.json"),
        ("traces", "traces/jaeger.json"),
        ("traces", "traces/zipkin.json"),
    ],
)
def test_each_source_knows_its_own_files_and_no_others(kind: str, name: str) -> None:
    head = (DATA / name).read_bytes()[:65536]
    given = Given(DATA / name, None, BASE, head)
    assert [s.name for s in sources().values() if s.name in MINE and s.matches(given)] == [kind]


def test_a_browsers_recording_at_machine_pace_is_a_mix() -> None:
    traffic = read("har", DATA / "har" / "playwright.har", BASE)
    assert told(traffic.endpoints) == [
        ("GET", "/search?q=shoe", 2),
        ("GET", "/", 1),
        ("GET", "/products/7", 1),
    ]
    assert traffic.endpoints[2].name == "GET /products/{id}"
    assert not traffic.journeys
    assert "left out: 8 static files, 1 writes" in traffic.notes


def test_a_proxys_recording_of_a_visit_is_a_journey_with_values_handed_on() -> None:
    traffic = read("har", DATA / "har" / "mitmproxy.har", BASE, writes=True)
    (journey,) = traffic.journeys
    assert [step.label for step in journey.steps] == [
        "GET /login",
        "POST /login",
        "GET /me",
        "POST /orders",
        "GET /orders/{order_id}",
    ]
    assert [step.together for step in journey.steps] == [None, None, True, None, True]
    taken = [[(e.name, e.source) for e in step.extract] for step in journey.steps]
    assert taken == [
        [("sid", "cookie"), ("csrf_token", "regex")],
        [("access_token", "json"), ("user_id", "json")],
        [],
        [("order_id", "json")],
        [],
    ]
    assert journey.steps[1].body == (
        "username=${env:LOAD_USERNAME}&password=${env:LOAD_PASSWORD}&csrf_token=${csrf_token}"
    )
    assert journey.steps[3].body == '{"user":${user_id},"items":[7]}'
    assert journey.steps[4].headers["Authorization"] == "Bearer ${access_token}"
    assert traffic.think is not None
    assert traffic.think.median_s == pytest.approx(1.5, rel=0.05)


def test_without_writes_what_depends_on_them_is_left_out_and_said() -> None:
    traffic = read("har", DATA / "har" / "mitmproxy.har", BASE)
    steps = traffic.journeys[0].steps
    assert [step.label for step in steps] == ["GET /login", "GET /me"]
    assert steps[1].headers["Authorization"] == "Bearer ${env:LOAD_API_TOKEN}"
    assert any("2 writes" in note and "a left-out one gave" in note for note in traffic.notes)


@pytest.fixture(scope="module")
def recording() -> Iterator[tuple[dict[str, Any], list[str]]]:
    with shop() as place:
        yield recorded(place)


def firefox(entry: dict[str, Any]) -> None:
    entry["request"]["cookies"] = [
        dict(zip(("name", "value"), h["value"].split("=", 1), strict=True))
        for h in entry["request"]["headers"]
        if h["name"] == "Cookie"
    ]
    entry["request"]["headers"] = [h for h in entry["request"]["headers"] if h["name"] != "Cookie"]
    cookies = [h["value"] for h in entry["response"]["headers"] if h["name"] == "Set-Cookie"]
    entry["response"]["cookies"] = [
        {"name": c.split("=")[0], "value": c.split(";")[0].split("=", 1)[1]} for c in cookies
    ]
    entry["response"]["headers"] = [
        h for h in entry["response"]["headers"] if h["name"] != "Set-Cookie"
    ]
    entry["startedDateTime"] = entry["startedDateTime"].replace("Z", "+00:00")
    entry["pageref"] = "page_1"


def safari(entry: dict[str, Any]) -> None:
    entry["time"] = 9.876543219
    entry["startedDateTime"] = entry["startedDateTime"].replace("Z", "000Z")
    entry["request"]["headers"] += [{"name": ":method", "value": "GET"}]


def charles(entry: dict[str, Any]) -> None:
    content = entry["response"]["content"]
    content["text"] = base64.b64encode(content["text"].encode()).decode()
    content["encoding"] = "base64"
    entry["startedDateTime"] = entry["startedDateTime"].replace("Z", "+01:00")
    posted = entry["request"].get("postData")
    if posted and "urlencoded" in posted["mimeType"]:
        pairs = [pair.split("=") for pair in posted.pop("text").replace("%40", "@").split("&")]
        posted["params"] = [{"name": name, "value": value} for name, value in pairs]
    for part in (entry["request"], entry["response"]):
        part["headers"] = [{**h, "name": h["name"].lower()} for h in part["headers"]]


@pytest.mark.parametrize("style", [lambda _: None, firefox, safari, charles])
def test_recordings_of_every_style_say_the_same(
    recording: tuple[dict[str, Any], list[str]], tmp_path: Path, style: Any
) -> None:
    document, planted = deepcopy(recording[0]), recording[1]
    for entry in document["log"]["entries"]:
        style(entry)
    traffic = read("har", saved(tmp_path, document), writes=True)
    (journey,) = traffic.journeys
    names = [e.name for step in journey.steps for e in step.extract]
    assert names == ["sid", "csrf_token", "access_token", "user_id", "order_id"]
    assert all(step.headers["Cookie"] == "sid=${sid}" for step in journey.steps[1:])
    text = repr(traffic)
    assert not [secret for secret in planted if secret in text]


def exchange(
    method: str, path: str, *, answer: Any = None, at: int = 0, **more: Any
) -> dict[str, Any]:
    request = {"method": method, "url": BASE + path, "headers": more.get("headers", [])}
    if "body" in more:
        request["postData"] = {"mimeType": more.get("mime", ""), "text": more["body"]}
    text = answer if isinstance(answer, str) else json.dumps(answer)
    return {
        "startedDateTime": f"2026-11-26T16:{at // 60:02}:{at % 60:02}Z",
        "time": 5,
        "request": request,
        "response": {
            "status": more.get("status", 200),
            "headers": more.get("answered", []),
            "content": {"mimeType": "application/json", "text": text},
        },
    }


def har_of(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"log": {"version": "1.2", "entries": list(entries)}}


def test_values_that_the_client_knew_and_those_alike_by_chance_stay(tmp_path: Path) -> None:
    document = har_of(
        exchange("GET", "/search?q=winter-2026", answer={"query": "winter-2026", "page": 1}),
        exchange("GET", "/products?page=1", answer=[{"id": 7, "name": "shoe"}], at=3),
        exchange("GET", "/products/7", answer={"id": 7, "version": 3}, at=6),
        exchange("GET", "/cart?since=2026-11-26&size=3", answer={}, at=9),
    )
    traffic = read("har", saved(tmp_path, document))
    assert not any(step.extract for journey in traffic.journeys for step in journey.steps)
    assert "/products/7" in traffic.journeys[0].steps[2].url


def test_a_token_in_a_pages_script_is_found(tmp_path: Path) -> None:
    page = '<html><script>window.config = {"csrf": "Zx8Kq2LmN7pR4tVw9YbC", "a": 1}</script></html>'
    header = [{"name": "X-CSRF-Token", "value": "Zx8Kq2LmN7pR4tVw9YbC"}]
    document = har_of(
        exchange("GET", "/", answer=page), exchange("POST", "/save", headers=header, at=2)
    )
    steps = read("har", saved(tmp_path, document), writes=True).journeys[0].steps
    assert steps[0].extract[0].source == "regex"
    assert steps[1].headers["X-CSRF-Token"] == f"${{{steps[0].extract[0].name}}}"


def test_a_pause_of_half_an_hour_ends_a_visit(tmp_path: Path) -> None:
    document = har_of(
        exchange("GET", "/a"), exchange("GET", "/b", at=5), exchange("GET", "/c", at=2400)
    )
    traffic = read("har", saved(tmp_path, document))
    assert [len(journey.steps) for journey in traffic.journeys] == [2, 1]


def test_texts_that_look_like_placeholders_stay_texts(tmp_path: Path) -> None:
    document = har_of(
        exchange("GET", "/a?b=${env:HOME}&c=%24%7Benv:HOME%7D"),
        exchange("POST", "/b", body='{"x":"${env:HOME}","${env:PATH}":1}', mime="application/json"),
        exchange("POST", "/c", body="x=${env:HOME}", mime="application/x-www-form-urlencoded"),
        exchange("POST", "/d", body="x ${env:HOME}", mime="text/plain"),
        exchange("GET", "/e", headers=[{"name": "X-A", "value": "${env:HOME}"}]),
    )
    traffic = read("har", saved(tmp_path, document), writes=True)
    assert len(traffic.endpoints) == 4  # the plain text cannot be written otherwise
    text = " ".join(f"{e.url} {e.body} {e.headers}" for e in traffic.endpoints)
    assert "${env:" not in text
    bodies = {e.body for e in traffic.endpoints if e.body and e.body.startswith("{")}
    assert [json.loads(body) for body in bodies] == [{"x": "${env:HOME}", "${env:PATH}": 1}]


def test_a_long_recording_is_bounded(tmp_path: Path) -> None:
    document = har_of(*(exchange("GET", f"/p?n={n}", at=n % 3000) for n in range(5_100)))
    traffic = read("har", saved(tmp_path, document))
    assert any("100 requests after the first 5,000" in note for note in traffic.notes)


# Secrets, wherever they stand -------------------------------------------------------------------

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJwbGFudGVkIn0.c2lnbmF0dXJlLXBsYW50ZWQ"
PLANTED = {
    "query": "plantedInQuery1",
    "bare": "b7Rk2QxV9mTz4LpW8nYc3HsD6fJg",
    "header": "plantedInHeader2",
    "odd_header": "q9Zt4Kx7Vb2Nm8Lp3Ws6Yr1Hd5",
    "bearer": JWT,
    "basic": "cGxhbnRlZDpiYXNpYw==",
    "cookie": "plantedInCookie3",
    "json": "plantedInJson4",
    "deep": "plantedDeepInJson5",
    "nested": "plantedInNestedJson6",
    "form": "plantedInForm7",
    "graphql": "plantedInGraphql8",
    "xml": "plantedInXml9",
    "user": "planted.user@example.com",
    "path": "b3Tq9Xw2Kz7Mv4Rn8Lp1",
    "info": "plantedUserinfo10",
    "card": "4111111111111111",
    "answer": "plantedInAnswer11",
    "set_cookie": "plantedSetCookie12",
    "aws": "AKIAIOSFODNN7EXAMPLE",
    "key": "sk_live_plantedplanted13",
    "jsessionid": "PLANTEDJSESSION14",
}


def with_secrets() -> dict[str, Any]:
    p = PLANTED
    nested = json.dumps({"password": p["nested"]})
    body = {"password": p["json"], "card": p["card"], "a": [{"b": {"clientSecret": p["deep"]}}]}
    body |= {"wrapped": nested, "note": f"my key is {p['aws']}", "username": p["user"]}
    form = f"api_key={p['form']}&q=1&next=/x%3Ftoken%3D{p['form']}"
    query = f'mutation {{ login(password: "{p["graphql"]}") {{ id }} }}'
    xml = f"<a><password>{p['xml']}</password><b token='{p['xml']}'/></a>"
    headers = [
        {"name": "Authorization", "value": f"Bearer {p['bearer']}"},
        {"name": "X-Api-Key", "value": p["header"]},
        {"name": "X-Trace-Blob", "value": p["odd_header"]},
        {"name": "Cookie", "value": f"sid={p['cookie']}; theme=dark"},
        {"name": "Referer", "value": f"{BASE}/?token={p['query']}"},
    ]
    url = (
        f"/v1;jsessionid={p['jsessionid']}/list?access_token={p['query']}&{p['bare']}&k={p['key']}"
    )
    basic = [{"name": "Authorization", "value": f"Basic {p['basic']}"}]
    document = har_of(
        exchange("GET", url, headers=headers, answer={"secret": p["answer"]}),
        exchange("POST", "/json", body=json.dumps(body), mime="application/json", headers=basic),
        exchange("POST", "/form", body=form, mime="application/x-www-form-urlencoded"),
        exchange("POST", "/graphql", body=json.dumps({"query": query}), mime="application/json"),
        exchange("POST", "/xml", body=xml, mime="application/xml"),
        exchange("GET", f"/reset/{p['path']}?copy={p['json']}"),
        exchange(
            "GET",
            "/end",
            answered=[{"name": "Set-Cookie", "value": f"s={p['set_cookie']}; Path=/"}],
        ),
    )
    document["log"]["entries"].append(
        {
            **exchange("GET", "/"),
            "request": {"method": "GET", "url": f"http://me:{p['info']}@127.0.0.1:8000/u"},
        }
    )
    return document


def everything(file: Path, **arguments: Any) -> str:
    """Return all that a design says, writes and raises."""
    job = Job()
    try:
        result = TOOL.call(TOOL.validate({"traffic": str(file), **arguments}), job)
    except InputError as error:
        return f"{error.message} {error.hint}"
    assert isinstance(result, LoadTestDesign)
    files = [data.decode() for data in job.artefacts.values()]
    return "\n".join([result.model_dump_json(), *files])


def written(file: Path, goal: str, base: str | None = None) -> tuple[LoadPlan, str]:
    """Return the plan of a file, and all that is written of it, before the loaders see it."""
    text, writes = writes_of(goal)
    traffic = bounded(traffic_of(Asked(base, {"traffic": str(file)}, writes), Job()))
    designed = design(parse_goal(text), None, traffic.rates)
    plan = plan_of(traffic, designed)
    scripts, unwritten = scripts_of(plan, designed)
    assert len(scripts) == 4
    return plan, "\n".join([*scripts.values(), *traffic.notes, *unwritten])


def test_no_secret_of_a_recording_is_written_anywhere(tmp_path: Path) -> None:
    file = saved(tmp_path, with_secrets(), "given.har")
    said = everything(file, goal="20 rps, with writes", engine="both")
    assert "load-test.js" in said
    for text in (said, written(file, "20 rps")[1], written(file, "5 users with writes")[1]):
        assert [name for name, secret in PLANTED.items() if secret in text] == []


def test_no_secret_of_a_collection_or_document_is_written_anywhere(tmp_path: Path) -> None:
    p = PLANTED
    collection = {
        "info": {"schema": "https://schema.getpostman.com/json/collection/v2.1.0/c.json"},
        "variable": [
            {"key": "apiToken", "value": p["json"]},
            {"key": "plain", "value": p["key"], "type": "secret"},
        ],
        "auth": {"type": "basic", "basic": [{"key": "password", "value": p["basic"]}]},
        "event": [{"script": {"exec": [f"pm.environment.set('token', '{p['header']}')"]}}],
        "item": [
            {
                "name": "a",
                "request": {
                    "method": "POST",
                    "url": f"{BASE}/a?token={p['query']}&x={{{{apiToken}}}}&y={{{{plain}}}}",
                    "auth": {"type": "apikey", "apikey": [{"key": "value", "value": p["form"]}]},
                    "body": {"mode": "raw", "raw": json.dumps({"password": p["deep"]})},
                },
                "response": [{"body": json.dumps({"token": p["answer"]})}],
            },
            {"name": "b", "request": f"{BASE}/b"},
        ],
    }
    openapi = {
        "openapi": "3.0.3",
        "servers": [{"url": BASE}],
        "paths": {
            "/a": {
                "post": {
                    "parameters": [
                        {"name": "token", "in": "query", "example": p["query"], "required": True}
                    ],
                    "requestBody": {
                        "content": {"application/json": {"example": {"password": p["json"]}}}
                    },
                }
            },
            "/b": {"get": {}},
        },
    }
    for document in (collection, openapi):
        for goal in ("20 rps", "20 rps with writes"):
            _, text = written(saved(tmp_path, document), goal)
            assert [name for name, secret in p.items() if secret in text] == []


@pytest.mark.parametrize("kind", MINE)
def test_errors_do_not_tell_what_a_file_holds(tmp_path: Path, kind: str) -> None:
    for text in ("password: plantedHere: {x", '{"log": {"password": "plantedHere"', "plantedHere"):
        with pytest.raises(UnreadableError) as caught:
            read(kind, saved(tmp_path, text))
        assert "plantedHere" not in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize("kind", MINE)
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff\xfe\x80" * 50,
        b"{",
        b"[1]",
        b"a: [b",
        b'{"log":{"entries":[{"request":7}]}}',
        b'{"paths":{"/a":{"get":{"parameters":[7,{"$ref":"#/paths"}]}}},"servers":[{"url":7}]}',
        b'{"item":[{"request":{"url":{"raw":7,"variable":[3]},"body":7}}]}',
        b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"attributes":3,"kind":2}]}]}]}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\npaths: {/x: {get: *c}}",
        None,
    ],
)
def test_files_that_are_none_are_refused(tmp_path: Path, kind: str, content: bytes | None) -> None:
    file = tmp_path / "source"
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read(kind, file)
    assert caught.value.hint
    with pytest.raises(InputError):
        TOOL.call(TOOL.validate({"traffic": str(file), "url": BASE}), Job())


ODD: tuple[Any, ...] = (
    *(None, -1, 1.5, True, "", "${env:HOME}", "\x00", "\ud800", "http://[", "http://h:99999/"),
    *("//", "@evil/", [], {}, [[]], {"a": 1}, {"$ref": "#"}, {"$ref": 7}, 10**400, "{{a}}"),
    *(":id", "%ZZ"),
)


@pytest.mark.parametrize("kind", MINE)
def test_documents_with_odd_values_are_read_or_refused(tmp_path: Path, kind: str) -> None:
    draw = random.Random(kind)
    documents = {
        "har": [json.loads((DATA / "har" / "mitmproxy.har").read_text()), with_secrets()],
        "openapi": [openapi_of({"$ref": "#/components/schemas/Order"})],
        "postman": [COLLECTION],
        "traces": [
            json.loads((DATA / "traces" / f"{name}.json").read_text())
            for name in ("otlp", "jaeger", "zipkin")
        ],
    }[kind]
    for _ in range(60):
        document = deepcopy(draw.choice(documents))
        for _ in range(3):
            at, key = draw.choice(places(document))
            at[key] = deepcopy(draw.choice(ODD))
        with suppress(InputError):
            traffic = read(kind, saved(tmp_path, document), BASE, writes=draw.random() < 0.7)
            for endpoint in traffic.endpoints:
                endpoint.model_dump_json()


def places(document: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    work = [document]
    while work:
        at = work.pop()
        if isinstance(at, dict | list):
            inside = at.items() if isinstance(at, dict) else enumerate(at)
            for key, value in inside:
                found.append((at, key))
                work.append(value)
    return found or [([None], 0)]


def test_a_clock_that_is_wrong_by_years_costs_nothing(tmp_path: Path) -> None:
    document = json.loads((DATA / "traces" / "zipkin.json").read_text())
    servers = [span for span in document if span["kind"] == "SERVER"]
    servers[0]["timestamp"] = 1
    servers[1]["timestamp"] = 10**400
    rates = read("traces", saved(tmp_path, document), BASE).rates
    assert rates is not None
    assert rates.median == 0


# OpenAPI ----------------------------------------------------------------------------------------


def test_a_document_gives_what_can_be_called() -> None:
    traffic = read("openapi", DATA / "openapi" / "fastapi.json")
    assert told(traffic.endpoints) == [
        ("GET", "/products?sort=price", 1),
        ("GET", "/products/1", 1),
        ("GET", "/me", 1),
    ]
    assert traffic.endpoints[1].name == "GET /products/{product_id}"
    assert any("GET /users/{name} (a text in its path)" in note for note in traffic.notes)
    elsewhere = read("openapi", DATA / "openapi" / "fastapi.json", "https://staging.test/api/")
    assert elsewhere.endpoints[1].url == "https://staging.test/api/products/1"


SCHEMAS = {
    "Base": {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}},
    "Line": {
        "allOf": [
            {"$ref": "#/components/schemas/Base"},
            {
                "type": "object",
                "required": ["count", "sku", "left"],
                "properties": {
                    "count": {"type": "integer", "minimum": 2, "exclusiveMinimum": True},
                    "sku": {"type": "string", "pattern": "^[A-Z]{3}-\\d{4}$"},
                    "left": {"nullable": True, "type": "number", "multipleOf": 0.5},
                    "id": {"type": "integer", "readOnly": True},
                },
            },
        ]
    },
    "Order": {
        "type": "object",
        "required": ["lines", "when", "pay"],
        "properties": {
            "lines": {
                "type": "array",
                "minItems": 2,
                "items": {"$ref": "#/components/schemas/Line"},
            },
            "when": {"type": "string", "format": "date-time"},
            "pay": {"oneOf": [{"$ref": "#/components/schemas/Base"}, {"type": "string"}]},
            "parent": {"$ref": "#/components/schemas/Order"},
        },
    },
}


def openapi_of(schema: Any, **more: Any) -> dict[str, Any]:
    body = {"content": {"application/json": {"schema": schema}}}
    return {
        "openapi": "3.0.3",
        "servers": [{"url": f"{BASE}/{{v}}", "variables": {"v": {"default": "v1"}}}],
        "paths": {"/orders": {"post": {"requestBody": body}}},
        "components": {"schemas": SCHEMAS},
        **more,
    }


def test_bodies_are_valid_samples_of_their_schemas(tmp_path: Path) -> None:
    pytest.importorskip("rstr")
    document = openapi_of({"$ref": "#/components/schemas/Order"})
    (endpoint,) = read("openapi", saved(tmp_path, document), writes=True).endpoints
    assert endpoint.url == f"{BASE}/v1/orders"
    body = json.loads(endpoint.body or "")
    assert len(body["lines"]) == 2
    line = body["lines"][0]
    assert (line["kind"], line["count"]) == ("load", 3)
    assert line["sku"][:3].isupper()
    assert line["sku"][3] == "-"
    assert "id" not in line
    assert "parent" not in body


def test_swagger_2_in_yaml_is_read(tmp_path: Path) -> None:
    document = """
swagger: "2.0"
host: 127.0.0.1:8000
basePath: /api
schemes: [http]
securityDefinitions: {key: {type: apiKey, in: header, name: X-Shop}}
security: [{key: []}]
paths:
  /items/{id}:
    parameters: [{name: id, in: path, required: true, type: integer, minimum: 5}]
    get: {}
  /items:
    post:
      parameters: [{name: item, in: body, schema: {$ref: '#/definitions/Item'}}]
definitions:
  Item: {type: object, required: [day], properties: {day: {type: string, format: date}}}
"""
    endpoints = read("openapi", saved(tmp_path, document, "a.yaml"), writes=True).endpoints
    assert told(endpoints) == [("GET", "/api/items/5", 1), ("POST", "/api/items", 1)]
    assert endpoints[0].headers == {"X-Shop": "${env:LOAD_X_SHOP}"}
    assert endpoints[1].body == '{"day":"2026-01-15"}'


def test_references_lead_to_files_beside_the_document_only(tmp_path: Path) -> None:
    calls: list[object] = []

    def audit(event: str, arguments: tuple[object, ...]) -> None:
        if event in {"socket.connect", "socket.getaddrinfo"}:
            calls.append(arguments)

    sys.addaudithook(audit)
    socket.getaddrinfo("127.0.0.1", 80)
    assert len(calls) == 1
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "near.yaml").write_text(
        "Item: {type: object, required: [a], properties: {a: {const: 1}}}"
    )
    (tmp_path / "far.yaml").write_text("Item: {type: object, example: {planted: 1}}")
    for reference, expected in (
        ("near.yaml#/Item", '{"a":1}'),
        ("../far.yaml#/Item", None),
        ((tmp_path / "far.yaml").as_uri() + "#/Item", None),
        ("http://127.0.0.1:9/remote.yaml#/Item", None),
        ("https://example.com/remote.json", None),
        ("file://host/etc/passwd.json", None),
        ("#/components/schemas/Nowhere", None),
        ("#/paths/~1orders/post/requestBody/content/application~1json/schema", None),
    ):
        document = openapi_of({"$ref": reference})
        document["paths"]["/health"] = {"get": {}}
        endpoints = read("openapi", saved(inner, document), writes=True).endpoints
        bodies = [e.body for e in endpoints if e.method == "POST"]
        assert bodies == ([expected] if expected else [])
    assert len(calls) == 1


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "pattern": "^(([a-z@.])+)+!$"},
        {"type": "string", "pattern": "(a|a)*$"},
        {"type": "string", "pattern": "((a{999}){999}){999}"},
        {"type": "string", "minLength": 10**12},
        {"type": "array", "minItems": 10**12, "items": {}},
        {"type": "integer", "multipleOf": 0},
        {"enum": []},
        {"allOf": []},
        {
            "type": "object",
            "required": ["a"],
            "properties": {"a": {"$ref": "#/components/schemas/Order"}},
        },
        True,
        7,
    ],
)
def test_schemas_that_could_take_forever_do_not(tmp_path: Path, schema: Any) -> None:
    document = openapi_of(schema)
    document["paths"]["/health"] = {"get": {}}
    assert len(read("openapi", saved(tmp_path, document), writes=True).endpoints) in {1, 2}


def test_a_document_without_a_host_needs_one(tmp_path: Path) -> None:
    file = saved(tmp_path, {"openapi": "3.1.0", "paths": {"/a": {"get": {}}}})
    with pytest.raises(InputError, match="name no host"):
        read("openapi", file)
    assert told(read("openapi", file, BASE).endpoints) == [("GET", "/a", 1)]


# Postman ----------------------------------------------------------------------------------------

COLLECTION: dict[str, Any] = {
    "info": {"schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
    "variable": [{"key": "host", "value": "127.0.0.1:8000"}],
    "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "{{token}}"}]},
    "event": [{"listen": "test", "script": {"exec": ["pm.environment.set('token', 1)"]}}],
    "item": [
        {
            "name": "Orders",
            "item": [
                {
                    "name": "sign in",
                    "request": {
                        "auth": {"type": "noauth"},
                        "method": "POST",
                        "url": "http://{{host}}/login",
                        "body": {
                            "mode": "raw",
                            "raw": '{"user": "anna", "password": "hunter2x", "n": {{count}}}',
                            "options": {"raw": {"language": "json"}},
                        },
                    },
                    "response": [{"body": '{"token": "abcDEF123planted"}'}],
                },
                {
                    "name": "order",
                    "request": {
                        "method": "POST",
                        "url": {
                            "raw": "http://{{host}}/orders?x={{$guid}}",
                            "query": [{"key": "x", "value": "{{$guid}}"}],
                        },
                        "body": {
                            "mode": "urlencoded",
                            "urlencoded": [{"key": "item", "value": "7"}],
                        },
                    },
                    "response": [{"body": '{"id": 9812}'}],
                },
                {
                    "name": "read",
                    "request": {
                        "method": "GET",
                        "url": {
                            "raw": "http://{{host}}/orders/:orderId/{{region}}",
                            "variable": [{"key": "orderId", "value": "{{orderId}}"}],
                        },
                    },
                },
            ],
        },
        {"name": "list", "request": "http://{{host}}/products"},
        {
            "name": "upload",
            "request": {"method": "POST", "url": "{{host}}/f", "body": {"mode": "file"}},
        },
    ],
}


def test_a_collections_folder_with_saved_answers_is_a_journey(tmp_path: Path) -> None:
    traffic = read("postman", saved(tmp_path, COLLECTION), writes=True)
    orders, products = traffic.journeys
    assert [step.label for step in orders.steps] == [
        "POST /login",
        "POST /orders",
        "GET /orders/{order_id}/{region}",
    ]
    login, order, reading = orders.steps
    assert (
        login.body
        == '{"user":"${env:LOAD_USER}","password":"${env:LOAD_PASSWORD}","n":${env:LOAD_COUNT}}'
    )
    assert "Authorization" not in login.headers
    assert order.headers["Authorization"] == "Bearer ${token}"
    assert (order.url, order.body) == (f"{BASE}/orders?x=${{guid}}", "item=7")
    assert reading.url == f"{BASE}/orders/${{order_id}}/${{env:LOAD_REGION}}"
    assert products.steps[0].headers["Authorization"] == "Bearer ${env:LOAD_API_TOKEN}"
    assert len(set(traffic.data["guid"])) == 100
    said = " ".join(traffic.notes)
    assert "scripts (1) are not run" in said
    assert "1 file uploads" in said


def test_a_collection_whose_host_is_not_known_needs_one(tmp_path: Path) -> None:
    file = saved(tmp_path, {"item": [{"request": "{{baseUrl}}/a/b?x=1"}]})
    with pytest.raises(InputError, match="variable that has no value"):
        read("postman", file)
    assert told(read("postman", file, f"{BASE}/api").endpoints) == [("GET", "/api/a/b?x=1", 1)]


def test_requests_go_to_one_host_whatever_a_file_says(tmp_path: Path) -> None:
    paths: dict[str, Any] = {"@evil.test/a": {"get": {}}, "//evil.test/b": {"get": {}}}
    openapi: dict[str, Any] = {"openapi": "3.1.0", "servers": [{"url": BASE}], "paths": paths}
    collection: dict[str, Any] = {
        "item": [
            {"request": "{{baseUrl}}@evil.test/a"},
            {"request": "http://evil.test/b"},
            {"request": "{{baseUrl}}/c"},
        ]
    }
    for document, expected in ((openapi, 2), (collection, 3)):
        document["info"] = {"schema": "https://schema.getpostman.com/json/collection/v2.1.0/c.json"}
        plan, _ = written(saved(tmp_path, document), "20 rps", BASE)
        assert len(plan.endpoints) == expected
        assert all(e.url.startswith(f"{BASE}/") for e in plan.endpoints)


def test_a_generated_collection_is_read() -> None:
    traffic = read("postman", DATA / "postman" / "openapi-to-postman.json")
    assert told(traffic.endpoints) == [
        ("GET", "/products?sort=load&page=1", 1),
        ("GET", "/products/1", 1),
        ("GET", "/me", 1),
    ]


# Traces -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["otlp", "jaeger", "zipkin"])
def test_traces_give_the_real_mix_rates_and_dependencies(kind: str) -> None:
    traffic = read("traces", DATA / "traces" / f"{kind}.json", BASE)
    assert told(traffic.endpoints) == [
        ("GET", "/items/${item_id}", 28),
        ("GET", "/search?q=shoe&token=${env:LOAD_TOKEN}", 8),
    ]
    assert traffic.endpoints[0].name == "GET /items/{item_id}"
    assert set(traffic.data["item_id"]) == set("0123456")
    assert traffic.statuses == {"200": 40}
    assert traffic.methods == {"GET": 36, "POST": 4}
    assert traffic.rates is not None
    assert traffic.rates.median == pytest.approx(18.5, abs=0.2)
    assert 0.5 < traffic.latency_ms[0.5] < 20
    said = " ".join(traffic.notes)
    assert "1.2 of sqlite" in said
    assert "4 writes, whose bodies traces do not hold" in said


def test_only_what_enters_from_outside_counts(tmp_path: Path) -> None:
    def span(number: int, parent: int | None, service: str, path: str) -> dict[str, Any]:
        return {
            "traceId": "a" * 32,
            "id": f"{number:016x}",
            **({"parentId": f"{parent:016x}"} if parent else {}),
            "kind": "SERVER",
            "name": "get",
            "timestamp": 1_795_000_000_000_000 + number,
            "duration": 1000,
            "localEndpoint": {"serviceName": service},
            "tags": {"http.method": "GET", "http.path": path, "http.status_code": "200"},
        }

    spans = [span(1, None, "edge", "/a"), span(2, 1, "inner", "/b"), span(3, 99, "edge", "/a")]
    traffic = read("traces", saved(tmp_path, spans), BASE)
    assert told(traffic.endpoints) == [("GET", "/a", 2)]
    with pytest.raises(InputError, match="name no host"):
        read("traces", saved(tmp_path, spans))


def test_values_of_routes_and_queries_vary_as_they_did(tmp_path: Path) -> None:
    def span(number: int, target: str) -> dict[str, Any]:
        return {
            "traceId": f"{number:032x}",
            "id": f"{number:016x}",
            "kind": "SERVER",
            "name": "get",
            "timestamp": 1_795_000_000_000_000 + number,
            "duration": 1000,
            "localEndpoint": {"serviceName": "edge"},
            "tags": {
                "http.method": "GET",
                "http.target": target,
                "http.route": "/find" if "find" in target else "/confirm/:token/:id",
            },
        }

    targets = ["/find?q=a%20b", "/find?q=c&page=2", "/find?q=c&page=2", "/find?token=planted-99"]
    targets += ["/confirm/planted-1/7", "/confirm/planted-2/8"]
    targets += ["@evil.test/find?q=c", "//evil.test/find?q=c"]
    file = saved(tmp_path, [span(n, target) for n, target in enumerate(targets, 1)])
    packed = tmp_path / "packed.json.gz"
    packed.write_bytes(gzip.compress(file.read_bytes()))
    head = packed.read_bytes()
    assert sources()["traces"].matches(Given(packed, None, BASE, head))
    traffic = read("traces", packed, BASE)
    assert told(traffic.endpoints) == [
        ("GET", "/find?${find_query}", 6),
        ("GET", "/confirm/${env:LOAD_TOKEN}/${id}", 2),
    ]
    assert sorted(set(traffic.data["find_query"])) == ["q=a%20b", "q=c", "q=c&page=2"]
    assert set(traffic.data["id"]) == {"7", "8"}
    assert "planted" not in repr(traffic)


# The tool ---------------------------------------------------------------------------------------


def test_the_answer_stays_short_however_large_the_source(tmp_path: Path) -> None:
    document = har_of(*(exchange("GET", f"/p{n}/{'x' * 200}?n={n}", at=n * 3) for n in range(400)))
    job = Job()
    file = saved(tmp_path, document, "a.har")
    result = TOOL.call(TOOL.validate({"traffic": str(file), "goal": "20 rps"}), job)
    assert isinstance(result, LoadTestDesign)
    assert len(result.model_dump_json()) <= 6000
    assert any("is whole" in warning for warning in result.warnings)
    assert all(check.ok is not False for check in result.checks)
    again = LoadTestDesign.model_validate(result.model_dump(mode="json"))
    assert again.model_dump_json() == result.model_dump_json()


def test_a_source_that_is_none_is_answered_with_what_is_known(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError) as caught:
        TOOL.call(TOOL.validate({"traffic": str(saved(tmp_path, "hello"))}), Job())
    assert "Postman" in caught.value.hint


def test_secrets_are_known_by_name_and_by_look() -> None:
    for name in ("password", "accessToken", "X-Api-Key", "user[password]", "sid", "authToken"):
        assert hides(name, "x1"), name
    for name in ("author", "monkey", "passenger", "keyword", "q", "country_code", "page"):
        assert not hides(name, "x1"), name
    for value in ("spring-summer-collection-2026", "WinterJacket2026BlueEdition", "2026-11-26"):
        assert not hides("q", value), value
    assert looks_random("9f86d081884c7d659a2feaa0c55ad015")
    assert hides("q", JWT)
    assert hides("q", "4111 1111 1111 1111")
    assert not hides("q", "4111 1111 1111 1112")


def test_the_same_secret_has_one_name_and_another_has_another() -> None:
    vault = Vault()
    assert vault.hidden("password", "one-1") == "${env:LOAD_PASSWORD}"
    assert vault.hidden("pass", "one-1") == "${env:LOAD_PASSWORD}"
    assert vault.hidden("password", "two-2") == "${env:LOAD_PASSWORD_2}"
    assert vault.scrubbed("a two-2222 two-2 one-1") == "a two-2222 two-2 one-1"  # too short
    assert vault.hidden("key", "long-enough-3") == "${env:LOAD_KEY}"
    assert vault.scrubbed("x=long-enough-3") == "x=${env:LOAD_KEY}"


def test_a_secret_that_changes_all_the_time_has_few_names() -> None:
    vault = Vault()
    names = {vault.hidden("token", f"value-{n}") for n in range(3_000)}
    assert len(names) == 9
    text = " ".join(f"value-{n}" for n in range(1_000))
    assert "value" not in vault.scrubbed(text)


def test_the_recorded_shop_is_what_it_says() -> None:
    with shop() as place:
        assert isinstance(place, Shop)
        recorded(place)
        assert place.statuses == {200, 201}
