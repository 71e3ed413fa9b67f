import os

bind = f"127.0.0.1:{os.environ['PORT']}"
preload_app = True
accesslog = None
errorlog = "-"
loglevel = "warning"
