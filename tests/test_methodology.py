"""Every statement of the user's methodology has its datum in knowledge/pages."""

import re

import pytest

import needs
from methodology import Datum, Statement, data, statements
from slowcoach.core.knowledge import pages


@pytest.fixture(scope="module")
def text() -> str:
    return needs.shared("methodology.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def known() -> list[Datum]:
    return [datum for page in pages().values() for datum in data(page.id, dict(page.data))]


def test_every_row_line_leaf_and_key_of_the_methodology_has_its_datum(
    text: str, known: list[Datum]
) -> None:
    missing = [str(s) for s in statements(text) if not any(datum.holds(s) for datum in known)]
    assert not missing, f"{len(missing)} statements are in no page:\n" + "\n".join(missing)


def test_the_walk_sees_what_the_methodology_holds(text: str) -> None:
    seen = [statement.kind for statement in statements(text)]
    assert seen.count("table row") == 8 + 6 + 13
    assert seen.count("box row") == 8 + 4
    assert seen.count("check") == 70
    assert seen.count("leaf") == 36
    assert seen.count("command") == 12


def test_a_statement_with_another_number_is_not_found(known: list[Datum]) -> None:
    invented = Statement("table row", 0, "| P95 response | <501ms | <250ms | <800ms | N/A |")
    assert not any(datum.holds(invented) for datum in known)


def test_the_sentences_of_the_methodology_are_not_copied(text: str) -> None:
    """Prose is written anew: no run of eight words is the same (commands and formulas may be)."""
    prose = [line for line in text.splitlines() if not re.search(r"[={};|/]|\w\(|--|npx", line)]
    runs = {run for line in prose for run in _runs(line)}
    copied = {
        page.id: found
        for page in pages().values()
        if (found := runs & {run for line in _shown(page.text()) for run in _runs(line)})
    }
    assert not copied


def _shown(text: str) -> list[str]:
    return re.sub(r"```.*?```", "", text, flags=re.DOTALL).splitlines()


def _runs(text: str, length: int = 8) -> list[tuple[str, ...]]:
    found = re.findall(r"[a-z]+", text.lower())
    return [tuple(found[at : at + length]) for at in range(len(found) - length + 1)]
