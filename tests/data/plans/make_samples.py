"""Make the samples in this folder: `python make_samples.py DATABASE_URL FOLDER`.

A third argument (XML or YAML) makes NAME.xml or NAME.yaml of some of the statements instead, and
MORE the second set of statements, for the checks that came later.

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

# the second set, for the checks that came later: `make_samples.py URL FOLDER MORE`
MORE_SCHEMA = """
SET search_path = shop;
CREATE TABLE removed (customer_id int NOT NULL);
INSERT INTO removed SELECT 2500 + i FROM generate_series(1, 6000) i;
CREATE TABLE shops (id int, name text); INSERT INTO shops SELECT i, 's' || i FROM generate_series(1, 6) i;
CREATE TABLE articles (id int PRIMARY KEY, title text);
INSERT INTO articles SELECT i, md5(i::text) FROM generate_series(1, 60000) i;
CREATE TABLE bloated (id int, body text) WITH (autovacuum_enabled = off);
INSERT INTO bloated SELECT i, repeat('b', 100) FROM generate_series(1, 120000) i;
DELETE FROM bloated WHERE id % 500 <> 0;
CREATE TABLE wide (id int, body text); ALTER TABLE wide ALTER body SET STORAGE PLAIN;
INSERT INTO wide SELECT i, repeat('w', 1900) FROM generate_series(1, 6000) i;
CREATE TABLE logs (at timestamp, message text) PARTITION BY RANGE (at);
DO $$ BEGIN FOR d IN 1..16 LOOP EXECUTE format(
    'CREATE TABLE logs_%s PARTITION OF logs FOR VALUES FROM (%L) TO (%L)', d,
    timestamp '2025-01-01' + (d - 1) * interval '1 day', timestamp '2025-01-01' + d * interval '1 day');
    END LOOP; END $$;
INSERT INTO logs SELECT timestamp '2025-01-01' + i * interval '16 days' / 80000, 'm' || i % 10
    FROM generate_series(0, 79999) i;
CREATE TABLE scattered (id int, v int);
INSERT INTO scattered SELECT i, (i * 7919) % 100003 FROM generate_series(1, 150000) i;
CREATE INDEX scattered_v ON scattered USING brin (v); CREATE INDEX scattered_id ON scattered USING brin (id);
CREATE FUNCTION costly(n int) RETURNS int LANGUAGE plpgsql AS
    'DECLARE s int := 0; BEGIN FOR i IN 1..100 LOOP s := s + i; END LOOP; RETURN s + n; END';
CREATE FUNCTION made(n int) RETURNS SETOF int LANGUAGE plpgsql AS
    'BEGIN FOR i IN 1..n LOOP RETURN NEXT costly(i); END LOOP; END';
