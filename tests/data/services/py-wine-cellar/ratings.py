"""Scores of the critics' portal."""
import os

import urllib3

http = urllib3.PoolManager(num_pools=2, maxsize=20, timeout=urllib3.Timeout(connect=1, read=4))
PORTAL = f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}"


def critics_score(number: int) -> dict:
    answer = http.request("GET", f"{PORTAL}/wines/{number}")
    return answer.json() if answer.status == 200 else {}
