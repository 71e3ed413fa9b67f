"""The built-in engine: HTTP/1.1 and TLS from this machine, with no program to install."""

from slowcoach.load.builtin.engine import run
from slowcoach.load.engine_kind import Engine

ENGINE = Engine(
    name="builtin",
    title="Slowcoach's own load generator",
    missing=lambda: None,
    run=run,
)