ANALYZE removed; ANALYZE shops; ANALYZE articles; ANALYZE wide; ANALYZE logs; ANALYZE scattered;
"""
MORE = {
    "not-in": (SERIAL + "SET work_mem = '64kB';",
               "SELECT count(*) FROM customers WHERE id NOT IN (SELECT customer_id FROM removed)"),
    "not-in-hashed": (SERIAL, "SELECT count(*) FROM customers WHERE id NOT IN"
                              " (SELECT customer_id FROM removed)"),
    "not-in-list": (SERIAL, "SELECT count(*) FROM orders WHERE customer_id NOT IN (1, 2, 3)"),
    "or-filter": (SERIAL, "SELECT * FROM orders WHERE customer_id = 42 OR created_at = '2025-01-05'"),
    "or-one-column": (SERIAL, "SELECT * FROM orders WHERE customer_id = 42 OR customer_id = 43"),
    "or-most-rows": (SERIAL, "SELECT * FROM orders WHERE customer_id = 42 OR total > 5"),
    "or-beside-equality": (SERIAL, "SELECT * FROM orders WHERE customer_id = 42"
                                   " AND (total > 50 OR created_at > '2025-03-01')"),
    "or-across-tables": (SERIAL, "SELECT count(*) FROM customers c JOIN orders o"
                                 " ON o.customer_id = c.id OR o.id = c.id WHERE c.id <= 20"),
    "or-on-one-side": (SERIAL, "SELECT count(*) FROM customers c JOIN orders o ON o.customer_id = c.id"
                               " AND (o.status = 'open' OR o.total > 90)"),
    "cartesian": (SERIAL, "SELECT count(*) FROM customers c, products p"),
    "cross-join-few": (SERIAL, "SELECT count(*) FROM orders o, shops s"),
    "cross-join-lateral": (SERIAL, "SELECT count(*) FROM customers c, LATERAL generate_series(1, 300) g"),
    "late-filter": (SERIAL, "WITH t AS MATERIALIZED (SELECT * FROM orders)"
                            " SELECT * FROM t WHERE customer_id = 42"),
    "cte-used-whole": (SERIAL, "WITH t AS MATERIALIZED (SELECT * FROM orders)"
                               " SELECT count(*) FROM t WHERE total >= 0"),
    "join-order": (SERIAL + "SET join_collapse_limit = 1;",
                   "SELECT count(*) FROM order_items i JOIN orders o ON o.id = i.order_id"
                   " JOIN customers c ON c.id = o.customer_id WHERE c.email = 'c7@example.org'"),
    "join-order-good": (SERIAL, "SELECT count(*) FROM order_items i JOIN orders o ON o.id = i.order_id"
                                " JOIN customers c ON c.id = o.customer_id"
                                " WHERE c.email = 'c7@example.org'"),
    "join-all-rows": (SERIAL + "SET join_collapse_limit = 1;",
                      "SELECT count(*) FROM order_items i JOIN orders o ON o.id = i.order_id"
                      " JOIN customers c ON c.id = o.customer_id"),
    "function-per-row": (SERIAL, "SELECT count(*) FROM orders WHERE id <= 20000 AND costly(id) > 0"),
    "function-scan-slow": (SERIAL, "SELECT count(*) FROM made(20000)"),
    "function-quick": (SERIAL, "SELECT count(*) FROM orders WHERE abs(id) > 0 AND length(note) > 3"),
    "function-rows": (SERIAL, "SELECT count(*) FROM generate_series(1, 300000)"),
    "limit-above-join": (SERIAL, "SELECT o.*, c.name FROM orders o LEFT JOIN customers c"
                                 " ON c.id = o.customer_id ORDER BY o.created_at DESC LIMIT 10"),
    "limit-above-join-index": (SERIAL, "SELECT o.*, c.name FROM orders o LEFT JOIN customers c"
                                       " ON c.id = o.customer_id ORDER BY o.id DESC LIMIT 10"),
    "limit-order-of-two": (SERIAL, "SELECT o.*, c.name FROM orders o JOIN customers c"
                                   " ON c.id = o.customer_id ORDER BY c.name, o.total LIMIT 10"),
    "bloated": (SERIAL, "SELECT count(*) FROM bloated WHERE body <> ''"),
    "wide-rows": (SERIAL, "SELECT count(*) FROM wide WHERE body <> ''"),
    "cte-on-disk": (SERIAL + "SET work_mem = '256kB';",
                    "WITH t AS MATERIALIZED (SELECT * FROM orders) SELECT max(note) FROM t"),
    "cte-in-memory": (SERIAL + "SET work_mem = '128MB';",
                      "WITH t AS MATERIALIZED (SELECT * FROM orders) SELECT max(note) FROM t"),
    "parallel-small": (PARALLEL, "SELECT count(*) FROM products"),
    "partitions-by-day": (SERIAL, "SELECT * FROM logs WHERE at::date = '2025-01-03' AND message = 'm1'"),
    "partitions-pruned": (SERIAL, "SELECT * FROM logs WHERE at >= '2025-01-03' AND at < '2025-01-04'"),
    "partitions-all": (SERIAL, "SELECT * FROM logs WHERE message = 'm1'"),
    "walk-in-order": (SERIAL, "SELECT * FROM orders WHERE customer_id = 4999 ORDER BY id LIMIT 5"),
    "walk-in-order-good": (SERIAL, "SELECT * FROM orders WHERE status = 'paid' ORDER BY id LIMIT 5"),
    "brin-scattered": (SERIAL + "SET enable_seqscan = off;", "SELECT * FROM scattered WHERE v = 77"),
    "brin-ordered": (SERIAL + "SET enable_seqscan = off;", "SELECT * FROM scattered WHERE id = 77"),
    "like-inside": (SERIAL, "SELECT * FROM articles WHERE title LIKE '%abc12%'"),
    "like-most-rows": (SERIAL, "SELECT * FROM articles WHERE title LIKE '%a%'"),
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


def main(url: str, folder: Path, more: bool) -> None:
    """Write NAME.txt and NAME.json of each statement of one set."""
    folder.mkdir(parents=True, exist_ok=True)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SCHEMA + MORE_SCHEMA if more else SCHEMA)
        for name, (settings, statement) in (MORE if more else STATEMENTS).items():
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
    if len(sys.argv) > 3 and sys.argv[3] != "MORE":
        in_format(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
    else:
        main(sys.argv[1], Path(sys.argv[2]), more=len(sys.argv) > 3)
