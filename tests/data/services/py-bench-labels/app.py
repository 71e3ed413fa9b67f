"""Tube labels of a laboratory: numbers samples and prints their labels at the bench printers."""
import itertools
import os
import socket
import zlib
from dataclasses import dataclass

import uvicorn
from litestar import Litestar, get, post
from litestar.di import Provide
from litestar.exceptions import ClientException, HTTPException, NotFoundException

PRINTER_PORT = int(os.environ["UPSTREAM_PORT"])
STX, ETX = b"\x02", b"\x03"
MATERIALS = {"serum": "SE", "plasma": "PL", "whole blood": "WB", "urine": "UR"}


class PrinterError(Exception):
    pass


@dataclass(frozen=True)
class Printer:
    name: str
    host: str
    port: int
    width: int = 384


@dataclass
class LabelOrder:
    patient: str
    material: str
    tubes: int = 1
    printer: str = "bench-1"


@dataclass
class Label:
    number: str
    patient: str
    code: str
    tube: int


class BenchPrinter:
    """Speaks the printer's command language over its raw port."""

    def __init__(self, printer: Printer, timeout: float = 4.0):
        self.printer = printer
        self.timeout = timeout

    def _exchange(self, line: socket.socket, command: bytes) -> bytes:
        line.sendall(command)
        answer = b""
        while not answer.endswith(ETX):
            part = line.recv(256)
            if not part:
                raise PrinterError(f"{self.printer.name} hung up")
            answer += part
        return answer.strip(STX + ETX)

    async def status(self, line: socket.socket) -> dict:
        fields = self._exchange(line, b"~HS\n").decode().split(",")
        return {"paper": fields[0] == "0", "ribbon": fields[1] == "0", "queued": int(fields[2])}

    async def print(self, labels: list[Label]) -> int:
        with socket.create_connection((self.printer.host, self.printer.port), self.timeout) as line:
            state = await self.status(line)
            if not (state["paper"] and state["ribbon"]):
                raise PrinterError(f"{self.printer.name} is out of material")
            job = "".join(layout(label, self.printer.width) for label in labels)
            return int(self._exchange(line, job.encode() + b"~JP\n"))


def layout(label: Label, width: int) -> str:
    return (f"^XA^PW{width}^FO20,20^A0N,28^FD{label.patient[:22]}^FS"
            f"^FO20,60^BCN,60,Y^FD{label.number}^FS^FO300,20^A0N,24^FD{label.code}/{label.tube}^FS^XZ\n")


def check_digit(number: str) -> int:
    return zlib.crc32(number.encode()) % 10


class Numbering:
    def __init__(self, start: int = 410000):
        self._count = itertools.count(start)
        self.issued: dict[str, Label] = {}

    def labels(self, order: LabelOrder) -> list[Label]:
        made = []
        for tube in range(1, order.tubes + 1):
            number = f"{next(self._count) % 1000000:06d}"
            label = Label(number + str(check_digit(number)), order.patient, MATERIALS[order.material], tube)
            self.issued[label.number] = label
            made.append(label)
        while len(self.issued) > 5000:
            self.issued.pop(next(iter(self.issued)))
        return made


numbering = Numbering()
printers = {f"bench-{n}": BenchPrinter(Printer(f"bench-{n}", "127.0.0.1", PRINTER_PORT)) for n in range(1, 5)}


async def provide_numbering() -> Numbering:
    return numbering


def check(order: LabelOrder) -> None:
    if order.material not in MATERIALS:
        raise ClientException(f"material: one of {', '.join(MATERIALS)}")
    if not 1 <= order.tubes <= 12:
        raise ClientException("tubes: 1 to 12")
    if order.printer not in printers:
        raise NotFoundException("no such printer")


@post("/labels")
async def order_labels(data: LabelOrder, numbers: Numbering) -> dict:
    check(data)
    labels = numbers.labels(data)
    try:
        queued = await printers[data.printer].print(labels)
    except (PrinterError, OSError) as error:
        raise HTTPException(str(error), status_code=502) from error
    return {"printer": data.printer, "queued": queued, "labels": [label.number for label in labels]}


@get("/labels/{number:str}")
async def label(number: str, numbers: Numbering) -> Label:
    found = numbers.issued.get(number)
    if found is None:
        raise NotFoundException("no such label")
    return found


@get("/materials")
async def materials() -> dict[str, str]:
    return MATERIALS


@get("/up")
async def up() -> dict[str, str]:
    return {"status": "up"}


app = Litestar([order_labels, label, materials, up],
               dependencies={"numbers": Provide(provide_numbering)}, openapi_config=None)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
