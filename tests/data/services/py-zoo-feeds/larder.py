"""Animals of the zoo, what they eat, and when."""
import datetime as dt
import random
from typing import NamedTuple


class Food(NamedTuple):
    label: str
    price: float
    colour: str


class Animal(NamedTuple):
    name: str
    species: str
    daily_grams: int
    foods: tuple[str, ...]
    keeper: str


class Meal(NamedTuple):
    at: dt.time
    food: str
    grams: int
    medicine: bool


FOODS = {"hay": Food("Meadow hay", 0.31, "E8E4C0"), "fruit": Food("Mixed fruit", 2.4, "F6C9C0"),
         "insects": Food("Crickets, live", 21.0, "D8D8D8"), "beef": Food("Beef on the bone", 7.9, "F0A0A0"),
         "seed": Food("Seed mix no. 4", 1.85, "F2E0A8"), "greens": Food("Dandelion and chard", 1.2, "BFE3B4")}
EATS = {"aviary": ("seed", "fruit", "insects"), "reptiles": ("insects", "greens", "fruit"),
        "savanna": ("hay", "greens", "beef"), "night": ("fruit", "insects", "beef")}
NAMES = ("Ada", "Bosco", "Cleo", "Dunja", "Emil", "Fenja", "Gisa", "Hugo", "Ilse", "Juno", "Kito", "Lola", "Mika", "Nero")


def stock_houses() -> dict[str, list[Animal]]:
    rnd = random.Random(64)
    return {house: [Animal(f"{rnd.choice(NAMES)} {n}", f"{house} sp. {rnd.randint(1, 19)}", rnd.choice((90, 240, 1500, 9000)),
                           tuple(rnd.sample(foods, 2)), rnd.choice(("Brandt", "Okafor", "Silva")))
                    for n in range(12)] for house, foods in EATS.items()}


HOUSES = stock_houses()


def meals_of(animal: Animal, day: dt.date) -> list[Meal]:
    first, second = animal.foods
    turn = (day.toordinal() + len(animal.name)) % 5 == 0
    return [Meal(dt.time(7, 30), first, animal.daily_grams // 2, turn),
            Meal(dt.time(16, 15), second, animal.daily_grams - animal.daily_grams // 2, False)]
