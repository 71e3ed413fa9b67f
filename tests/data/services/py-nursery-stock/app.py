"""What a tree nursery has in stock, as the sheet that its yards print in the morning."""
import io
import os
import random

from flask import Flask, Response, abort
from openpyxl import Workbook
from openpyxl.styles import Font
from waitress import serve

rnd = random.Random(12)
SPECIES = [f"{kind} {n}" for kind in ("Acer", "Betula", "Carpinus", "Fagus", "Quercus", "Tilia") for n in range(45)]
YARDS = {yard: [(rnd.choice(SPECIES), rnd.randint(1, 40)) for _ in range(400)] for yard in ("east", "mill", "river")}
app = Flask(__name__)


def row_of(sheet, species):
    for row in range(2, sheet.max_row + 1):
        if sheet.cell(row=row, column=1).value == species:
            return row
    row = sheet.max_row + 1
    sheet.cell(row=row, column=1, value=species)
    return row


def headed(sheet):
    for column, text in enumerate(("Species", "Trees", "Lots"), start=1):
        cell = sheet.cell(row=1, column=column, value=text)
        cell.font = Font(bold=True)


def added(sheet, row, trees):
    for column, by in ((2, trees), (3, 1)):
        cell = sheet.cell(row=row, column=column)
        cell.value = (cell.value or 0) + by


def stock_sheet(yard):
    book = Workbook()
    headed(book.active)
    for species, trees in YARDS[yard]:
        added(book.active, row_of(book.active, species), trees)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@app.get("/yards/<yard>/sheet")
def sheet(yard):
    if yard not in YARDS:
        abort(404)
    return Response(stock_sheet(yard), mimetype="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")


@app.get("/ready")
def ready():
    return "ready"


serve(app, host="127.0.0.1", port=int(os.environ["PORT"]), threads=6, _quiet=True)
