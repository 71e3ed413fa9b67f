"""What can go wrong, worded for the reader who can mend it."""

from typing import ClassVar

from slowcoach.core.redaction import redacted


class SlowcoachError(Exception):
    """A failure that was foreseen: what happened, and what to do next.

    `code` is a stable word for programs; `exit_code` is that of `slowcoach call`
    (2: the call was wrong, 1: the tool failed).
    """

    code: ClassVar[str] = "failed"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str) -> None:
        message = message.encode("utf-8", "replace").decode()  # names of files can be any bytes
        message = str(redacted("", message))  # an error often shows what came, a URL among it
        super().__init__(message)
        self.message = message
        self.hint = str(redacted("", hint))

    def __str__(self) -> str:
        return f"{self.message}. {self.hint}" if self.hint else self.message


class InputError(SlowcoachError):
    """An argument is missing, of the wrong type or out of range."""

    code = "bad_input"
    exit_code = 2


class UnreadableError(InputError):
    """A file or text is not there, or not in a form that can be read."""

    code = "unreadable"


class UnreachableError(InputError):
    """A process, a server or a database that was named does not answer."""

    code = "unreachable"


class NotPermittedError(InputError):
    """The call needs a permission that the user has not given, or the system refuses."""

    code = "not_permitted"


class UnknownRunError(InputError):
    """No run has this id."""

    code = "unknown_run"


class MissingDependencyError(SlowcoachError):
    """An optional package or program is needed and not installed."""

    code = "missing_dependency"


class ToolFailedError(SlowcoachError):
    """A program that was started, or a measurement, failed."""

    code = "tool_failed"


class UnsupportedError(SlowcoachError):
    """This platform or version cannot do it; the hint names what can."""

    code = "unsupported"


class CancelledError(SlowcoachError):
    """The user or the client called the work off."""

    code = "cancelled"

    def __init__(self, message: str = "cancelled", *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
