"""Feeding plans of a zoo, as the kitchen prints them: one workbook, one sheet for each house."""
import datetime as dt
import io
from dataclasses import dataclass

import bottle
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from larder import FOODS, HOUSES, Animal, Meal, meals_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADINGS = ("Day", "Time", "Animal", "Species", "Food", "Grams", "Share", "Cost", "Keeper")
THIN = Side(style="thin", color="999999")


@dataclass(frozen=True)
class PlanOrder:
    houses: tuple[str, ...]
    week: int
    prices: bool

    @classmethod
    def parse(cls, body) -> "PlanOrder":
        try:
            order = cls(tuple(body["houses"]), int(body["week"]), bool(body.get("prices", False)))
        except (KeyError, TypeError, ValueError):
            raise bottle.HTTPError(400, "houses and week are wanted") from None
        if not 1 <= order.week <= 52 or not order.houses or set(order.houses) - set(HOUSES):
            raise bottle.HTTPError(422, "no such house or week")
        return order


def monday(week: int) -> dt.date:
    return dt.date.fromisocalendar(2024, week, 1)


def cost(meal: Meal) -> float:
    return round(FOODS[meal.food].price * meal.grams / 1000, 2)


def shade(meal: Meal) -> PatternFill:
    return PatternFill("solid", fgColor=FOODS[meal.food].colour)


def heading(sheet) -> None:
    for column, text in enumerate(HEADINGS, start=1):
        cell = sheet.cell(row=1, column=column, value=text)
        cell.font = Font(name="Liberation Sans", bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor="334455")
        cell.alignment = Alignment(horizontal="center")


def write_meal(sheet, row: int, day: dt.date, animal: Animal, meal: Meal, prices: bool) -> None:
    values = (day, meal.at, animal.name, animal.species, FOODS[meal.food].label, meal.grams,
              meal.grams / animal.daily_grams, cost(meal) if prices else None, animal.keeper)
    for column, value in enumerate(values, start=1):
        cell = sheet.cell(row=row, column=column, value=value)
        if column == 1:
            cell.number_format = "ddd dd.mm."
            cell.border = Border(top=THIN)
        elif column == 5:
            cell.fill = shade(meal)
        elif column == 7:
            cell.number_format = "0.0%"
        elif column == 8:
            cell.number_format = '#,##0.00 "EUR"'
    if meal.medicine:
        sheet.cell(row=row, column=3).font = Font(name="Liberation Sans", bold=True, color="AA0000")


def fit_columns(sheet) -> None:
    for column, cells in enumerate(sheet.iter_cols(min_row=1, max_row=min(sheet.max_row, 30)), start=1):
        width = max(len(str(cell.value)) for cell in cells if cell.value is not None)
        sheet.column_dimensions[get_column_letter(column)].width = min(40, width + 2)


def fill_sheet(sheet, house: str, order: PlanOrder) -> int:
    heading(sheet)
    row = 1
    for offset in range(3):
        day = monday(order.week) + dt.timedelta(days=offset)
        for animal in HOUSES[house]:
            for meal in meals_of(animal, day):
                row += 1
                write_meal(sheet, row, day, animal, meal, order.prices)
    fit_columns(sheet)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(HEADINGS))}{row}"
    return row - 1


def workbook_of(order: PlanOrder) -> tuple[bytes, int]:
    book = Workbook()
    book.remove(book.active)
    lines = sum(fill_sheet(book.create_sheet(house.title()), house, order) for house in order.houses)
    book.properties.title = f"Feeding, week {order.week}"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue(), lines


application = bottle.Bottle()


@application.post("/plans/sheet")
def plan_sheet():
    order = PlanOrder.parse(bottle.request.json)
    content, lines = workbook_of(order)
    bottle.response.content_type = XLSX
    bottle.response.set_header("content-disposition", f'attachment; filename="feeding-{order.week}.xlsx"')
    bottle.response.set_header("x-lines", str(lines))
    return content


@application.get("/houses")
def houses():
    return {name: len(animals) for name, animals in HOUSES.items()}


@application.get("/houses/<house>/today")
def today(house):
    if house not in HOUSES:
        raise bottle.HTTPError(404)
    day = monday(14)
    return {"meals": [{"animal": a.name, "at": m.at.isoformat("minutes"), "food": m.food, "grams": m.grams}
                      for a in HOUSES[house] for m in meals_of(a, day)]}


@application.get("/foods/<food>")
def food(food):
    if food not in FOODS:
        raise bottle.HTTPError(404)
    return {"food": FOODS[food].label, "price": FOODS[food].price}


@application.get("/up")
def up():
    return "up"
