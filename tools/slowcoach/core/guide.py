"""Find a page, a rule or a phase of the methodology by what someone calls it."""

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from slowcoach.core.knowledge import URI, Page, Rule, Skill, pages, rules, skills

INDEX = f"{URI}knowledge"
_STOP = frozenset(
    re.findall(
        r"\w+",
        "a an and are at be by can do does for from get give guide how i in is it its me my of on "
        "or our page please should show tell that the this to we what when which why with you",
    )
)
# how much a word of the topic counts by where it stands, and by how well it fits
_BY_NAME, _BY_KEYWORD, _BY_DESCRIPTION = 1.0, 0.9, 0.5
_SAME, _BEGINS_ALIKE, _MISSPELT = 1.0, 0.8, 0.7
_ALIKE = 0.8
_LEAST_PREFIX = 4
_GOOD_ENOUGH = 0.5
_PHRASE = 0.2
_RULE = 0.75  # a page explains what a rule only judges: it comes first unless the rule is named


@dataclass(frozen=True)
class Guide:
    """One thing that can be read: its names, and where the whole of it is."""

    id: str
    title: str
    description: str
    uri: str
    phase: int | None
    keywords: tuple[str, ...]
    item: Page | Rule | Skill

    def text(self) -> str:
        """Return the whole text, without front matter."""
        if isinstance(self.item, Skill):
            return self.item.files["SKILL.md"].decode().split("---\n", 2)[2].strip()
        return self.item.text()

    @cached_property
    def vocabulary(self) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        """Return the words of its names, of its keywords and of its description."""
        return (
            frozenset(_plain(f"{self.id} {self.title}").split()),
            frozenset(_plain(" ".join(self.keywords)).split()),
            frozenset(_plain(self.description).split()),
        )


@cache
def guides() -> tuple[Guide, ...]:
    """Return pages, then rules, then the skills of the phases."""
    return tuple(_guides())


def _guides() -> Iterator[Guide]:
    for page in sorted(pages().values(), key=_by_phase):
        yield Guide(
            page.id, page.title, page.description, page.uri, page.phase, page.keywords, page
        )
    for rule in rules().values():
        cause = (rule.cause,) if rule.cause else ()
        yield Guide(rule.id, rule.title, "", f"{URI}rules/{rule.id}", None, cause, rule)
    for name, skill in skills().items():
        phase = int(name.split("-")[1])
        uri = f"skill://{skill.name}/SKILL.md"
        title = skill.files["SKILL.md"].decode().split("\n# ", 1)[1].split("\n", 1)[0]
        names = (f"phase {phase}", str(phase))
        yield Guide(skill.name, title, skill.description, uri, phase, names, skill)


def _by_phase(page: Page) -> tuple[bool, int, str]:
    return (page.phase == 0, page.phase, page.id)  # what belongs to no phase comes last


def ranked(topic: str, known: Sequence[Guide]) -> list[tuple[float, Guide]]:
    """Return guides by how well they fit the topic, the best first, with a score of 0 to about 1.

    A whole name (id, title, address or keyword) fits fully; ties keep the order of `known`.
    """
    wanted = _plain(topic)
    words = [word for word in wanted.split() if word not in _STOP] or wanted.split()
    scored = [(_score(topic.strip(), wanted, words, guide), guide) for guide in known]
    return sorted(scored, key=lambda pair: -pair[0])


def find(topic: str, known: Sequence[Guide]) -> Guide | None:
    """Return the guide that the topic means, or None when nothing fits well enough."""
    score, best = ranked(topic, known)[0]
    return best if score >= _GOOD_ENOUGH else None


def also(topic: str, known: Sequence[Guide], found: Guide, count: int) -> tuple[str, ...]:
    """Return the ids of up to `count` others that fit too."""
    near = (guide for score, guide in ranked(topic, known) if score >= _GOOD_ENOUGH)
    return tuple(guide.id for guide in near if guide is not found)[:count]


def _score(topic: str, wanted: str, words: Sequence[str], guide: Guide) -> float:
    if topic == guide.uri or wanted in {_plain(guide.id), _plain(guide.title)}:
        return 2.0
    keywords = {_plain(keyword) for keyword in guide.keywords}
    if wanted in keywords:
        return 1.5
    if not words:
        return 0.0
    by_word = sum(_fit(word, *guide.vocabulary) for word in words) / len(words)
    if isinstance(guide.item, Rule):
        by_word *= _RULE
    phrases = any(" " in keyword and f" {keyword} " in f" {wanted} " for keyword in keywords)
    return by_word + (_PHRASE if phrases else 0.0)


def _fit(
    word: str, name: frozenset[str], keywords: frozenset[str], description: frozenset[str]
) -> float:
    return max(
        _BY_NAME * _alike(word, name),
        _BY_KEYWORD * _alike(word, keywords),
        _BY_DESCRIPTION * _alike(word, description),
    )


def _alike(word: str, known: Iterable[str]) -> float:
    names = list(known)
    if word in names:
        return _SAME
    if len(word) >= _LEAST_PREFIX:
        if any(_begins_alike(word, name) for name in names):
            return _BEGINS_ALIKE
        if difflib.get_close_matches(word, names, n=1, cutoff=_ALIKE):
            return _MISSPELT
    return 0.0


def _begins_alike(word: str, name: str) -> bool:
    return len(name) >= _LEAST_PREFIX and (name.startswith(word) or word.startswith(name))


def _plain(text: str) -> str:
    return " ".join(_singular(word) for word in re.findall(r"[a-z0-9+#%]+", text.lower()))


def _singular(word: str) -> str:
    return word[:-1] if re.fullmatch(r"\w{3,}[^s]s", word) else word


def sections(text: str) -> dict[str, str]:
    """Return the parts of a text by their second-level headings."""
    parts = re.split(r"^## +", text, flags=re.MULTILINE)[1:]
    return {part.split("\n", 1)[0].strip(): f"## {part.strip()}" for part in parts}


def cut(text: str, most: int) -> str:
    """Return the text, ended at a line's end before `most` characters; a code block is closed."""
    if len(text) <= most:
        return text
    kept = text[: text.rfind("\n", 0, most)].rstrip()
    return f"{kept}\n```" if kept.count("```") % 2 else kept
