"""Captioning desk: hands the spoken lines of films to captioners, with a hint from the phrase memory."""
import os
from contextlib import contextmanager

import psycopg2
import psycopg2.extras
import requests
from flask import Flask, abort, g, jsonify, request
from psycopg2.pool import ThreadedConnectionPool

PHRASES = f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}"
MIN_SCORE = 0.4

pool = ThreadedConnectionPool(2, 32, os.environ["DATABASE_URL"], cursor_factory=psycopg2.extras.RealDictCursor)
http = requests.Session()
http.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=32))
app = Flask(__name__)


@contextmanager
def transaction():
    conn = pool.getconn()
    try:
        with conn:
            with conn.cursor() as cur:
                yield cur
    finally:
        pool.putconn(conn)


class PhraseMemory:
    def __init__(self, base: str):
        self.base = base

    def suggest(self, text: str, language: str) -> str | None:
        answer = http.get(f"{self.base}/suggest", params={"q": text, "to": language}, timeout=3)
        answer.raise_for_status()
        best = max(answer.json()["matches"], key=lambda m: m["score"], default=None)
        return best["text"] if best and best["score"] >= MIN_SCORE else None


memory = PhraseMemory(PHRASES)


class Desk:
    """The lines that wait for a captioner."""

    NEXT = """
        SELECT c.id, c.film_id, c.position, c.source, c.urgency
        FROM cues c
        WHERE c.state = 'open'
        ORDER BY c.urgency, c.id
        LIMIT 1
        FOR UPDATE
    """

    def take(self, captioner: dict) -> dict | None:
        with transaction() as cur:
            cur.execute(self.NEXT)
            cue = cur.fetchone()
            if cue is None:
                return None
            language = self._language(cur, cue["film_id"], captioner)
            hint = memory.suggest(cue["source"], language)
            cur.execute(
                "UPDATE cues SET state = 'taken', captioner_id = %s, hint = %s, taken_at = now() WHERE id = %s",
                (captioner["id"], hint, cue["id"]),
            )
        return {**cue, "language": language, "hint": hint}

    @staticmethod
    def _language(cur, film_id: int, captioner: dict) -> str:
        cur.execute("SELECT language FROM films WHERE id = %s", (film_id,))
        wanted = cur.fetchone()["language"]
        return wanted if wanted in captioner["languages"] else captioner["languages"][0]

    def finish(self, cue_id: int, text: str) -> bool:
        with transaction() as cur:
            cur.execute("UPDATE cues SET state = 'done', hint = %s WHERE id = %s AND state = 'taken'", (text, cue_id))
            return cur.rowcount == 1

    def progress(self, film_id: int) -> dict:
        with transaction() as cur:
            cur.execute("SELECT state, count(*) AS n FROM cues WHERE film_id = %s GROUP BY state", (film_id,))
            return {row["state"]: row["n"] for row in cur.fetchall()}


desk = Desk()


def load_captioner(captioner_id: int) -> dict:
    with transaction() as cur:
        cur.execute("SELECT id, name, languages FROM captioners WHERE id = %s", (captioner_id,))
        return cur.fetchone() or abort(404)


@app.before_request
def parse_body():
    g.body = request.get_json(silent=True) or {}


@app.post("/captioners/<int:captioner_id>/next")
def next_cue(captioner_id: int):
    cue = desk.take(load_captioner(captioner_id))
    if cue is None:
        return "", 204
    return jsonify(cue), 201


@app.put("/cues/<int:cue_id>")
def finish_cue(cue_id: int):
    text = str(g.body.get("text", "")).strip()
    if not text:
        abort(422)
    return jsonify(done=desk.finish(cue_id, text))


@app.get("/films/<int:film_id>/progress")
def progress(film_id: int):
    return jsonify(film=film_id, cues=desk.progress(film_id))


@app.get("/captioners/<int:captioner_id>/cues")
def taken(captioner_id: int):
    with transaction() as cur:
        cur.execute(
            "SELECT id, film_id, source, hint FROM cues WHERE captioner_id = %s AND state = 'taken' "
            "ORDER BY taken_at DESC LIMIT 50",
            (captioner_id,),
        )
        return jsonify(cur.fetchall())


@app.get("/up")
def up():
    return "ok"
