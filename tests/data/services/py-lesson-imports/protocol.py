"""Each import writes a protocol that the school office gets with the answer."""
import logging
import uuid

FORMAT = logging.Formatter("%(asctime)s %(levelname)-7s %(message)s", "%H:%M:%S")


class ProtocolHandler(logging.Handler):
    def __init__(self):
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


class Protocol:
    def __init__(self, school: int):
        self.number = uuid.uuid4().hex[:10]
        self.kept = ProtocolHandler()
        self.log = logging.getLogger(f"imports.{school}.{self.number}")
        self.log.propagate = False
        self.log.addHandler(self.kept)

    def warnings(self) -> int:
        return sum(record.levelno >= logging.WARNING for record in self.kept.records)

    def lines(self) -> list[str]:
        return [FORMAT.format(record) for record in self.kept.records]


def protocol_for(school: int) -> Protocol:
    return Protocol(school)
