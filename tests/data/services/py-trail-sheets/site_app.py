"""Height profiles of hiking trails."""
import os
import secrets

from django.conf import settings

settings.configure(DEBUG=False, SECRET_KEY=secrets.token_hex(16), ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, USE_TZ=True,
                   MIDDLEWARE=["django.middleware.common.CommonMiddleware"])

import django  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.http import Http404, JsonResponse  # noqa: E402
from django.urls import path  # noqa: E402

from sheets import heights_along  # noqa: E402

django.setup()
TRAILS = {"ridge-way": (0, 84, "Ridge Way"), "mill-loop": (20, 26, "Mill Loop"), "lake-path": (50, 61, "Lake Path"),
          "border-walk": (5, 95, "Border Walk")}
STEP = 16.0


def climb(heights: list[float]) -> tuple[float, float]:
    steps = [after - before for before, after in zip(heights, heights[1:])]
    return round(sum(s for s in steps if s > 0), 1), round(-sum(s for s in steps if s < 0), 1)


def walking_hours(kilometres: float, up: float) -> float:
    return round(kilometres / 4.2 + up / 600, 1)


def profile(request, name: str):
    if name not in TRAILS:
        raise Http404
    first, last, title = TRAILS[name]
    heights = heights_along(first, last, STEP)
    up, down = climb(heights)
    kilometres = len(heights) * STEP / 1000
    return JsonResponse({"trail": title, "kilometres": round(kilometres, 1), "up": up, "down": down,
                         "highest": round(max(heights), 1), "hours": walking_hours(kilometres, up),
                         "heights": [round(h) for h in heights[::4]]})


def trails(request):
    return JsonResponse({"trails": {name: title for name, (_, _, title) in TRAILS.items()}})


def up(request):
    return JsonResponse({"up": True, "pid": os.getpid()})


urlpatterns = [path("trails/<slug:name>/profile", profile), path("trails", trails), path("up", up)]
application = get_wsgi_application()
