"""The twelve commands in words that no page has: they end in their playbooks through `ask`."""

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from rapidfuzz import fuzz, process

from asking import ask_here
from slowcoach.core.knowledge import commands

ROOT = Path(__file__).resolve().parents[1]
ASKED = Path(__file__).parent / "data" / "routing" / "asked"
_NEAR = 88  # of 100: the same sentence but for a word
_EVERY = 3


def asked() -> dict[str, list[str]]:
    """Return the sentences by the command that they mean."""
    return {
        file.stem: file.read_text(encoding="utf-8").splitlines()
        for file in sorted(ASKED.glob("*.txt"))
    }


def plain(text: str) -> str:
    """Return the words alone, in lower case."""
    return " ".join(re.findall(r"\w+", text.lower()))


def pages() -> Iterator[Path]:
    """Yield everything that the vocabulary could have been made from, or that shows examples."""
    folders = ("knowledge", "prompts", "docs", "examples", "server", "tools")
    for folder in folders:
        yield from (f for f in (ROOT / folder).rglob("*") if f.suffix in {".md", ".py", ".txt"})
    yield from (ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md"))
    routing = ASKED.parent
    yield from chain(routing.glob("*.txt"), (routing / "unseen").glob("*.txt"))
    yield Path(__file__).with_name("test_routing.py")
    yield Path(__file__).with_name("test_ask.py")


def test_each_command_is_said_in_three_ways_at_least() -> None:
    said = asked()
    assert set(said) == set(commands())
    assert all(len(set(lines)) >= _EVERY for lines in said.values())


def test_no_page_and_no_example_has_these_sentences() -> None:
    texts = {path: f" {plain(path.read_text(encoding='utf-8'))} " for path in pages()}
    assert len(texts) > 200
    for sentence in chain.from_iterable(asked().values()):
        words = f" {plain(sentence)} "
        assert [path for path, text in texts.items() if words in text] == [], sentence


def test_none_is_an_example_with_a_word_changed() -> None:
    routing = ASKED.parent
    files = chain(routing.glob("*.txt"), (routing / "unseen").glob("*.txt"))
    lines = chain.from_iterable(file.read_text(encoding="utf-8").splitlines() for file in files)
    says = chain.from_iterable(command.says for command in commands().values())
    examples = [plain(line) for line in chain(lines, says) if line]
    for sentence in chain.from_iterable(asked().values()):
        nearest = process.extractOne(plain(sentence), examples, scorer=fuzz.ratio)
        assert nearest[1] < _NEAR, (sentence, nearest[0])


@pytest.mark.slow
@pytest.mark.parametrize("command", sorted(asked()))
def test_a_command_said_in_other_words_ends_in_its_playbook(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    right = 0
    for sentence in asked()[command][:4]:
        code, answer = ask_here(sentence)
        assert code in {0, 2}, answer
        assert "failed inside" not in answer["summary"]
        if answer["command"] == command:
            right += 1
            assert answer["steps"] or answer["error"]["hint"], answer
    assert right >= _EVERY
