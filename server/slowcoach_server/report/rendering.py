"""A page as HTML: as a file of its own, or as the pictures that an app shows in a client."""

from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from slowcoach.core.units import share
from slowcoach_server.report.embedding import content_policy, embedded_json
from slowcoach_server.report.page import Page

_VENDOR = "vendor/flamegraph.js"
_FLAME = (_VENDOR, "flame.js")
_TREE = ("tree.js",)
_APP = ("app.js",)
_STYLES = ("style.css",)
_APP_STYLES = ("style.css", "app.css")


@cache
def part(path: str) -> str:
    """Return one of our own files."""
    place = files("slowcoach_server.report").joinpath(*path.split("/"))
    return place.read_text(encoding="utf-8").strip()


def render(page: Page) -> str:
    """Return the page as HTML. All texts are escaped; scripts and styles are allowed by hash."""
    drawn = _drawn(page)
    scripts = [*(_FLAME if drawn else ()), *(_TREE if page.plan else ())]
    styles, code = _texts(_STYLES), _code(scripts)
    return _filled(
        "page.html.j2",
        page=page,
        compact=False,
        policy=content_policy(styles, code),
        styles=_trusted(styles),
        scripts=_trusted(code),
        data=[Markup(embedded_json(flame.data)) for flame in drawn],  # noqa: S704 - escaped
    )


def pictures(page: Page) -> dict[str, Any]:
    """Return a run's pictures for an app: the same parts as on the page, with the graphs' data.

    All texts are escaped in `html`; `data` stands in the order of the flame graphs.
    """
    return {
        "status": page.run.status,
        "title": page.tool,
        "html": _filled("parts/pictures.html.j2", page=page, compact=True),
        "data": [flame.data for flame in _drawn(page)],
    }


def app_page(title: str, *, flames: bool = False, tree: bool = False) -> str:
    """Return the page of an app, which holds nothing yet: the client's host gives it the run."""
    scripts = [*(_FLAME if flames else ()), *(_TREE if tree else ()), *_APP]
    styles, code = _texts(_APP_STYLES), _code(scripts)
    return _filled(
        "app.html.j2",
        title=title,
        policy=content_policy(styles, code),
        styles=_trusted(styles),
        scripts=_trusted(code),
    )


def _filled(template: str, **context: Any) -> str:
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=FunctionLoader(part),
    )
    return environment.get_template(template).render(percent=share, **context)


def _texts(names: Iterable[str]) -> list[str]:
    return [part(name) for name in names]


def _code(names: Sequence[str]) -> list[str]:
    """Return what others wrote, and after it what is our own as one."""
    own = "\n".join(_texts(name for name in names if name != _VENDOR))
    return [*_texts(name for name in names if name == _VENDOR), *([own] if own else [])]


def _drawn(page: Page) -> tuple[Any, ...]:
    return page.flames.profiles if page.flames else ()


def _trusted(texts: Iterable[str]) -> list[Markup]:
    """Mark our own files as what they are: nothing from a run is in them."""
    return [Markup(text) for text in texts]  # noqa: S704
