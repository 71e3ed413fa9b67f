"""Finds hymns by number; the board of each Sunday names a dozen."""

import os
import random
import sqlite3
import tempfile
from functools import lru_cache

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import JsonResponse
from django.urls import path

settings.configure(
    DEBUG=False,
    SECRET_KEY="hymns",
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["*"],
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
)
django.setup()

BOOK = os.path.join(tempfile.mkdtemp(prefix="book-", dir=os.getcwd()), "book.db")


def fill():
    with sqlite3.connect(BOOK) as base:
        base.execute("CREATE TABLE hymn (number INTEGER PRIMARY KEY, title TEXT, verses TEXT)")
        rows = ((n, f"Hymn {n}", "la la la " * 40) for n in range(800))
        base.executemany("INSERT INTO hymn VALUES (?, ?, ?)", rows)


fill()


@lru_cache(maxsize=256)
def hymn(number):
    with sqlite3.connect(BOOK) as base:
        row = base.execute("SELECT title, verses FROM hymn WHERE number = ?", (number,)).fetchone()
    return {"number": number, "title": row[0], "verses": row[1].count("la")}


def healthz(request):
    return JsonResponse({"ok": True})


def board(request):
    week = random.randrange(14)
    numbers = [(week * 12 + n) % 800 for n in range(12)]
    return JsonResponse({"week": week, "hymns": [hymn(number) for number in numbers]})


urlpatterns = [path("healthz", healthz), path("board", board)]
application = get_wsgi_application()
