"""How to reach a cluster: the user's kubeconfig, or the service account of the pod we run in."""

from __future__ import annotations

import base64
import binascii
import json
import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from slowcoach.core import scratch
from slowcoach.core.errors import (
    InputError,
    NotPermittedError,
    UnreadableError,
    UnsupportedError,
)
from slowcoach.core.permission import host_of, is_loopback

if TYPE_CHECKING:
    from slowcoach.core.job import Job

_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_LARGEST = 4 * 1024 * 1024
_HELPER_S = 60.0
_NEXT = "Check it with: kubectl config view --minify"


@dataclass(frozen=True, slots=True)
class Cluster:
    """An API server that may be asked: its URL, how to trust it, who we are there."""

    server: str
    tls: ssl.SSLContext = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    namespace: str = "default"
    context: str = ""


def configured(environment: Mapping[str, str] = os.environ) -> bool:
    """Tell whether there is a cluster to ask, without asking it."""
    return any(path.is_file() for path in _paths(environment)) or (
        "KUBERNETES_SERVICE_HOST" in environment and (_ACCOUNT / "token").is_file()
    )


def cluster_of(job: Job, environment: Mapping[str, str] = os.environ) -> Cluster:
    """Return the cluster of the kubeconfig's current context, else the one this pod runs in.

    Raises NotPermittedError when its host is not allowed, UnreadableError for a configuration
    that is none, UnsupportedError for a way to log in that is not known.
    """
    paths = [path for path in _paths(environment) if path.is_file()]
    if not paths:
        return _own(job, environment)
    path = paths[0]
    config = _read(path)
    name = environment.get("SLOWCOACH_KUBE_CONTEXT") or config.get("current-context") or ""
    context = _named(config, "contexts", "context", name, path)
    cluster = _named(config, "clusters", "cluster", str(context.get("cluster")), path)
    user = _named(config, "users", "user", str(context.get("user")), path)
    server = str(cluster.get("server") or "")
    _check(server, name, job)
    tls = _trust(cluster, path)
    headers = _identity(user, tls, path, job)
    namespace = str(context.get("namespace") or "default")
    return Cluster(server.rstrip("/"), tls, headers, namespace, name)


def _paths(environment: Mapping[str, str]) -> list[Path]:
    given = environment.get("KUBECONFIG", "")
    if given:
        return [Path(each) for each in given.split(os.pathsep) if each]
    return [Path(environment.get("HOME", "/nonexistent")) / ".kube" / "config"]


def _own(job: Job, environment: Mapping[str, str]) -> Cluster:
    try:
        token = (_ACCOUNT / "token").read_text(encoding="utf-8").strip()
        namespace = (_ACCOUNT / "namespace").read_text(encoding="utf-8").strip()
        host, port = environment["KUBERNETES_SERVICE_HOST"], environment["KUBERNETES_SERVICE_PORT"]
        tls = ssl.create_default_context(cafile=str(_ACCOUNT / "ca.crt"))
    except (OSError, KeyError):
        raise InputError(
            "no cluster: there is no kubeconfig, and this is no pod of one",
            hint="Set KUBECONFIG to the cluster's file",
        ) from None
    server = f"https://{f'[{host}]' if ':' in host else host}:{port}"
    _check(server, "this pod's cluster", job)
    return Cluster(server, tls, {"Authorization": f"Bearer {token}"}, namespace, "in-cluster")


def _check(server: str, context: str, job: Job) -> None:
    """Raise NotPermittedError unless the user's settings allow the API server's host."""
    host = host_of(server)
    if not server.startswith("https://"):
        raise UnsupportedError(
            f"{server}: expected https:// for an API server", hint="Its tokens would be readable"
        )
    if not is_loopback(host) and host not in job.permissions.hosts:
        raise NotPermittedError(
            f"{host} is the API server of {context or 'the current context'}, which is not allowed",
            hint=f"If load may be started from there, allow it by name: --allow-host {host}",
        )


def _read(path: Path) -> Mapping[str, Any]:
    try:
        if path.stat().st_size > _LARGEST:
            raise UnreadableError(f"{path}: larger than a kubeconfig can be", hint=_NEXT)
        config = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnreadableError(f"{path}: {error.strerror}", hint=_NEXT) from None
    except (UnicodeDecodeError, yaml.YAMLError, RecursionError):
        raise UnreadableError(f"{path}: expected YAML", hint=_NEXT) from None
    if not isinstance(config, dict):
        raise UnreadableError(f"{path}: expected a kubeconfig", hint=_NEXT)
    return config


