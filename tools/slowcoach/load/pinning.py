"""Keep other programs to the addresses of a target: which one to use, and all that are not."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Mapping
from contextlib import closing

from slowcoach.core.errors import UnreachableError
from slowcoach.load.targets import Target

_PROBE_S = 5.0
# nobody listens on port 1: what honours a proxy and is not for the target ends there
_NOWHERE = "http://127.0.0.1:1"
_OWN = ("K6_", "LOCUST_")
_PASSED = ("PATH", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "SSL_CERT_FILE", "SSL_CERT_DIR")


def accepting_address(target: Target) -> str:
    """Return the first address of a target that accepts a connection.

    "localhost" has two and a server may listen on one. Where none accepts, the first: that the
    target refuses is for the test to show.
    """
    for address in target.addresses if len(target.addresses) > 1 else ():
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
            probe.settimeout(_PROBE_S)
            if probe.connect_ex((address, target.port)) == 0:
                return address
    if not target.addresses:
        raise UnreachableError(f"{target.host}: the name has no address", hint="Check the URL")
    return target.addresses[0]


def all_but(address: str) -> list[str]:
    """Return the networks that hold every address, of IPv4 and IPv6, but one."""
    kept = ipaddress.ip_network(address.partition("%")[0])
    if isinstance(kept, ipaddress.IPv4Network):
        others = ipaddress.IPv4Network("0.0.0.0/0").address_exclude(kept)
        return [*map(str, others), "::/0"]
    return [*map(str, ipaddress.IPv6Network("::/0").address_exclude(kept)), "0.0.0.0/0"]


def environment(
    target: Target, given: Mapping[str, str], *, home: str, whole: bool
) -> dict[str, str]:
    """Return the environment of a load generator.

    Without settings of the user's own for k6 or Locust (an output to a cloud, a configuration
    file) and with a proxy that leads nowhere for all but the target, so that nothing is asked
    elsewhere. `whole` passes the rest of this process's environment, for a user's own script.
    """
    base = {
        name: value
        for name, value in os.environ.items()
        if (whole and not name.upper().startswith(_OWN)) or name in _PASSED
    }
    base = {name: value for name, value in base.items() if not name.lower().endswith("_proxy")}
    reached = ",".join((target.host, *target.addresses, "localhost", "127.0.0.1", "::1"))
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        base[name] = base[name.upper()] = _NOWHERE
    base["no_proxy"] = base["NO_PROXY"] = reached
    return {**base, "HOME": home, "XDG_CONFIG_HOME": home, **given}
