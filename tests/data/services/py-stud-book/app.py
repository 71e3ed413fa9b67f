"""Questions of breeders to the stud book."""
import os
from collections import Counter

from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPBadRequest, HTTPNotFound
from waitress import serve

from herd import Branch, Horse, StudBook, descent, walk

BOOK = StudBook(years=70, foals_a_year=5000)
MOST = 25_000


def horse_or_404(request) -> Horse:
    horse = BOOK.find(int(request.matchdict["number"]))
    if horse is None:
        raise HTTPNotFound()
    return horse


def number_param(request, name: str, default: int, low: int, high: int) -> int:
    try:
        value = int(request.params.get(name, default))
    except ValueError:
        raise HTTPBadRequest(name) from None
    if not low <= value <= high:
        raise HTTPBadRequest(name)
    return value


def brief(horse: Horse) -> dict:
    return {"number": horse.number, "name": horse.name, "born": horse.born, "coat": horse.coat,
            "sex": "mare" if horse.mare else "stallion"}


def line_of(branch: Branch) -> list[str]:
    names = []
    while branch is not None:
        names.append(branch.horse.name)
        branch = branch.above
    return names[::-1]


def influence(root: Branch) -> dict:
    """How a horse lives on: by generation, by coat, and its longest line."""
    generations, coats, deepest = Counter(), Counter(), root
    for branch in walk(root):
        generations[branch.depth] += 1
        if branch.horse.coat == root.horse.coat:
            coats[branch.depth] += 1
        if (branch.depth, branch.horse.born) > (deepest.depth, deepest.horse.born):
            deepest = branch
    return {
        "generations": [{"depth": d, "lines": n, "same_coat": round(coats[d] / n, 3)}
                        for d, n in sorted(generations.items())],
        "longest_line": line_of(deepest),
    }


def descendants(request):
    horse = horse_or_404(request)
    generations = number_param(request, "generations", 3, 1, 8)
    root = descent(horse, generations, MOST)
    return {"horse": brief(horse), **influence(root)}


def show(request):
    horse = horse_or_404(request)
    return brief(horse) | {"sire": horse.sire and brief(horse.sire), "dam": horse.dam and brief(horse.dam),
                           "foals": len(horse.foals)}


def crop(request):
    year = int(request.matchdict["year"])
    foals = list(BOOK.of_year(year))
    return {"year": year, "foals": len(foals), "studs": Counter(f.stud for f in foals)}


def health(request):
    return {"status": "ok"}


def make_app():
    with Configurator() as config:
        for name, pattern, view in (
            ("descendants", r"/horses/{number:\d+}/descendants", descendants),
            ("horse", r"/horses/{number:\d+}", show),
            ("crop", r"/crops/{year:\d+}", crop),
            ("health", "/health", health),
        ):
            config.add_route(name, pattern)
            config.add_view(view, route_name=name, renderer="json")
        return config.make_wsgi_app()


if __name__ == "__main__":
    serve(make_app(), host="127.0.0.1", port=int(os.environ["PORT"]), threads=8, _quiet=True)
