"""Make the samples in this folder: `python make_samples.py DATABASE_URL FOLDER`.

A third argument (XML or YAML) makes NAME.xml or NAME.yaml of some of the statements instead.

Run it against a private server; it fills the schema `shop` with 200,000 made-up orders.
"""

import json
import sys
from pathlib import Path

import psycopg

SCHEMA = """
DROP SCHEMA IF EXISTS shop CASCADE; CREATE SCHEMA shop; SET search_path = shop;
SELECT setseed(0.5);
CREATE TABLE customers (id int PRIMARY KEY, name text, email varchar(80), country char(2));
INSERT INTO customers SELECT i, 'Customer ' || i, 'c' || i || '@example.org',
    (ARRAY['DE','FR','US','GB'])[1 + i % 4] FROM generate_series(1, 5000) i;
CREATE TABLE orders (id int PRIMARY KEY, customer_id int, status text, total numeric,
    created_at timestamp, note text) WITH (autovacuum_enabled = off);
INSERT INTO orders SELECT i, 1 + (i * 7919) % 5000, CASE WHEN i % 50 = 0 THEN 'open' ELSE 'paid' END,
    (i % 1000)::numeric / 10, timestamp '2025-01-01' + i * interval '1 minute', repeat('x', 60)
    FROM generate_series(1, 200000) i;
CREATE TABLE order_items (order_id int, position int, product_id int, quantity int)
    WITH (autovacuum_enabled = off);
INSERT INTO order_items SELECT 1 + i / 3, i % 3, i % 1000, i % 7 FROM generate_series(1, 300000) i;
CREATE TABLE products (id int PRIMARY KEY, name text);
INSERT INTO products SELECT i, 'Product ' || i FROM generate_series(0, 999) i;
CREATE TABLE events (id bigint, kind text, at timestamp) PARTITION BY RANGE (id);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (5000);
CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM (5000) TO (10000);
INSERT INTO events SELECT i, 'k' || i % 3, now() FROM generate_series(0, 9999) i;
CREATE TABLE indexed (id int PRIMARY KEY, customer_id int, flag int, body text)
    WITH (autovacuum_enabled = off);
INSERT INTO indexed SELECT i, i % 20, i % 1000, repeat('y', 40) FROM generate_series(1, 100000) i;
CREATE INDEX indexed_customer ON indexed (customer_id);
CREATE TABLE stale (id int, grp int) WITH (autovacuum_enabled = off);
INSERT INTO stale SELECT i, i FROM generate_series(1, 100) i; ANALYZE stale;
INSERT INTO stale SELECT i, 5 FROM generate_series(1, 50000) i;
CREATE TABLE line (id serial, order_id int REFERENCES orders (id));
ANALYZE customers; ANALYZE orders; ANALYZE order_items; ANALYZE products; ANALYZE events;
ANALYZE indexed;
"""
SERIAL = "SET max_parallel_workers_per_gather = 0; SET jit = off;"
PARALLEL = (
    "SET max_parallel_workers_per_gather = 2; SET parallel_setup_cost = 0; SET jit = off;"
    "SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;"
)
# name: (settings, statement); the options are ANALYZE and BUFFERS unless the name begins with `plain`
STATEMENTS = {
    "seq-scan": (SERIAL, "SELECT * FROM orders WHERE customer_id = 42"),
    "seq-scan-two-columns": (
        SERIAL,
        "SELECT * FROM orders WHERE created_at > '2025-05-01' AND customer_id = 42 AND status = 'open'",
    ),
    "seq-scan-most-rows": (SERIAL, "SELECT * FROM orders WHERE total >= 5"),
    "seq-scan-small-table": (SERIAL, "SELECT * FROM products WHERE name = 'Product 5'"),
    "seq-scan-expression": (SERIAL, "SELECT * FROM orders WHERE lower(note) = 'y'"),
    "seq-scan-stopped": (SERIAL, "SELECT * FROM orders WHERE status = 'paid' LIMIT 10"),
    "primary-key": (SERIAL, "SELECT * FROM orders WHERE id = 77"),
    "cast": (SERIAL, "SELECT * FROM orders WHERE id = 77.0"),
    "cast-harmless": (SERIAL, "SELECT * FROM customers WHERE email = 'c7@example.org'"),
    "sort-on-disk": (
        SERIAL + "SET work_mem = '1MB';",
        "SELECT * FROM orders ORDER BY total, created_at",
    ),
    "sort-in-memory": (
        SERIAL + "SET work_mem = '1MB';",
        "SELECT * FROM products ORDER BY name",
    ),
    "top-n": (SERIAL, "SELECT * FROM orders ORDER BY created_at DESC LIMIT 10"),
    "top-n-by-customer": (
        SERIAL,
        "SELECT * FROM orders WHERE customer_id = 42 ORDER BY created_at DESC LIMIT 10",
    ),
    "top-n-by-index": (SERIAL, "SELECT * FROM orders ORDER BY id DESC LIMIT 10"),
    "offset": (SERIAL, "SELECT * FROM orders ORDER BY id LIMIT 20 OFFSET 150000"),
    "offset-small": (SERIAL, "SELECT * FROM orders ORDER BY id LIMIT 20 OFFSET 20"),
    "hash-on-disk": (
        SERIAL + "SET work_mem = '256kB';",
        "SELECT count(o.note) FROM order_items i JOIN orders o ON o.id = i.order_id",
    ),
    "hash-aggregate-on-disk": (
        SERIAL + "SET work_mem = '256kB'; SET enable_sort = off;",
        "SELECT order_id, count(*) FROM order_items GROUP BY order_id",
    ),
    "nested-loop-without-index": (
        SERIAL + "SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_memoize = off;",
        "SELECT count(*) FROM customers c JOIN events e ON e.id = c.id WHERE c.id < 400",
    ),
    "nested-loop-large-outer": (
        SERIAL + "SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_memoize = off;",
        "SELECT count(c.name) FROM orders o JOIN customers c ON c.id = o.customer_id",
    ),
    "nested-loop-small-outer": (
        SERIAL,
        "SELECT * FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.id < 20",
    ),
    "memoize": (
        SERIAL + "SET enable_hashjoin = off; SET enable_mergejoin = off;",
        "SELECT count(p.name) FROM order_items i JOIN products p ON p.id = i.product_id",
    ),
    "correlated-subplan": (
        SERIAL,
        "SELECT c.name, (SELECT count(*) FROM events e WHERE e.id = c.id) FROM customers c"
        " WHERE c.id <= 300",
    ),
    "exists": (
        SERIAL,
        "SELECT count(*) FROM customers c WHERE EXISTS"
        " (SELECT 1 FROM orders o WHERE o.customer_id = c.id)",
    ),
    "merge-join": (
        SERIAL + "SET enable_hashjoin = off; SET enable_nestloop = off;",
        "SELECT count(*) FROM orders o JOIN line l ON l.order_id = o.id",
    ),
    "cte": (
        SERIAL,
        "WITH big AS MATERIALIZED (SELECT * FROM orders WHERE total > 90)"
        " SELECT count(*) FROM big a JOIN big b ON a.id = b.id + 1",
    ),
    "recursive": (
        SERIAL,
        "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 500)"
        " SELECT sum(i) FROM n",
    ),
    "init-plan": (SERIAL, "SELECT * FROM orders WHERE total > (SELECT avg(total) * 1.9 FROM orders)"),
    "parallel": (PARALLEL, "SELECT status, count(*) FROM orders GROUP BY status"),
    "parallel-scan": (PARALLEL, "SELECT * FROM orders WHERE customer_id = 42"),
    "parallel-hash": (
        PARALLEL,
        "SELECT count(*) FROM orders o JOIN order_items i ON i.order_id = o.id",
    ),
    "workers-missing": (
        PARALLEL + "SET max_parallel_workers = 0;",
        "SELECT count(*) FROM orders WHERE total > 3",
    ),
    "lossy-bitmap": (
        SERIAL + "SET work_mem = '64kB'; SET enable_seqscan = off; SET enable_indexscan = off;",
        "SELECT count(*) FROM indexed WHERE customer_id IN (1, 2, 3, 4)",
    ),
    "index-filter": (
        SERIAL + "SET enable_seqscan = off; SET enable_bitmapscan = off;",
        "SELECT * FROM indexed WHERE customer_id = 7 AND flag = 7",
    ),
    "heap-fetches": (
        SERIAL + "SET enable_seqscan = off; SET enable_bitmapscan = off;",
        "SELECT count(customer_id) FROM indexed WHERE customer_id < 10",
    ),
    "stale-statistics": (SERIAL, "SELECT * FROM stale WHERE grp = 5 AND id > 3"),
    "partitions": (SERIAL, "SELECT count(*) FROM events WHERE kind = 'k1'"),
    "window": (
        SERIAL,
        "SELECT id, sum(total) OVER (PARTITION BY customer_id ORDER BY id) FROM orders WHERE id < 500",
    ),
    "incremental-sort": (SERIAL, "SELECT * FROM indexed ORDER BY customer_id, flag LIMIT 50"),
    "set-operation": (
        SERIAL,
        "SELECT id FROM customers EXCEPT SELECT customer_id FROM orders WHERE id < 1000",
    ),
    "never-executed": (SERIAL, "SELECT * FROM orders o JOIN customers c ON c.id = o.customer_id"
                               " WHERE o.id = -1"),
    "function-scan": (SERIAL, "SELECT * FROM generate_series(1, 3) g, (VALUES (1), (2)) v (x)"),
    "jit": ("SET jit = on; SET jit_above_cost = 0; SET jit_inline_above_cost = 0;"
            "SET jit_optimize_above_cost = 0; SET max_parallel_workers_per_gather = 0;",
            "SELECT sum(total), avg(total), max(note) FROM orders WHERE id < 50"),
    "triggers": (SERIAL, "INSERT INTO line (order_id) SELECT id FROM orders WHERE id <= 5000"),
    "plain-join": (
        SERIAL,
        "SELECT c.name, sum(o.total) FROM orders o JOIN customers c ON c.id = o.customer_id"
        " WHERE o.status = 'open' GROUP BY c.name",
    ),
    "plain-seq-scan": (SERIAL, "SELECT * FROM orders WHERE customer_id = 42"),
}  # fmt: skip


