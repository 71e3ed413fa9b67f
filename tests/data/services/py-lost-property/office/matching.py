"""How well a description fits what was found."""
from .shelf import Found, at


def common_run(a: str, b: str) -> int:
    best = 0
    for i in range(len(a)):
        for j in range(len(b)):
            k = 0
            while i + k < len(a) and j + k < len(b) and a[i + k] == b[j + k]:
                k += 1
            if k > best:
                best = k
    return best


def words_in_common(a: str, b: str) -> int:
    return len(set(a.split()) & set(b.split()))


def score(claim: str, found: Found) -> float:
    run = common_run(claim, found.text)
    return round(run / len(found.text) + 0.4 * words_in_common(claim, found.text), 3)


def best_matches(station: str, description: str, limit: int = 5) -> list[dict]:
    claim = " ".join(description.lower().split())
    scored = [(score(claim, found), found) for found in at(station)]
    scored.sort(key=lambda pair: (-pair[0], pair[1].number))
    return [{"number": f.number, "text": f.text, "score": s} for s, f in scored[:limit]]
