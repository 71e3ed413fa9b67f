"""Audit trail: what members and staff did, shipped to the association's collector."""
import http.client
import json
import logging
import os
import time


class TrailHandler(logging.Handler):
    """Sends each record of the `trail` loggers as one JSON document."""

    def __init__(self, host: str, port: int, source: str, timeout: float = 3.0):
        super().__init__()
        self.source = source
        self._address = (host, port)
        self._timeout = timeout
        self._link: http.client.HTTPConnection | None = None

    def _connected(self) -> http.client.HTTPConnection:
        if self._link is None:
            self._link = http.client.HTTPConnection(*self._address, timeout=self._timeout)
        return self._link

    def _drop(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None

    def document(self, record: logging.LogRecord) -> bytes:
        return json.dumps({
            "source": self.source,
            "logger": record.name,
            "level": record.levelname,
            "at": record.created,
            "text": record.getMessage(),
            "member": getattr(record, "member", None),
        }).encode()

    def emit(self, record: logging.LogRecord) -> None:
        body = self.document(record)
        for attempt in (1, 2):
            try:
                link = self._connected()
                link.request("POST", "/trail", body, {"Content-Type": "application/json"})
                link.getresponse().read()
                return
            except (OSError, http.client.HTTPException):
                self._drop()
                if attempt == 2:
                    self.handleError(record)

    def close(self) -> None:
        self._drop()
        super().close()


def logging_config() -> dict:
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "plain", "level": "WARNING"},
            "trail": {
                "()": TrailHandler,
                "host": "127.0.0.1",
                "port": int(os.environ["UPSTREAM_PORT"]),
                "source": f"courts-{time.strftime('%Y')}",
            },
        },
        "loggers": {
            "trail": {"handlers": ["trail"], "level": "INFO", "propagate": False},
            "django": {"handlers": ["console"], "level": "WARNING"},
        },
    }
