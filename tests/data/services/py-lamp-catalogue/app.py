"""Printed price lists of a lamp maker: one PDF with a table for each room."""
import os
import random

from flask import Flask, Response, abort
from fpdf import FPDF
from waitress import serve

rnd = random.Random(31)
ROOMS = {room: [(f"{room[:2].upper()}-{n:03}", rnd.choice(("Arc", "Bell", "Cone", "Disc")), rnd.randint(4, 60), rnd.uniform(19, 480))
                for n in range(75)] for room in ("hall", "study", "kitchen")}
app = Flask(__name__)


def title(pdf, room):
    pdf.set_font("Helvetica", style="B", size=14)
    pdf.set_fill_color(40, 60, 90)
    pdf.set_text_color(255, 255, 255)
    pdf.cell(0, 10, room.title(), fill=True, align="C")
    pdf.ln(12)


def note(pdf, watts):
    pdf.set_font("Helvetica", style="I", size=7)
    pdf.write(4, f"Takes bulbs up to {watts} W.")
    pdf.set_text_color(120, 120, 120)
    pdf.write(4, " Others to order.")


def priced(pdf, code, shape, watts, price):
    pdf.set_font("Helvetica", size=9)
    pdf.set_text_color(20, 20, 20)
    pdf.set_fill_color(235, 235, 225 if watts > 30 else 245)
    pdf.cell(30, 6, code, border=1, fill=True)
    pdf.cell(40, 6, shape, border=1)
    pdf.cell(25, 6, f"{price:.2f}", border=1, align="R")
    pdf.set_draw_color(90, 90, 90)
    pdf.line(pdf.l_margin, pdf.get_y(), pdf.w - pdf.r_margin, pdf.get_y())
    if watts > 40:
        note(pdf, watts)
    pdf.ln(1)


def price_list():
    pdf = FPDF()
    for room, lamps in ROOMS.items():
        pdf.add_page()
        title(pdf, room)
        for lamp in lamps:
            priced(pdf, *lamp)
    return bytes(pdf.output())


@app.get("/lists/<season>")
def lists(season):
    if season not in ("spring", "autumn"):
        abort(404)
    return Response(price_list(), mimetype="application/pdf")


@app.get("/ready")
def ready():
    return "ready"


serve(app, host="127.0.0.1", port=int(os.environ["PORT"]), threads=6, _quiet=True)
