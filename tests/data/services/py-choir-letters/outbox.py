"""The outbox: a mail directory, one file a letter, from which the relay takes what it sends."""
import mailbox
from dataclasses import dataclass
from email.utils import formatdate, make_msgid

SENDER = "Choir office <office@choir.example>"


@dataclass
class Letter:
    to: str
    subject: str
    text: str

    def encoded(self) -> bytes:
        head = {
            "From": SENDER,
            "To": self.to,
            "Subject": self.subject,
            "Date": formatdate(usegmt=True),
            "Message-ID": make_msgid(domain="choir.example"),
            "MIME-Version": "1.0",
            "Content-Type": "text/plain; charset=utf-8",
            "Content-Transfer-Encoding": "8bit",
        }
        lines = "".join(f"{name}: {value}\n" for name, value in head.items())
        return f"{lines}\n{self.text}\n".encode()


class Outbox:
    def __init__(self, path: str):
        self._path = path
        mailbox.Maildir(path, create=True)

    def enqueue(self, letters: list[Letter]) -> list[str]:
        box = mailbox.Maildir(self._path)
        return [box.add(letter.encoded()) for letter in letters]
