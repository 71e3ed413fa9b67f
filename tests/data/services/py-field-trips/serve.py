import os

import django
from django.conf import settings

settings.configure(
    DEBUG=False, SECRET_KEY="local", ALLOWED_HOSTS=["*"], ROOT_URLCONF="trips", USE_TZ=True, USE_I18N=True,
    INSTALLED_APPS=[], LANGUAGE_CODE="en",
    LOGGING={"version": 1, "handlers": {"console": {"class": "logging.StreamHandler"}}, "loggers": {"django": {"handlers": ["console"], "level": "ERROR"}}},
    MIDDLEWARE=["django.middleware.gzip.GZipMiddleware", "django.middleware.http.ConditionalGetMiddleware",
                "middleware.Timing", "middleware.Audit", "middleware.Locale", "middleware.Envelope", "middleware.Links"],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": ["."]}],
)
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402
from waitress import serve  # noqa: E402

serve(get_wsgi_application(), host="127.0.0.1", port=int(os.environ["PORT"]), threads=6, _quiet=True)
