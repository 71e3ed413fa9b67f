"""Letters of a foundation to those who applied for a grant; every letter is filed in the archive."""
import json
import os
import threading
from string import Template

import django
import requests
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from gunicorn.app.base import BaseApplication

settings.configure(
    SECRET_KEY="letters",
    ALLOWED_HOSTS=["127.0.0.1", "localhost"],
    ROOT_URLCONF=__name__,
    LOGGING_CONFIG=None,
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
)
django.setup()

from django.http import Http404, JsonResponse  # noqa: E402
from django.urls import path  # noqa: E402
from django.views.decorators.http import require_POST  # noqa: E402

ARCHIVE = f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}"
TEXTS = {
    "award": Template("Dear applicant,\n\nyour application $grant was granted: EUR $amount.\nThe first part is paid in $month."),
    "refusal": Template("Dear applicant,\n\nwe are sorry that application $grant could not be granted."),
    "report": Template("Dear grantee,\n\nplease send the report on $grant (EUR $amount) by the end of $month."),
}
MONTHS = ["January", "April", "July", "October"]


class ArchiveError(Exception):
    pass


class Archive:
    def __init__(self, base: str):
        self._base = base
        self._local = threading.local()

    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
            self._local.session.trust_env = False
        return self._local.session

    def file(self, grant: str, text: str) -> str:
        try:
            answer = self._session().post(f"{self._base}/letters", json={"grant": grant, "text": text}, timeout=5)
            answer.raise_for_status()
        except requests.RequestException as error:
            raise ArchiveError(str(error)) from None
        return answer.json()["file"]


class Outbox:
    def __init__(self, keep: int = 500):
        self._lock = threading.Lock()
        self._letters: dict[str, dict] = {}
        self._keep = keep

    def add(self, letter: dict) -> None:
        with self._lock:
            self._letters[letter["file"]] = letter
            if len(self._letters) > self._keep:
                self._letters.pop(next(iter(self._letters)))

    def get(self, number: str) -> dict | None:
        with self._lock:
            return self._letters.get(number)


archive = Archive(ARCHIVE)
outbox = Outbox()


def write(kind: str, grant: str, amount: int) -> str:
    month = MONTHS[int(grant.partition("-")[2]) % len(MONTHS)]
    return TEXTS[kind].substitute(grant=grant, amount=f"{amount:,}", month=month)


@require_POST
def letters(request):
    try:
        order = json.loads(request.body)
        kind, grant, amount = order["kind"], order["grant"], int(order.get("amount", 0))
        text = write(kind, grant, amount)
    except (ValueError, KeyError, TypeError):
        return JsonResponse({"error": "bad order"}, status=400)
    try:
        number = archive.file(grant, text)
    except ArchiveError as error:
        return JsonResponse({"error": str(error)}, status=502)
    letter = {"file": number, "grant": grant, "kind": kind, "text": text}
    outbox.add(letter)
    return JsonResponse(letter, status=201)


def letter(request, number: str):
    found = outbox.get(number)
    if found is None:
        raise Http404("no such letter")
    return JsonResponse(found)


def preview(request, kind: str):
    if kind not in TEXTS:
        raise Http404("no such kind")
    return JsonResponse({"text": write(kind, request.GET.get("grant", "G-1"), 1000)})


def healthz(request):
    return JsonResponse({"status": "ok"})


urlpatterns = [
    path("letters", letters),
    path("letters/<str:number>", letter),
    path("previews/<str:kind>", preview),
    path("healthz", healthz),
]


class Server(BaseApplication):
    def load_config(self):
        self.cfg.set("bind", f"127.0.0.1:{os.environ['PORT']}")
        self.cfg.set("worker_class", "gthread")
        self.cfg.set("workers", 1)
        self.cfg.set("threads", 3)
        self.cfg.set("keepalive", 30)
        self.cfg.set("loglevel", "warning")

    def load(self):
        return get_wsgi_application()


if __name__ == "__main__":
    Server().run()
