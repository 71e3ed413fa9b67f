import os

bind = f"127.0.0.1:{os.environ['PORT']}"
workers = 1
threads = 8
worker_class = "gthread"
keepalive = 30
accesslog = None


def post_worker_init(worker):
    from app import pool
    pool.open(wait=True)
