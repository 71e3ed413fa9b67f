"""One costly pattern at a time, or its innocent look-alike: `python patterns.py PATTERN SECONDS`."""

import copy
import datetime
import gzip
import hashlib
import io
import json
import logging
import pickle
import re
import socket
import ssl
import sys
import time

import jinja2
import sqlalchemy as sa

WORDS = [f"word{i}" for i in range(3000)]
ORDER = {"id": 7, "lines": [{"sku": f"s{i}", "cents": i * 7, "tags": ["a", "b"]} for i in range(60)]}
LOG = logging.getLogger("shop")


def regex_compile():
    return [w for w in WORDS[:700] if re.compile(rf"^(\w+)-{w}[a-z]*$").match("order-word5")]


def regex_match():
    pattern = re.compile(r"([a-z]+)\d+-(\w+)$")
    return [pattern.sub("x", "abab" * 40 + w) for w in WORDS[:40]]


def json_text():
    return [json.loads(json.dumps(ORDER, indent=1)) for _ in range(20)]


def deep_copy():
    return [copy.deepcopy(ORDER) for _ in range(20)]


def concat():
    text = ""
    for word in WORDS * 4:
        text = word + text
    return text


def logs():
    for word in WORDS[:200]:
        LOG.info(f"seen {word} of {len(WORDS)}")


def exceptions():
    found = 0
    for word in WORDS * 20:
        try:
            found += int(word)
        except ValueError:
            found += 1
    return found


def membership():
    seen = []
    for word in WORDS:
        if word not in seen:
            seen.append(word)
    return seen


def sort_in_loop():
    scores = list(range(4000))
    best = []
    for word in WORDS[:60]:
        scores.append(hash(word) % 1000)
        best.append(sorted(scores, key=lambda score: -score)[0])
    return best


def dates():
    return [
        datetime.datetime.strptime("2026-11-26 19:05:00", "%Y-%m-%d %H:%M:%S") for _ in range(500)
    ]


def pickles():
    stream = io.BytesIO()
    for _ in range(20):
        pickle._Pickler(stream).dump(ORDER)
    return stream


def compress():
    return [gzip.compress(json.dumps(ORDER).encode() * 20, 9) for _ in range(5)]


def password():
    return hashlib.pbkdf2_hmac("sha256", b"secret", b"salt", 60_000)


def template_compile():
    return [
        jinja2.Environment(autoescape=True).from_string("{% for l in o.lines %}{{ l.sku }}{% endfor %}")
        for _ in range(5)
    ]


def template_render(page=jinja2.Environment(autoescape=True).from_string("{% for l in o.lines %}{{ l.sku|upper }}<{{ l.cents }}{% endfor %}")):
    return [page.render(o=ORDER) for _ in range(20)]


def imports():
    for _ in range(100):
        try:
            import speedups_that_are_not_there
        except ImportError:
            pass


def tls_context():
    return [ssl.create_default_context() for _ in range(3)]


def dns():
    return [socket.getaddrinfo("localhost", 80) for _ in range(50)]


ENGINE = sa.create_engine("sqlite://")
ITEMS = sa.Table("items", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.Text))


def n_plus_one():
    found = []
    with ENGINE.connect() as connection:
        for number in range(200):
            found.append(connection.execute(sa.select(ITEMS).where(ITEMS.c.id == number)).first())
    return found


def one_query():
    with ENGINE.connect() as connection:
        rows = connection.execute(sa.select(ITEMS).where(ITEMS.c.id < 200)).all()
    return tally(len(rows) * 400)


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def fibonacci():
    return fib(22)


def pop_front():
    queue = list(range(60_000))
    while len(queue) > 40_000:
        queue.pop(0)
    return queue


def tally(count):
    total = 0
    for i in range(count):
        total += i * i % 7
        if total > 1_000_000:
            total -= 999_999
    return total


def innocent():
    """Mostly own work; a little of many things, each as it should be."""
    found = tally(80_000)
    json.dumps(ORDER)
    re.match(r"word\d+", WORDS[5])
    seen = set(WORDS)
    sum(word in seen for word in WORDS)
    LOG.debug("seen %s", found)
    "".join(WORDS)
    sorted(WORDS)
    copy.copy(ORDER)
    return found


def main(name, seconds):
    logging.basicConfig(stream=io.StringIO(), level=logging.INFO)
    with ENGINE.begin() as connection:
        ITEMS.metadata.create_all(connection)
        connection.execute(sa.insert(ITEMS), [{"id": i, "name": f"n{i}"} for i in range(300)])
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        globals()[name]()


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
