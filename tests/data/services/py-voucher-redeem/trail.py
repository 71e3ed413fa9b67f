"""The audit trail: what happened to a voucher goes to the records service."""
import json
import logging
import logging.handlers
import os


class TrailHandler(logging.handlers.HTTPHandler):
    def mapLogRecord(self, record):
        return {"at": f"{record.created:.3f}", "level": record.levelname, "text": record.getMessage(),
                "facts": json.dumps(getattr(record, "facts", {}))}


def set_up() -> logging.Logger:
    trail = logging.getLogger("trail")
    trail.setLevel(logging.INFO)
    trail.propagate = False
    trail.addHandler(TrailHandler(f"127.0.0.1:{os.environ['UPSTREAM_PORT']}", "/trail", method="POST"))
    return trail
