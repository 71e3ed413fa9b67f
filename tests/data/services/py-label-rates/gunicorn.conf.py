import os

bind = f"127.0.0.1:{os.environ['PORT']}"
worker_class = "gthread"
workers = 1
threads = 2
backlog = 512
keepalive = 5
timeout = 60
loglevel = "warning"
