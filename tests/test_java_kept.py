"""Caches inside libraries and those that programs made by hand, by what JVMs and javac wrote."""

import subprocess
import time
from pathlib import Path

import pytest

import needs
from slowcoach.diagnosis.evidence.java_cache_libraries import is_entry, named
from slowcoach.diagnosis.evidence.java_caches import Asked, Rate, evicting, has_caches
from slowcoach.diagnosis.evidence.java_class_files import calling, calls_of, takes_out
from slowcoach.diagnosis.evidence.java_kept import replaced
from slowcoach.diagnosis.evidence.java_threads import asks, units_of
from slowcoach.diagnosis.evidence.waits import Wait
from slowcoach.profiling.recorders.java_threads import threads_of

DATA = Path(__file__).parent / "data"
NODE, MAP = "java.util.HashMap$Node", "java.util.HashMap"
MRU = "freemarker.cache.MruCacheStorage"
# counts of class histograms: before the first request, amid the load, with what died, after it
HISTOGRAMS = {
    "java-cloth-patterns": {
        NODE: (4921, 5036, 5582, 4966),
        MAP: (320, 348, 444, 320),
        "Shelf$Node": (0, 30, 378, 30),
        "App$Weave": (0, 30, 378, 30),
    },
    "java-cider-press": {
        "[D": (2, 50, 400, 42),
        NODE: (4921, 5056, 5280, 4976),
        MAP: (320, 352, 384, 320),
    },
    "java-ferry-notes": {
        "org.apache.velocity.Template": (0, 38, 263, 30),
        "org.apache.velocity.runtime.resource.ResourceCacheImpl": (1, 1, 1, 1),
        "java.util.LinkedHashMap$Entry": (1199, 1229, 1422, 1229),
        "java.util.LinkedHashMap": (9, 9, 9, 9),
    },
    # a record of the last requests, three for each
    "java-tram-log": {
        NODE: (4921, 5006, 5268, 4948),
        MAP: (319, 347, 407, 323),
        "RecentCache$Entry": (0, 100, 145, 100),
    },
    # requests make a library's caches for themselves
    "java-menu-cards": {
        NODE: (4933, 6880, 7309, 6726),
        MAP: (322, 754, 1400, 612),
        "[J": (9, 65, 133, 58),
        MRU: (0, 8, 120, 0),
        f"{MRU}$MruEntry": (0, 72, 1080, 0),
    },
}


def asking() -> Asked:
    """Return what dumps tell of who asks the cache of a template library."""
    dump = (DATA / "diagnosis" / "java" / "freemarker-17.txt").read_text()
    found = Asked()
    found.look(units_of(threads_of(dump), lambda *_: Wait("other")))
    return found


def computing(library: str = "") -> Asked:
    found = Asked(own=100)
    found.doing[library, "App.Patterns.weave", "App.java"] = 90
    return found


def test_what_a_library_does_below_its_own_cache_loads_what_the_cache_lost() -> None:
    asked = asking()
    assert asked.remade("freemarker.cache")
    entry = f"{MRU}$MruEntry"
    lived, with_dead = {entry: 52, MRU: 1}, {entry: 113, MRU: 1}
    (found,) = evicting(lived, with_dead, lived, asked, Rate(1.0, 8.0, 10.0))
    assert (found.name, found.remade, found.doubt) == ("MruCacheStorage", True, "")
    assert found.functions == ("CareCards.card",)
    # entries told by a name that are gone with the requests may be copies which these make
    assert not evicting(lived, with_dead, {MRU: 1}, asked, Rate(1.0, 8.0, 10.0))
    # without loading it may be anything; what dies with the cache is a request's own
    assert not evicting(lived, with_dead, lived, computing(), Rate(1.0, 8.0, 10.0))
    assert not evicting(lived, {entry: 113, MRU: 60}, lived, asked, Rate(1.0, 8.0, 10.0))


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        (f"{MRU}$MruEntry", True),
        ("freemarker.cache.TemplateCache$TemplateKey", False),  # made for each look-up
        ("freemarker.cache.TemplateCache$TemplateCacheTemplateLookupContext", False),
        ("org.springframework.util.ConcurrentLruCache$Node", True),
        ("org.hibernate.internal.util.collections.BoundedConcurrentHashMap$HashEntry", True),
        ("com.acme.LruCache$Node", True),
        ("com.acme.Geocaches$Item", False),
        ("sun.util.locale.LocaleObjectCache$CacheEntry", False),  # the JDK's own
        ("com.github.benmanes.caffeine.cache.PSMS", False),  # known, and told by that
    ],
)
def test_entries_of_caches_are_told_by_what_their_names_speak_of(name: str, entry: bool) -> None:
    assert is_entry(name) is entry
    assert bool(named({name: 9, "x.Y": 1}, {name: 90, "x.Y": 1})) is entry
    assert has_caches({name: 1}) or not entry


