"""Knitting patterns: how much yarn of which colour a garment needs, from the charts of its motifs."""
import argparse
import json
import os
import random
import threading
import zlib
from collections import Counter
from dataclasses import dataclass

from cachetools import LRUCache, cached
from flask import Flask, abort, jsonify, request
from waitress import serve

CHARTS_KEPT = 24
METERS_A_STITCH = 0.0165
BALL_METERS = 175
SIZES = {"S": 0.86, "M": 0.93, "L": 1.0, "XL": 1.09, "XXL": 1.18}
COLOURS = ("natural", "indigo", "madder", "moss", "soot", "birch")


@dataclass(frozen=True)
class Chart:
    motif: str
    width: int
    rows: tuple[bytes, ...]
    colours: dict[int, int]

    @classmethod
    def unpack(cls, motif: str, packed: bytes) -> "Chart":
        text = json.loads(zlib.decompress(packed))
        rows = tuple(bytes(stitch for stitch, count in row for _ in range(count)) for row in text["rows"])
        return cls(motif, text["width"], rows, dict(Counter(b"".join(rows))))

    @property
    def stitches(self) -> int:
        return self.width * len(self.rows)


@dataclass(frozen=True)
class Pattern:
    name: str
    title: str
    motifs: tuple[str, ...]
    rounds: int


def woven_rows(rnd: random.Random, width: int, height: int) -> list[list[tuple[int, int]]]:
    rows = []
    for _ in range(height):
        row, left = [], width
        while left:
            count = min(left, rnd.randint(1, 5))
            row.append((rnd.randrange(len(COLOURS)), count))
            left -= count
        rows.append(row)
    return rows


def motif_library(count: int) -> dict[str, bytes]:
    """The charts as they are kept: packed, one for each motif."""
    rnd = random.Random(1856)
    library = {}
    for n in range(count):
        width, height = rnd.choice((72, 96, 108)), rnd.choice((54, 66, 80))
        chart = {"width": width, "rows": woven_rows(rnd, width, height)}
        library[f"m{n:03}"] = zlib.compress(json.dumps(chart).encode(), 6)
    return library


LIBRARY = motif_library(90)
NAMES = tuple(LIBRARY)
PATTERNS = {p.name: p for p in (
    Pattern("norwegian-yoke", "Yoke sweater after Norwegian models", NAMES[10:54], 118),
    Pattern("fana-cardigan", "Cardigan with stripes and stars", NAMES[:14], 150),
    Pattern("selbu-mittens", "Mittens with the eight-petalled rose", NAMES[60:66], 62),
    Pattern("fair-isle-vest", "Vest in bands", NAMES[66:84], 104),
)}
app = Flask(__name__)


@cached(LRUCache(maxsize=CHARTS_KEPT), lock=threading.Lock(), info=True)
def opened_chart(motif: str) -> Chart:
    return Chart.unpack(motif, LIBRARY[motif])


def pattern_or_404(name: str) -> Pattern:
    return PATTERNS.get(name) or abort(404)


def stitch_counts(pattern: Pattern, motifs) -> Counter:
    counts: Counter = Counter()
    for motif in motifs:
        chart = opened_chart(motif)
        repeats = max(1, round(pattern.rounds / len(chart.rows)))
        for colour, stitches in chart.colours.items():
            counts[colour] += stitches * repeats
    return counts


def widest(motifs) -> int:
    return max(opened_chart(motif).width for motif in motifs)


def yarn(stitches: int, size: str, gauge: dict) -> dict:
    meters = stitches * METERS_A_STITCH * SIZES[size] * (22 / gauge["stitches"]) * (30 / gauge["rows"]) ** 0.5
    return {"meters": round(meters, 1), "balls": -(-round(meters * 1.08) // BALL_METERS)}


def read_order() -> tuple[Pattern, str, tuple[str, ...], dict]:
    form = request.get_json(silent=True) or abort(400)
    pattern, size = pattern_or_404(form.get("pattern")), form.get("size", "M")
    gauge = {"stitches": 22, "rows": 30, **form.get("gauge", {})}
    if size not in SIZES or min(gauge.values()) <= 0:
        abort(422)
    motifs = form.get("motifs", "all")
    chosen = pattern.motifs if motifs == "all" else tuple(m for m in motifs if m in pattern.motifs)
    return pattern, size, chosen or abort(422), gauge


@app.post("/garments/estimate")
def estimate():
    pattern, size, motifs, gauge = read_order()
    counts = stitch_counts(pattern, motifs)
    total = sum(counts.values())
    return jsonify(pattern=pattern.title, size=size, motifs=len(motifs), stitches=total, widest=widest(motifs[:8]),
                   yarn={COLOURS[c]: yarn(n, size, gauge) for c, n in sorted(counts.items())},
                   hours=round(total / 1700, 1))


@app.get("/motifs/<motif>")
def motif(motif):
    if motif not in LIBRARY:
        abort(404)
    chart = opened_chart(motif)
    return jsonify(motif=motif, width=chart.width, height=len(chart.rows), stitches=chart.stitches,
                   colours=[COLOURS[c] for c in sorted(chart.colours)])


@app.get("/patterns")
def patterns():
    return jsonify([{"name": p.name, "title": p.title, "motifs": len(p.motifs)} for p in PATTERNS.values()])


@app.get("/charts")
def charts():
    info = opened_chart.cache_info()
    return jsonify(kept=info.currsize, hits=info.hits, misses=info.misses)


@app.get("/healthz")
def healthz():
    return jsonify(status="ok")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="0.0.0.0")
    parser.add_argument("--threads", type=int, default=8)
    options = parser.parse_args()
    serve(app, host=options.host, port=int(os.environ["PORT"]), threads=options.threads, _quiet=True)
