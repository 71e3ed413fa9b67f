import os

os.execvp("gunicorn", ["gunicorn", "--workers", "2", "--bind", f"127.0.0.1:{os.environ['PORT']}", "--log-level", "warning",
                       "site_app:application"])
