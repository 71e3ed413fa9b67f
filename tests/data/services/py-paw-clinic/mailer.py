"""Mails to the keepers, handed to the practice's own mail relay."""
import os
import smtplib
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

RELAY = ("127.0.0.1", int(os.environ["UPSTREAM_PORT"]))
SENDER = "Practice at the Mill <visits@mill-vets.example>"

WORDING = {
    "visit": ("Your visit on {day}", "Dear {keeper},\n\nwe expect {animal} on {day} at {time} with {vet}.\n"
                                     "Please bring: {bring}.\n\nThe practice at the mill\n"),
    "moved": ("Your visit was moved to {day}", "Dear {keeper},\n\n{animal} now comes on {day} at {time}.\n"),
    "off": ("Your visit on {day} is off", "Dear {keeper},\n\n{animal}'s visit on {day} is cancelled.\n"),
}


def letter(template: str, to: str, **words) -> EmailMessage:
    subject, text = WORDING[template]
    message = EmailMessage()
    message["From"], message["To"] = SENDER, to
    message["Subject"] = subject.format(**words)
    message["Date"], message["Message-ID"] = formatdate(localtime=True), make_msgid(domain="mill-vets.example")
    message.set_content(text.format(**words))
    return message


def deliver(message: EmailMessage) -> None:
    with smtplib.SMTP(*RELAY, local_hostname="mill-vets.example", timeout=10) as relay:
        relay.send_message(message)
