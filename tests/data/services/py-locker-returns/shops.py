"""Tells the shop that sold the goods that they are on their way back."""
import logging
import os

import requests

NOTICE_URL = f"http://127.0.0.1:{os.environ.get('UPSTREAM_PORT', '8090')}/notices"
log = logging.getLogger("shops")


def tell_shop(parcel: str, locker: str, number: int) -> None:
    notice = {"event": "returned", "parcel": parcel, "locker": locker, "return": number}
    try:
        requests.post(NOTICE_URL, json=notice, timeout=15).raise_for_status()
    except requests.RequestException as error:
        log.warning("notice for %s not delivered: %s", parcel, error)
