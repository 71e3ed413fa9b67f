"""What a sentence names (addresses, files, SQL, figures) becomes one word of its kind."""

import re
from collections.abc import Callable
from typing import Final

_FLAGS: Final = re.IGNORECASE | re.DOTALL
_NUMBER: Final = r"\d[\d.,]*k?"
_FEW: Final = (
    r"(?:two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|several|many|"
    r"some|a few)"
)
_VERSION: Final = r"\bv?\d+\.\d+[\w.]*\b"
_DATA: Final = r"(?:json|txt|csv|out|log|xml)"
_UNIT: Final = r"(?:s|secs?|seconds?|ms|milliseconds?|mins?|minutes?)"
_RULES: Final[tuple[tuple[str, str], ...]] = (
    (r"(?:https?://|\b(?:localhost|127\.0\.0\.1|\[::1\]):\d+)\S*", "zurl"),
    (
        r"\b(?:select\b(?!\s+(?:so|is|statement|query|slow|fast|that|which|it)\b).{1,400}?\bfrom|"
        r"update\s+\S+\s+set|delete\s+from|insert\s+into|with\s+\w+\s+as\s*\()"
        r"(?:(?!,? (?:is|takes|which|why|needs) ).)*",
        "zsql",
    ),
    (r"\b(?:main|app|vendor|index|bundle)[\w.-]*\.js\b", "zjs"),
    (r"\bplan\.(?:txt|json|sql)\b|\bexplain\.(?:txt|json)\b|\S+\.sql\b", "zplan"),
    (r"[\w./-]+\.(?:heapsnapshot|hprof)\b", "heapsnapshot"),
    (r"[\w./-]+\.(?:cpuprofile|prof|pprof|pb\.gz|jfr|speedscope\.json|collapsed)\b", "zprofile"),
    (rf"(?<![\w.])~?/(?:[\w.-]+/)*([\w-][\w.-]*\.{_DATA})\b", r"\1"),
    (
        rf"[\w/-][\w./-]*\.({_DATA})\b\s*(?:,|(?:(?:is|are|was|really|truly|much|any|[a-z]+er)\s)*"
        r"(?:and|vs\.?|versus|with|to|against|or|than|from))?\s*[\w/-][\w./-]*\.\1\b",
        "zpair",
    ),
    (r"[\w./-]+\.jtl\b", "jtl"),
    (r"[\w./-]+\.har\b", "har"),
    (r"[\w./-]+\.(?:py|go|m?js|tsx?|java|rb|rs|c|cc|cpp|cs|php|kt|scala|ex)\b(?::\d+)?", "zsource"),
    (r"\b\w+(?:(?:\.|::)\w+)*\(\)", "zident"),
    (r"(?<![\w/:])[a-z_][\w./]*:[a-z_]\w*\b(?![/:])", "zident"),
    (r"\b(?!(?:pg_stat_statements|node_modules)\b)[a-z]+_[a-z0-9_]+\b", "zident"),
    (r"(?-i:\b[a-z]+[A-Z]\w+\b|\b(?:[A-Z][a-z0-9]+){2,}\b)", "zident"),
    (r"\b\w+::\w+\b|\b(?!node\.js|next\.js|vue\.js)[a-z]{3,}\.[a-z_]{3,}\b(?!/)", "zident"),
    (r"(?<![\w.])/[a-z][\w/{}.:-]*", "zpath"),
    (r"\b(?:pid|process)\s+\d+", "zpid"),
    (r"\bn\s?\+\s?1\b|\bn plus (?:one|1)\b", "znplusone"),
    (rf"{_VERSION}\s?(?:,|and|vs\.?|versus|with|to|against|or)\s{_VERSION}", "zversions"),
    (r"\brun\s#?(?=[\w-]*\d)(?=[\w-]*[a-z])[\w-]+\b", "run zversion"),
    (r"\bv\d+(?:\.\d+)*\b|(?<=pr )#?\d+\b|\b(?=\d*[a-f])(?=[a-f]*\d)[0-9a-f]{7,40}\b", "zversion"),
    (r"(?-i:\b(?!OutOfMemory)[A-Z]\w*(?:Error|Exception)\b)|\b[45]\d\d errors?\b", "zerror"),
    (r"\bout of 100?\b|\b[01]\s?(?:to|-|–)\s?100?\b", "zoutof"),
    (
        rf"\b{_NUMBER}\s(?:servers|pods|nodes|instances|replicas|machines|cores|hosts)\b",
        "zservers",
    ),
    (rf"\b{_NUMBER}\s?(?:h|hrs?|hours?|days?)\b|\b{_FEW} (?:hours|days)\b", "zhours"),
    (r"\b\d+(?:\.\d+)?\s?x\b|\bx\s?\d+\b", "ztimes"),
    (
        rf"\b{_NUMBER}\s?(?:rps|req(?:s|uests)?\s?(?:/|per |a )\s?s(?:ec(?:ond)?)?|qps|r/s)\b",
        "zrps",
    ),
    (
        rf"\b(?:{_NUMBER}|hundreds? of|thousands? of)\s(?:more |concurrent |virtual |simultaneous |"
        r"parallel |active )*(?:users|clients|vus|people|visitors|customers)\b",
        "zusers",
    ),
    (rf"\b{_NUMBER}\s(?:concurrent |parallel |open )*connections\b", "zconnections"),
    (r"\bp\d\d+(?:\.\d+)?\b|\b\d\d(?:\.\d+)?(?:th)? percentile\b", "zpercentile"),
    (
        r"\b(?:return|returns|returning|answers?|answering|status|throws?|gives?|code|get|gets|"
        r"getting|shows?) (?:a |an |me |with )*[45]\d\d\b",
        "zstatus",
    ),
    (rf"\b{_NUMBER}\s?{_UNIT}\b|\b{_FEW} {_UNIT}\b", "zseconds"),
    (r"\d[\d.,]*\s?%", "zpercent"),
    (r"\blike '?%\S*", "zlike"),
    (r"(?<![^\W_])\d[\d.,]*", "0"),
)
_COMPILED: Final = tuple((re.compile(pattern, _FLAGS), f" {word} ") for pattern, word in _RULES)


def masked(text: str) -> str:
    """Return the sentence in lower case with placeholders (`zurl`, `zsql`, `zident`, ...)."""
    for pattern, word in _COMPILED:
        text = pattern.sub(word, text)
    return text.lower().replace("’", "'").replace("'s", " s").replace("'", "")


_WORD: Final = re.compile(r"[^\W\d_][\w]*|\+|\d")


def words(text: str, spelled: Callable[[str], str] = str) -> list[str]:
    """Return the stems of a masked text's words, each spelled right before."""
    return [stem(spelled(word)) for word in _WORD.findall(text)]


_ENDINGS: Final = ("ingly", "ings", "ing", "edly", "ed", "ies", "es", "s", "ly", "e")
_LEAST = 3


def stem(word: str) -> str:
    """Return a word less its ending: enough to bring forms of one word together."""
    if len(word) <= _LEAST or word.startswith("z"):
        return word
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST:
            return _base(word.removesuffix(ending), ending)
    return word


def _base(base: str, ending: str) -> str:
    if ending == "ies":
        return f"{base}y"
    if len(base) > _LEAST and base[-1] == base[-2] and base[-1] not in "aeiousl":
        base = base[:-1]
    return f"{base[:-1]}y" if base.endswith("i") else base
