"""Fills letters from templates."""
import functools
import itertools
import os
import string
import time

import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

PARAGRAPH = "We would like to remind you, $name, that the fee for $month is still open. " * 30
TEMPLATES = {"reminder": string.Template("Dear $name,\n\n" + PARAGRAPH), "thanks": string.Template("Dear $name, thank you!")}
numbers = itertools.count(1)


class Letter:
    def __init__(self, template: str, name: str):
        self.number = next(numbers)
        self.template = template
        self.name = name

    @functools.cache
    def body(self) -> str:
        return TEMPLATES[self.template].substitute(name=self.name, month=time.strftime("%B"))

    def summary(self) -> dict:
        return {"number": self.number, "to": self.name, "words": self.body().count(" ") + 1, "pages": 1 + len(self.body()) // 1800}


async def letters(request):
    asked = await request.json()
    if asked.get("template") not in TEMPLATES or not asked.get("names"):
        return JSONResponse({"error": "template and names"}, status_code=422)
    return JSONResponse({"letters": [Letter(asked["template"], str(n)).summary() for n in asked["names"][:200]]})


async def healthz(_):
    return JSONResponse({"ok": True})


app = Starlette(routes=[Route("/letters", letters, methods=["POST"]), Route("/healthz", healthz)])

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="error", access_log=False)