# in XML and YAML too
OTHER_FORMATS = (
    "init-plan", "cte", "parallel-hash", "partitions", "triggers", "window", "memoize",
    "never-executed", "jit", "sort-on-disk", "plain-join", "correlated-subplan", "recursive",
    "set-operation", "incremental-sort",
)  # fmt: skip


def in_format(url: str, folder: Path, form: str) -> None:
    """Write some of the statements in one more format."""
    folder.mkdir(parents=True, exist_ok=True)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SCHEMA)
        for name in OTHER_FORMATS:
            settings, statement = STATEMENTS[name]
            options = "SETTINGS" if name.startswith("plain") else "ANALYZE, BUFFERS, SETTINGS"
            connection.execute("RESET ALL; SET search_path = shop; SET track_io_timing = on;")
            connection.execute(settings)
            connection.execute("BEGIN")
            cursor = connection.execute(f"EXPLAIN ({options}, FORMAT {form}) {statement}")
            text = "\n".join(row[0] for row in cursor.fetchall())
            connection.execute("ROLLBACK")
            (folder / f"{name}.{form.lower()}").write_text(text + "\n", encoding="utf-8")


def main(url: str, folder: Path) -> None:
    """Write NAME.txt and NAME.json of each statement."""
    folder.mkdir(parents=True, exist_ok=True)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SCHEMA)
        for name, (settings, statement) in STATEMENTS.items():
            options = "SETTINGS" if name.startswith("plain") else "ANALYZE, BUFFERS, SETTINGS"
            connection.execute("RESET ALL; SET search_path = shop; SET track_io_timing = on;")
            connection.execute(settings)
            for form, suffix in (("TEXT", "txt"), ("JSON", "json")):
                connection.execute("BEGIN")
                cursor = connection.execute(f"EXPLAIN ({options}, FORMAT {form}) {statement}")
                rows = cursor.fetchall()
                connection.execute("ROLLBACK")
                text = "\n".join(row[0] for row in rows) if form == "TEXT" else json.dumps(
                    rows[0][0], indent=1
                )
                (folder / f"{name}.{suffix}").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) > 3:
        in_format(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
    else:
        main(sys.argv[1], Path(sys.argv[2]))
