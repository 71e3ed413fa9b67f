"""Write plans that SQLite prints: make_sqlite.py FOLDER (needs the program sqlite3)."""

import json
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

SCHEMA = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, city TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, status TEXT, total REAL);
CREATE TABLE tags (order_id INTEGER, tag TEXT);
CREATE TABLE codes (code TEXT PRIMARY KEY, meaning TEXT) WITHOUT ROWID;
CREATE INDEX by_status ON orders (status, total);
"""
STATEMENTS = {
    "scan": "SELECT * FROM orders WHERE customer_id = 7",
    "search": "SELECT id FROM orders WHERE status = 'open' AND total > 5",
    "covering": "SELECT total FROM orders WHERE status = 'open' ORDER BY total",
    "primary-key": "SELECT * FROM orders WHERE id = 7",
    "without-rowid": "SELECT * FROM codes WHERE code = 'a'",
    "join": "SELECT c.name, o.total FROM orders o JOIN customers c ON c.id = o.customer_id",
    "automatic-index": "SELECT * FROM tags a JOIN tags b ON a.tag = b.tag WHERE b.order_id > 3",
    "left-join": "SELECT * FROM customers c LEFT JOIN tags t ON t.order_id = c.id",
    "right-join": "SELECT * FROM orders o RIGHT JOIN tags t ON t.tag = o.total",
    "or": "SELECT * FROM orders WHERE status = 'open' OR id = 3",
    "union": "SELECT status FROM orders UNION SELECT tag FROM tags ORDER BY 1",
    "union-all": "SELECT status FROM orders UNION ALL SELECT tag FROM tags",
    "except": "SELECT id FROM customers EXCEPT SELECT customer_id FROM orders",
    "subqueries": "SELECT *, (SELECT MAX(tag) FROM tags WHERE order_id = o.id) FROM orders o "
    "WHERE customer_id IN (SELECT id FROM customers WHERE city = 'x')",
    "recursive": "WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 9) "
    "SELECT * FROM r",
    "group": "SELECT city, COUNT(*) FROM customers GROUP BY city ORDER BY 2 DESC",
    "distinct": "SELECT DISTINCT city FROM customers",
    "right-part": "SELECT * FROM orders ORDER BY status, total, customer_id",
    "materialize": "SELECT * FROM (SELECT customer_id, COUNT(*) n FROM orders GROUP BY 1 LIMIT 9) d "
    "JOIN customers c ON c.id = d.customer_id",
    "window": "SELECT id, ROW_NUMBER() OVER (PARTITION BY status ORDER BY id) FROM orders",
    "constant": "VALUES (1), (2)",
}
MODES = ("list", "tabs", "box", "column", "json", "markdown", "csv", "table", "line")


def main() -> None:
    folder = Path(sys.argv[1]) / "sqlite"
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "shop.db"
        connection = sqlite3.connect(file)
        connection.executescript(SCHEMA)
        for name, sql in STATEMENTS.items():
            rows = connection.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall()
            (folder / f"{name}.py.txt").write_text(f"{rows}\n", encoding="utf-8")
            shell(file, folder / f"{name}.tree.txt", f".eqp off\nEXPLAIN QUERY PLAN {sql};\n")
        # the shell draws a tree of every EXPLAIN QUERY PLAN, so other modes print rows of a table
        connection.execute("CREATE TABLE plan (id INT, parent INT, notused INT, detail TEXT)")
        rows = connection.execute(f"EXPLAIN QUERY PLAN {STATEMENTS['subqueries']}").fetchall()
        connection.executemany("INSERT INTO plan VALUES (?, ?, ?, ?)", rows)
        connection.commit()
        for mode in MODES:
            shell(
                file,
                folder / f"subqueries.{mode}.txt",
                f".headers on\n.mode {mode}\nSELECT * FROM plan;\n",
            )
        names = ("id", "parent", "notused", "detail")
        dicts = [dict(zip(names, row, strict=True)) for row in rows]
        (folder / "subqueries.dicts.txt").write_text(f"{dicts}\n", encoding="utf-8")
        (folder / "subqueries.rows.json").write_text(json.dumps(rows) + "\n", encoding="utf-8")


def shell(database: Path, file: Path, commands: str) -> None:
    found = subprocess.run(
        ["sqlite3", database], input=commands.encode(), check=True, capture_output=True
    )
    file.write_bytes(found.stdout)


main()
