import os

bind = "127.0.0.1:" + os.environ["PORT"]
worker_class = "gthread"
