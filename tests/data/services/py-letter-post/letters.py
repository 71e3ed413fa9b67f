"""Letters that we print and post for our customers."""
import itertools
import os
from typing import Annotated

import requests
import uvicorn
from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel, Field

app = FastAPI(title="Letters")
numbers = itertools.count(1001)
POSTAGE = {1: 85, 2: 120, 3: 170, 4: 240}


class Letter(BaseModel):
    to: str = Field(min_length=5)
    pages: int = Field(ge=1, le=50)
    colour: bool = False


class AddressBook:
    def __init__(self, base: str):
        self.base = base
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=20))

    def zone_for(self, address: str) -> int:
        answer = self.session.get(f"{self.base}/lookup", params={"q": address}, timeout=3)
        answer.raise_for_status()
        found = answer.json()
        if not found["valid"]:
            raise HTTPException(422, "no such address")
        return found["zone"]


book = AddressBook(f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}")


async def address_book() -> AddressBook:
    return book


def cost(letter: Letter, zone: int) -> int:
    sheets = (letter.pages + 1) // 2
    return POSTAGE[zone] + sheets * (15 if letter.colour else 6)


@app.post("/letters", status_code=201)
async def post_letter(letter: Letter, addresses: Annotated[AddressBook, Depends(address_book)]):
    zone = addresses.zone_for(letter.to)
    return {"number": next(numbers), "zone": zone, "cents": cost(letter, zone)}


@app.get("/postage")
async def postage():
    return POSTAGE


@app.get("/")
async def index():
    return {"service": "letters"}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
