import os
import time

import psycopg

with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    while True:
        with connection.transaction():
            connection.execute("UPDATE boats SET dues = dues + 0.10")
            time.sleep(0.6)