def _named(
    config: Mapping[str, Any], group: str, key: str, name: str, path: Path
) -> Mapping[str, Any]:
    entries = config.get(group)
    for entry in entries if isinstance(entries, list) else ():
        found = entry.get(key) if isinstance(entry, dict) and entry.get("name") == name else None
        if isinstance(found, dict):
            return found
    raise UnreadableError(f"{path}: {group} hold no {key} {name!r}", hint=_NEXT)


def _trust(cluster: Mapping[str, Any], path: Path) -> ssl.SSLContext:
    if cluster.get("insecure-skip-tls-verify"):
        raise UnsupportedError(
            f"{path}: insecure-skip-tls-verify is set; whoever answers would get the token",
            hint="Give the cluster's certificate-authority-data instead",
        )
    data = _bytes(cluster, "certificate-authority", path)
    try:
        return ssl.create_default_context(cadata=data.decode("ascii") if data else None)
    except (ssl.SSLError, UnicodeDecodeError, ValueError):
        raise UnreadableError(f"{path}: certificate-authority is none", hint=_NEXT) from None


def _bytes(entry: Mapping[str, Any], key: str, path: Path) -> bytes | None:
    """Return what `key-data` holds, or the file that `key` names, beside the kubeconfig."""
    try:
        if f"{key}-data" in entry:
            return base64.b64decode(str(entry[f"{key}-data"]), validate=True)
        if key in entry:
            return (path.parent / str(entry[key])).read_bytes()
    except (OSError, binascii.Error):
        raise UnreadableError(f"{path}: {key} cannot be read", hint=_NEXT) from None
    return None


def _identity(
    user: Mapping[str, Any], tls: ssl.SSLContext, path: Path, job: Job
) -> Mapping[str, str]:
    """Return the headers that say who we are; a client certificate goes into `tls`."""
    certificate = _bytes(user, "client-certificate", path)
    key = _bytes(user, "client-key", path)
    if certificate and key:
        _present(tls, certificate, key, path)
    token = user.get("token")
    if token is None and "tokenFile" in user:
        token = (_bytes(user, "tokenFile", path) or b"").decode("ascii", "replace").strip()
    if token is None and "exec" in user:
        token = _asked(user["exec"], tls, path, job)
    if "auth-provider" in user or "username" in user:
        raise UnsupportedError(
            f"{path}: a user with auth-provider or a password, which clusters no longer take",
            hint="Use a token, a certificate or an exec plugin",
        )
    return {"Authorization": f"Bearer {token}"} if token else {}


def _present(tls: ssl.SSLContext, certificate: bytes, key: bytes, path: Path) -> None:
    with scratch.folder() as folder:  # ssl reads files alone
        both = Path(folder) / "client.pem"
        both.touch(mode=0o600)
        both.write_bytes(certificate + b"\n" + key)
        try:
            tls.load_cert_chain(both)
        except ssl.SSLError:
            raise UnreadableError(f"{path}: client-certificate is none", hint=_NEXT) from None


def _asked(plugin: Any, tls: ssl.SSLContext, path: Path, job: Job) -> str | None:
    """Return the token of the program that the user's kubeconfig names, as kubectl asks it."""
    from slowcoach.core.process import run

    try:
        argv = [str(plugin["command"]), *map(str, plugin.get("args") or ())]
        extra = {str(each["name"]): str(each["value"]) for each in plugin.get("env") or ()}
        version = str(plugin["apiVersion"])
    except (KeyError, TypeError, AttributeError):
        raise UnreadableError(f"{path}: users.exec is not whole", hint=_NEXT) from None
    job.permissions.require_execute(f"{argv[0]} of {path}")
    info = {"apiVersion": version, "kind": "ExecCredential", "spec": {"interactive": False}}
    environment = {**os.environ, **extra, "KUBERNETES_EXEC_INFO": json.dumps(info)}
    done = run(argv, deadline_s=_HELPER_S, cancellation=job.cancellation, env=environment)
    try:
        status = json.loads(done.stdout)["status"]
        certificate = status.get("clientCertificateData")
        if certificate:
            _present(tls, certificate.encode(), str(status["clientKeyData"]).encode(), path)
        token = status.get("token")
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UnreadableError(f"{argv[0]}: expected an ExecCredential", hint=_NEXT) from None
    return None if token is None else str(token)
