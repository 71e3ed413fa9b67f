"""TypeScript's source: JavaScript's nodes, and types beside them."""

from slowcoach.profiling.source.javascript import TYPED
from slowcoach.profiling.source.syntax import Language

LANGUAGE = Language(
    "typescript",
    (".ts", ".tsx", ".mts", ".cts"),
    ("tree_sitter", TYPED.module),
    TYPED.functions_of,
)
