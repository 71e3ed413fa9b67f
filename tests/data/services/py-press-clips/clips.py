"""Tags press articles with the companies that they mention."""
import re

from flask import Flask, abort, request

WORDS = ("market shares fell after Northern Steel said profit was lower than hoped while the board of Lake Dairy "
         "looks for a buyer and workers at Pine Paper vote on a new contract in the spring").split()
COMPANIES = ["Northern Steel", "Lake Dairy", "Pine Paper", "Harbour Foods", "Grey Mills"]
NAME = re.compile(r"(?:(?:the|a|of|at|by)\s+)?((?:\w+\s?)+)\s(?:plc|ltd|group)\b", re.IGNORECASE)
SENTENCE = re.compile(r"(?<=[.!?])\s+")
app = Flask(__name__)


def article(number: int) -> str:
    sentences = []
    for s in range(9):
        picked = [WORDS[(number * 7 + s * 11 + k * (s + 3)) % len(WORDS)] for k in range(4)]
        sentences.append(" ".join(picked).capitalize() + (" ltd." if s % 4 == 1 else "."))
    return " ".join(sentences)


def mentions(text: str) -> list[str]:
    found = []
    for sentence in SENTENCE.split(text):
        found += [match.strip() for match in NAME.findall(sentence)]
    return found


def known(text: str) -> list[str]:
    return [company for company in COMPANIES if company.lower() in text.lower()]


@app.post("/clips/tag")
def tag():
    number = (request.get_json(silent=True) or {}).get("article")
    if not isinstance(number, int):
        abort(400)
    text = article(number)
    return {"article": number, "known": known(text), "new": mentions(text)[:10]}


@app.get("/clips/<int:number>")
def clip(number):
    return {"text": article(number)}


@app.get("/healthz")
def healthz():
    return {"ok": True}
