"""Draws the height tiles of a hiking map on demand."""
import io
import math
import os

from bottle import Bottle, HTTPResponse, abort, run
from PIL import Image, ImageDraw, ImageFilter

SIZE = 512
app = Bottle()


def height(x: float, y: float) -> float:
    return 900 + 420 * math.sin(x * 0.7) * math.cos(y * 0.5) + 130 * math.sin(x * 2.3 + y * 1.7)


def relief(zoom: int, column: int, row: int, step: int = 4) -> Image.Image:
    scale = 1 / 2 ** max(0, zoom - 6)
    small = SIZE // step
    grey = bytearray()
    for j in range(small):
        for i in range(small):
            grey.append(max(0, min(255, int(height((column + i / small) * scale, (row + j / small) * scale) / 6))))
    return Image.frombytes("L", (small, small), bytes(grey)).resize((SIZE, SIZE), Image.Resampling.BICUBIC)


def coloured(grey: Image.Image) -> Image.Image:
    shade = grey.filter(ImageFilter.EMBOSS)
    green = Image.merge("RGB", (grey.point(lambda v: v // 2 + 60), grey.point(lambda v: 220 - v // 4), grey.point(lambda v: v // 3)))
    return Image.blend(green, Image.merge("RGB", (shade, shade, shade)), 0.25)


def with_grid(image: Image.Image, label: str) -> Image.Image:
    draw = ImageDraw.Draw(image)
    for k in range(0, SIZE, 64):
        draw.line([(k, 0), (k, SIZE)], fill=(90, 90, 90))
        draw.line([(0, k), (SIZE, k)], fill=(90, 90, 90))
    draw.text((6, 6), label, fill=(20, 20, 20))
    return image


def png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=4)
    return out.getvalue()


@app.get("/tiles/<zoom:int>/<column:int>/<row:int>.png")
def tile(zoom, column, row):
    if not 0 <= zoom <= 16 or max(column, row) >= 2 ** zoom:
        abort(404)
    image = with_grid(coloured(relief(zoom, column, row)), f"{zoom}/{column}/{row}")
    return HTTPResponse(png(image), headers={"Content-Type": "image/png", "Cache-Control": "max-age=86400"})


@app.get("/healthz")
def healthz():
    return "ok"


run(app, server="waitress", host="127.0.0.1", port=int(os.environ["PORT"]), threads=4, quiet=True)
