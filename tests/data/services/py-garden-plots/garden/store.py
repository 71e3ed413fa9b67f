import os

from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

pool = ConnectionPool(os.environ["DATABASE_URL"], min_size=4, max_size=20, open=False, kwargs={"row_factory": dict_row})


def free_plots(at_least: int, limit: int) -> list[dict]:
    with pool.connection() as conn:
        return conn.execute("SELECT id, site, m2 FROM plots WHERE tenant_id IS NULL AND m2 >= %s ORDER BY m2, id LIMIT %s",
                            (at_least, limit)).fetchall()


def plots_of(tenant: int) -> list[dict]:
    with pool.connection() as conn:
        return conn.execute("SELECT p.id, p.site, p.m2, t.name FROM plots p JOIN tenants t ON t.id = p.tenant_id "
                            "WHERE t.id = %s ORDER BY p.id", (tenant,)).fetchall()
