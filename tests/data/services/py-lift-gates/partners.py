"""Tells partner systems (car park, insurer, family app) of passages."""
import asyncio
import hashlib
import hmac
import json
import logging
import os
import time
from collections import Counter

import requests

log = logging.getLogger("gates.partners")

BASE = f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}"
SECRET = b"3f1c9a-gates"
ATTEMPTS = 3


class Partners:
    def __init__(self) -> None:
        self.http = requests.Session()
        self.http.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=32))
        self.sent: Counter[str] = Counter()

    def announce(self, event: dict) -> None:
        """Returns at once; the message goes out in the background."""
        asyncio.get_running_loop().run_in_executor(None, self._send, event)

    def _send(self, event: dict) -> None:
        body = json.dumps(event, sort_keys=True).encode()
        headers = {
            "content-type": "application/json",
            "x-signature": hmac.new(SECRET, body, hashlib.sha256).hexdigest(),
        }
        for attempt in range(1, ATTEMPTS + 1):
            try:
                answer = self.http.post(f"{BASE}/events", data=body, headers=headers, timeout=4)
                if answer.status_code < 500:
                    self.sent["ok" if answer.ok else "refused"] += 1
                    return
            except requests.RequestException as error:
                log.warning("attempt %d of %s: %s", attempt, event["passage"], error)
            time.sleep(0.2 * attempt)
        self.sent["lost"] += 1
