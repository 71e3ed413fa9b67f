import os

bind = f"127.0.0.1:{os.environ['PORT']}"
worker_class = "gthread"
workers = 1
threads = 20
keepalive = 60
loglevel = "warning"
