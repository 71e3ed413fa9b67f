import json
from pathlib import Path

CLAUSES: dict[str, str] = json.loads((Path(__file__).parent / "clauses.json").read_text())
FRAME = """<!doctype html><title>Lease {{ lease.number }}</title>
<h1>{{ lease.street }}</h1><p>{{ lease.landlord }} lets to {{ lease.tenant }} from {{ lease.start }}.</p>
{% for text in clauses %}<section>{{ text|safe }}</section>
{% endfor %}"""


def clause_text(name: str) -> str | None:
    return FRAME if name == "frame" else CLAUSES.get(name)


def names_for(kinds: list[str]) -> list[str]:
    return [name for name in CLAUSES if name.split("/")[0] in kinds]
