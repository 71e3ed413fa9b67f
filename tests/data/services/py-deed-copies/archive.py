"""Client of the land registry's deed archive (a line protocol over TCP)."""
import socket
import threading


class ArchiveError(Exception):
    pass


class DeedArchive:
    def __init__(self, host: str, port: int, timeout: float = 4.0):
        self.address = (host, port)
        self.timeout = timeout
        self._local = threading.local()

    def _line(self):
        line = getattr(self._local, "line", None)
        if line is None:
            line = socket.create_connection(self.address, self.timeout)
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._local.line, self._local.input = line, line.makefile("rb")
        return line, self._local.input

    def _ask(self, command: str) -> list[str]:
        line, answers = self._line()
        line.sendall(command.encode() + b"\r\n")
        answer = answers.readline().decode().rstrip()
        if not answer.startswith("OK"):
            self._local.line = None
            raise ArchiveError(answer or "the archive hung up")
        return answer[3:].split("|")

    def deeds_of(self, parcel: str) -> list[str]:
        """The numbers of the deeds that concern a parcel."""
        return self._ask(f"LIST {parcel}")

    def fetch(self, deed: str) -> dict:
        """The scanned pages of a deed."""
        pages, size, notary = self._ask(f"SCAN {deed}")
        return {"deed": deed, "pages": int(pages), "bytes": int(size), "notary": notary}
