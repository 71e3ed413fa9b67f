"""The few calls to a Kubernetes API server that a distributed test needs, over HTTPS alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any

import httpx

from slowcoach.core.errors import (
    InputError,
    NotPermittedError,
    ToolFailedError,
    UnreachableError,
)
from slowcoach.load.distributed.runner_log import LONGEST_LINE
from slowcoach.load.targets import target_of

if TYPE_CHECKING:
    from slowcoach.core.permission import Permissions
    from slowcoach.load.distributed.kubeconfig import Cluster

_LARGEST = 32 * 1024 * 1024
_CALL_S = 15.0
_SILENT_S = 120.0
_SHOWN = 300
_CONNECTIONS = 1000
_NO_RIGHT, _NOT_THERE, _NOT_TAKEN = frozenset({401, 403}), frozenset({404}), frozenset({400, 422})


class KubernetesApi:
    """An API server. Its address is looked up once; redirects and proxies are not followed."""

    def __init__(self, cluster: Cluster, permissions: Permissions) -> None:
        found = target_of(cluster.server, permissions)
        address = found.addresses[0]
        self._host = found.host
        path = httpx.URL(cluster.server).path.rstrip("/")
        host = f"[{address}]" if ":" in address else address
        self._client = httpx.Client(
            base_url=f"https://{host}:{found.port}{path}",
            verify=cluster.tls,
            headers={**cluster.headers, "Host": f"{_bracketed(found.host)}:{found.port}"},
            timeout=httpx.Timeout(_CALL_S, read=_CALL_S),
            limits=httpx.Limits(max_connections=_CONNECTIONS),
            trust_env=False,
            follow_redirects=False,
        )

    def __enter__(self) -> KubernetesApi:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection; who reads a log from another thread is at its end then."""
        self._client.close()

    def create(self, path: str, document: Mapping[str, Any]) -> dict[str, Any]:
        """Create an object in the collection at `path` and return it as the server keeps it."""
        # else a server drops fields that it does not know, in silence
        return self._call("POST", path, json=dict(document), params={"fieldValidation": "Strict"})

    def get(self, path: str, **query: str) -> dict[str, Any]:
        """Return an object or a list of them."""
        return self._call("GET", path, params=query)

    def delete(self, path: str) -> None:
        """Delete an object and what belongs to it; one that is not there is as good as deleted."""
        with suppress(_NotFoundError):
            self._call("DELETE", path, params={"propagationPolicy": "Background"})

    def log(self, path: str, *, follow: bool, since: str | None) -> Iterator[str]:
        """Yield the lines of a container's log, each with its time before it, until it ends.

        Lines longer than 64 KB are cut. With `follow` it goes on while the container runs.
        """
        query = {"timestamps": "true", "container": "k6", "follow": str(follow).lower()}
        if since is not None:
            query["sinceTime"] = since
        timeout = httpx.Timeout(_CALL_S, read=_SILENT_S)
        try:
            with self._client.stream(
                "GET", path, params=query, timeout=timeout, extensions=self._names()
            ) as response:
                if not response.is_success:
                    raise self._refused(response, _read(response))
                yield from _lines(response)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from None

    def _call(self, method: str, path: str, **given: Any) -> dict[str, Any]:
        try:
            with self._client.stream(method, path, extensions=self._names(), **given) as response:
                body = _read(response)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from None
        if not response.is_success:
            raise self._refused(response, body)
        try:
            answer = json.loads(body)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise ToolFailedError(
                f"{self._host}: expected JSON of a Kubernetes API, got {body[:60]!r}",
                hint="Check the server of the kubeconfig",
            )
        return answer

    def _names(self) -> dict[str, Any]:
        return {"sni_hostname": self._host}

    def _refused(self, response: httpx.Response, body: bytes) -> Exception:
        """Return the error that an answer of 300 and above means, in the server's own words."""
        try:
            said = str(json.loads(body)["message"])[:_SHOWN]
        except (ValueError, KeyError, TypeError):
            said = body[:_SHOWN].decode("utf-8", "replace")
        code = response.status_code
        text = f"{self._host} answers {code}: {said}"
        if code in _NO_RIGHT:
            return NotPermittedError(
                text, hint="Ask for the rights that read_guide('distributed_load') lists"
            )
        if code in _NOT_THERE:
            return _NotFoundError(text, hint="Is k6-operator installed in this cluster?")
        if code in _NOT_TAKEN:
            return InputError(text, hint="The cluster's k6-operator may be of another version")
        return ToolFailedError(text, hint="Look at the cluster's events")

    def _unreachable(self, error: httpx.HTTPError) -> UnreachableError:
        return UnreachableError(
            f"{self._host}: {type(error).__name__}: {error}"[:_SHOWN],
            hint="Check the server and certificate-authority of the kubeconfig",
        )


class _NotFoundError(InputError):
    """What the path names is not there."""


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _read(response: httpx.Response) -> bytes:
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > _LARGEST:
            raise ToolFailedError(
                f"an answer of more than {_LARGEST >> 20} MB", hint="Is this an API server?"
            )
    return bytes(body)


def _lines(response: httpx.Response) -> Iterator[str]:
    rest = b""
    for chunk in response.iter_bytes():
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line[:LONGEST_LINE].decode("utf-8", "replace")
        if len(rest) > 2 * LONGEST_LINE:
            rest = rest[:LONGEST_LINE]
    if rest:
        yield rest[:LONGEST_LINE].decode("utf-8", "replace")