@pytest.mark.parametrize(
    ("service", "requests", "library", "name"),
    [
        ("java-cloth-patterns", 25.0, "", "map of Shelf.Node"),
        ("java-cider-press", 8.0, "", "map of double[]"),
        ("java-ferry-notes", 22.0, "org.apache.velocity", "map of Template"),
        ("java-ferry-notes", 22.0, "org.apache.other", None),
        ("java-tram-log", 17.0, "", None),
        ("java-menu-cards", 41.0, "freemarker.template", None),
    ],
)
def test_what_a_map_keeps_and_loses_is_a_cache_whoever_made_it(
    service: str, requests: float, library: str, name: str | None
) -> None:
    rows = HISTOGRAMS[service]
    idle, lived, died, last = ({of: each[at] for of, each in rows.items()} for at in range(4))
    rate = Rate(1.2, requests, 10.0)
    found = replaced(idle, lived, died, last, computing(library), rate)
    assert [growth.name for growth in found] == ([name] if name else [])
    # what was there before the first request was not put there by requests
    assert not replaced(last, lived, died, last, computing(library), rate)


def test_what_dies_beside_own_objects_that_grow_is_made_from_them_and_no_cache() -> None:
    rows = HISTOGRAMS["java-cloth-patterns"]
    idle, lived, died, last = ({of: each[at] for of, each in rows.items()} for at in range(4))
    rate, kept = Rate(1.2, 25.0, 10.0), sum(last.values())
    assert replaced(idle, lived, died, {**last, "shop.Basket": 9}, computing(""), rate)
    assert not replaced(idle, lived, died, {**last, "shop.Basket": kept}, computing(""), rate)


ASKS = "class Gates { static Object parse() { return java.net.http.HttpClient.newHttpClient(); } }"
WRITES = (
    "public class Page { public static void main(String[] a) throws Exception"
    " { Thread.sleep(60_000); } }"
)


@pytest.mark.slow
def test_functions_of_classes_that_ask_peers_are_told_by_their_class_files(tmp_path: Path) -> None:
    for name, text in (("Gates", ASKS), ("Page", WRITES)):
        (tmp_path / f"{name}.java").write_text(f"package town; {text}")
    sources = [str(tmp_path / f"{name}.java") for name in ("Gates", "Page")]
    subprocess.run([needs.program("javac"), "-d", str(tmp_path), *sources], check=True, timeout=60)
    with subprocess.Popen([needs.program("java"), "-cp", str(tmp_path), "town.Page"]) as jvm:
        try:
            seen = [("Gates.parse", "town/Gates.java"), ("Page.main", "town/Page.java")]
            until = time.monotonic() + 20
            found = calling(jvm.pid, seen, asks)
            while not found and time.monotonic() < until:  # until it can be asked
                time.sleep(0.2)
                found = calling(jvm.pid, seen, asks)
            assert found == {"Gates.parse"}
        finally:
            jvm.kill()


@pytest.mark.parametrize(
    ("service", "evicts"), [("java-cloth-patterns", True), ("java-tram-log", False)]
)
def test_a_class_that_takes_out_of_its_map_is_told_by_its_class_file(
    service: str, evicts: bool, tmp_path: Path
) -> None:
    sources = list(map(str, (DATA / "services" / service).glob("*.java")))
    subprocess.run([needs.program("javac"), "-d", str(tmp_path), *sources], check=True, timeout=60)
    calls = [calls_of(file.read_bytes()) for file in tmp_path.glob("*.class")]
    assert any(map(takes_out, calls)) is evicts
    with pytest.raises(ValueError, match="expected"):
        calls_of(b"PK\x03\x04 no class file")
