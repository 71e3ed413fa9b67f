"""Values as literals of JavaScript, from which no text can break out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def js(value: Any) -> str:
    """Return a JavaScript literal that cannot end a string, a line or a script element."""
    if isinstance(value, Mapping):
        pairs = (f"{js_key(str(key))}: {js(each)}" for key, each in value.items())
        return f"{{ {', '.join(pairs)} }}" if value else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(js, value))}]"
    text = json.dumps(value)
    if isinstance(value, str):
        inner = text[1:-1].replace('\\"', '"').replace("'", "\\'").replace("<", "\\u003c")
        return f"'{inner}'"
    return text


def js_key(key: str) -> str:
    """Return a name as the key of an object."""
    if key == "__proto__":
        return "['__proto__']"
    return key if key.isascii() and key.isidentifier() else js(key)
