"""OpenAPI 3.0 and 3.1, and Swagger 2: what a service offers, with values made up for it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from slowcoach.core.errors import UnreadableError
from slowcoach.load.correlation import correlate
from slowcoach.load.exchange import Exchange
from slowcoach.load.schema_values import UnknowableError, as_text, stated
from slowcoach.load.schemas import Schemas
from slowcoach.load.sealing import sealed
from slowcoach.load.secrecy import Vault, identifier, tells_secret
from slowcoach.load.sources import _documents, _mix
from slowcoach.load.sources._documents import keyed, listed
from slowcoach.load.sources._servers import base_of
from slowcoach.load.traffic import Given, Source, Traffic

_METHODS = ("get", "head", "post", "put", "patch", "delete")
_WHAT = "an OpenAPI document with `paths`"
_HINT = "Give openapi.json or openapi.yaml"
_MOST = 2_000
_JSON = re.compile(r"application/(?:[\w.+-]+\+)?json", re.IGNORECASE)
_FORM = "application/x-www-form-urlencoded"
_STAND_IN = "sk_live_stand_in_of_"  # looks like a secret: the vault replaces it by a name


@dataclass(slots=True)
class _Call:
    """One operation as it is filled in."""

    route: str
    path: str
    query: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    headers: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    cookies: list[str] = field(default_factory=list[str])
    body: str | None = None


def read(given: Given) -> Traffic:
    """Return the operations that can be called, with samples; each has the same weight."""
    if given.path is None:
        raise UnreadableError(f"expected {_WHAT}", hint=_HINT)
    try:
        root = _documents.document(given.path, _WHAT, _HINT)
        schemas = Schemas(root, given.path)
        if not isinstance(schemas.root, dict) or not isinstance(schemas.root.get("paths"), dict):
            raise UnreadableError(f"{given.path}: expected {_WHAT}", hint=_HINT)
        return _traffic(schemas, given)
    except RecursionError:
        raise UnreadableError(f"{given.path}: nested too deep", hint=_HINT) from None


def _traffic(schemas: Schemas, given: Given) -> Traffic:
    base = base_of(schemas.root, given)
    left_out: Counter[str] = Counter()
    unknown: dict[str, str] = {}
    exchanges: list[Exchange] = []
    for method, route, operation, resolver in _operations(schemas, left_out):
        if given.cancellation is not None:
            given.cancellation.check()
        why = _unwanted(method, operation, given)
        if why is not None:
            left_out[why] += 1
            continue
        try:
            call = _filled(schemas, route, operation, resolver)
        except UnknowableError as error:
            unknown[f"{method.upper()} {route}"] = str(error)
            continue
        exchanges.append(_exchange(method, base, call))
    vault = Vault()
    session = correlate(exchanges, vault)
    left_out.update(session.left_out)
    steps = tuple(sealed(step, vault) for step in session.steps)
    if not steps:
        raise UnreadableError(
            f"{given.path}: no operation that can be called: {_mix.counted(left_out)}"
            f"{_few(unknown)}",
            hint="Add examples to its parameters, or give `url` with one endpoint",
        )
    said = ["an OpenAPI document has no traffic: every endpoint has the same weight"]
    if unknown:
        said.append(f"left out, for want of an example value:{_few(unknown)}")
    notes = _mix.notes(left_out, steps, writes=given.writes)
    return Traffic(endpoints=_mix.mixed(steps), notes=(*said, *notes))


def _few(unknown: dict[str, str]) -> str:
    shown = [f"{name} ({why})" for name, why in list(unknown.items())[:5]]
    more = f" and {len(unknown) - len(shown)} more" if len(unknown) > len(shown) else ""
    return f" {', '.join(shown)}{more}" if shown else ""


def _operations(
    schemas: Schemas, left_out: Counter[str]
) -> Iterator[tuple[str, str, dict[str, Any], Any]]:
    count = 0
    for route, item in schemas.root["paths"].items():
        try:
            item, resolver = schemas.followed(item, schemas.resolver())
        except UnknowableError as error:
            left_out[f"paths with {error}"] += 1
            continue
        for method in _METHODS:
            operation = keyed(item).get(method)
            if not isinstance(operation, dict):
                continue
            count += 1
            if count > _MOST:
                left_out[f"operations after the first {_MOST:,}"] += 1
                continue
            shared = {"parameters": [*_all(item), *_all(operation)]}
            security = operation.get("security", schemas.root.get("security"))
            yield method, str(route), {**operation, **shared, "security": security}, resolver


def _all(node: dict[str, Any]) -> list[Any]:
    found = node.get("parameters")
    return found if isinstance(found, list) else []


def _unwanted(method: str, operation: dict[str, Any], given: Given) -> str | None:
    if operation.get("deprecated") is True:
        return "deprecated"
    return "writes" if method not in {"get", "head"} and not given.writes else None


def _filled(schemas: Schemas, route: str, operation: dict[str, Any], resolver: Any) -> _Call:
    call = _Call(route, route)
    found: dict[tuple[str, str], tuple[dict[str, Any], Any]] = {}
    for node in operation["parameters"]:
        parameter, near = schemas.followed(node, resolver)
        if isinstance(parameter, dict) and "name" in parameter:
            found[(str(parameter.get("in")), str(parameter["name"]))] = (parameter, near)
    form: dict[str, Any] = {}
    for (where, name), (parameter, near) in found.items():
        _put(call, form, where, name, _value(schemas, parameter, where, near))
    if "{" in call.path:
        raise UnknowableError("a part of the path that no parameter describes")
    _secure(schemas, operation, call)
    _add_body(schemas, operation, call, resolver)
    if form:
        call.body = urlencode({key: as_text(value) for key, value in form.items()})
        call.headers.append(("Content-Type", _FORM))
    return call


def _value(schemas: Schemas, parameter: dict[str, Any], where: str, near: Any) -> Any:
    """Return a parameter's value; None when it may be left out."""
    has_one, value = stated(parameter)
    if where == "path" and tells_secret(str(parameter["name"])):
        return f"{_STAND_IN}{identifier(str(parameter['name']))}"
    schema = parameter.get("schema")
    if schema is None and "content" in parameter:
        media: Any = next(iter(keyed(parameter["content"]).values()), None)
        schema = keyed(media).get("schema")
    if schema is None:
        schema = parameter  # Swagger 2 writes its type beside its name
    if not (parameter.get("required") or where in {"path", "body"}):
        return value if has_one and where == "query" and "example" in parameter else None
    if has_one:
        return value
    if where == "path" and _is_open(schemas, schema, near):
        raise UnknowableError("a text in its path")
    return schemas.sample(schema, near)


