"""Serve the charts."""
import os

import uvicorn

from charts.web import app

uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
