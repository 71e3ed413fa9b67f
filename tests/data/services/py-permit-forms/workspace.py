"""A folder in memory in which the sheets of one permit are put together."""
import atexit
import zlib


class Workspace:
    def __init__(self, name: str):
        self.name = name
        self.sheets: dict[str, bytearray] = {}
        self.open = True
        atexit.register(self.finish)

    def add_sheet(self, title: str, lines: list[str]) -> None:
        sheet = bytearray(f"%SHEET {title}\n".encode())
        for number, line in enumerate(lines, 1):
            sheet += f"{number:04d} {line:<72}\n".encode()
        self.sheets[title] = sheet

    def pack(self) -> bytes:
        return zlib.compress(b"\f".join(self.sheets.values()), 1)

    def size(self) -> int:
        return sum(map(len, self.sheets.values()))

    def finish(self) -> None:
        self.open = False

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.finish()