def _is_open(schemas: Schemas, schema: Any, near: Any) -> bool:
    """Tell whether a path's value is free text: what is made up would not be found there."""
    schema, _ = schemas.followed(schema, near)
    plain = isinstance(schema, dict) and not stated(schema)[0]
    return plain and schema.get("type") == "string" and not (schema.keys() & {"format", "pattern"})


def _put(call: _Call, form: dict[str, Any], where: str, name: str, value: Any) -> None:
    if value is None:
        return
    if where == "path":
        text = ",".join(map(as_text, value)) if isinstance(value, list) else as_text(value)
        call.path = call.path.replace(f"{{{name}}}", quote(text, safe=""))
    elif where == "query":
        values = value if isinstance(value, list) else [value]
        call.query += [(name, as_text(each)) for each in values]
    elif where == "header" and name.lower() not in {"accept", "content-type", "authorization"}:
        call.headers.append((name, as_text(value)))
    elif where == "cookie":
        call.cookies.append(f"{name}={as_text(value)}")
    elif where == "body":
        call.body = _json_text(value)
        call.headers.append(("Content-Type", "application/json"))
    elif where == "formData":
        form[name] = value


def _json_text(value: Any) -> str:
    import json

    return json.dumps(value, separators=(",", ":"), default=str)


def _secure(schemas: Schemas, operation: dict[str, Any], call: _Call) -> None:
    """Put stand-ins for what signs the request in; the first alternative is taken."""
    needed = listed(operation.get("security"))
    root = schemas.root
    known = keyed(keyed(root.get("components")).get("securitySchemes")) or keyed(
        root.get("securityDefinitions")
    )
    if not needed or {} in needed:
        return
    for name in needed[0]:
        scheme, _ = schemas.followed(known.get(name), schemas.resolver())
        scheme = keyed(scheme)
        kind, where = str(scheme.get("type", "")).lower(), scheme.get("in")
        key = str(scheme.get("name") or name)
        secret = f"{_STAND_IN}{name}"
        if kind == "apikey" and where == "query":
            call.query.append((key, secret))
        elif kind == "apikey" and where == "cookie":
            call.cookies.append(f"{key}={secret}")
        elif kind == "apikey":
            call.headers.append((key, secret))
        elif kind == "basic" or str(scheme.get("scheme")).lower() == "basic":
            call.headers.append(("Authorization", f"Basic {secret}"))
        else:
            call.headers.append(("Authorization", f"Bearer {secret}"))


def _add_body(schemas: Schemas, operation: dict[str, Any], call: _Call, resolver: Any) -> None:
    body, near = schemas.followed(operation.get("requestBody"), resolver)
    content = keyed(keyed(body).get("content"))
    if not content:
        return
    kind = next((each for each in content if _JSON.match(str(each))), None)
    kind = kind or next((each for each in content if each == _FORM), None)
    if kind is None:
        raise UnknowableError(f"a body of {', '.join(map(str, content))[:60]}")
    media = keyed(content[kind])
    has_one, value = stated(media)
    if not has_one:
        value = schemas.sample(media.get("schema", {}), near)
    if kind == _FORM:
        call.body = urlencode({str(k): as_text(v) for k, v in keyed(value).items()})
    else:
        call.body = _json_text(value)
    call.headers.append(("Content-Type", str(kind).split(";")[0]))


def _exchange(method: str, base: str, call: _Call) -> Exchange:
    query = urlencode(call.query)
    headers = [*call.headers]
    if call.cookies:
        headers.append(("Cookie", "; ".join(call.cookies)))
    return Exchange(
        method=method.upper(),
        url=f"{base}/{call.path.lstrip('/')}{f'?{query}' if query else ''}",
        headers=tuple(headers),
        body=call.body,
        route=call.route,
    )


SOURCE = Source(
    name="openapi",
    title="An OpenAPI or Swagger document",
    matches=lambda given: (
        re.search(rb'(?:^|[\n{,])\s*["\']?(?:openapi|swagger)["\']?\s*:\s*["\']?[23]\.', given.head)
        is not None
    ),
    read=read,
)
