"""Mail to the owners of animals."""
import logging
import smtplib
from email.message import EmailMessage
from email.utils import formataddr

log = logging.getLogger(__name__)
SENDER = formataddr(("Practice at the mill", "diary@vets.example"))
BRING = {"tortoise": "a box with hay", "parrot": "the covered cage", "cat": "the vaccination card"}


class Mailer:
    def __init__(self, host: str, port: int):
        self._host = host
        self._port = port

    def compose(self, appointment) -> EmailMessage:
        mail = EmailMessage()
        mail["From"] = SENDER
        mail["To"] = formataddr((appointment.owner, appointment.email))
        when = f"{appointment.begins:%A %d %B, %H:%M}" if appointment.begins else "as soon as a place is free"
        mail["Subject"] = f"Your appointment: {when}"
        mail.set_content(
            f"Dear {appointment.owner},\n\nwe expect you and your {appointment.animal} {when}.\n"
            f"Please bring {BRING.get(appointment.animal, 'nothing special')}. "
            f"The visit takes {appointment.minutes} minutes and costs {appointment.fee} Fr.\n")
        return mail

    async def mail_owner(self, appointment) -> None:
        mail = self.compose(appointment)
        try:
            self.deliver(mail)
        except (OSError, smtplib.SMTPException) as error:
            log.warning("no mail for %s: %s", appointment.number, error)

    def deliver(self, mail: EmailMessage) -> None:
        with smtplib.SMTP(self._host, self._port, local_hostname="diary.vets.example", timeout=10) as smtp:
            smtp.send_message(mail)
