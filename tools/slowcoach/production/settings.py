"""Where production may be asked: addresses and tokens from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from slowcoach.core.errors import InputError
from slowcoach.core.permission import host_of

PREFIX = "SLOWCOACH_"


@dataclass(frozen=True, slots=True)
class Server:
    """A server that may be asked. What it holds is never part of a text."""

    url: str = field(repr=False)  # may hold a user and a password
    token: str = field(default="", repr=False)
    tenant: str = ""
    authority: str = ""  # a file of the certificates to trust


def server_of(name: str, environment: Mapping[str, str] = os.environ) -> Server | None:
    """Return the server of SLOWCOACH_<NAME>_URL, _TOKEN, _TENANT and _CA; None where unset.

    Raises InputError for an address that is no http or https URL.
    """
    variable = f"{PREFIX}{name}_URL"
    url = environment.get(variable, "").strip().rstrip("/")
    if not url:
        return None
    try:
        host_of(url)
    except InputError:
        raise InputError(
            f"{variable}: expected http:// or https:// and a host", hint="Set or unset it"
        ) from None

    def further(what: str) -> str:
        return environment.get(f"{PREFIX}{name}_{what}", "").strip()

    return Server(url, further("TOKEN"), further("TENANT"), further("CA"))


def is_named(name: str) -> bool:
    """Tell whether the settings name a server, whether or not the address is one."""
    return bool(setting(f"{name}_URL"))


def setting(name: str, environment: Mapping[str, str] = os.environ) -> str:
    """Return the setting SLOWCOACH_<NAME>, "" where unset."""
    return environment.get(PREFIX + name, "").strip()
