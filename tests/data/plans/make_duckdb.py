"""Write plans that the installed DuckDB prints: make_duckdb.py FOLDER."""

import sys
from pathlib import Path

import duckdb

STATEMENTS = {
    "join": "SELECT k.n, sum(t) FROM o JOIN k ON k.id = o.c WHERE s = 's1' AND t > 10 "
    "GROUP BY k.n ORDER BY 2 DESC LIMIT 5",
    "filter": "SELECT * FROM o WHERE id = 5",
    "inequality": "SELECT * FROM o a, k b, k d WHERE a.c = b.id AND d.id < a.t AND b.n < d.n",
    "window": "SELECT *, row_number() OVER (PARTITION BY c ORDER BY t) FROM o "
    "WHERE id IN (SELECT id FROM k WHERE n LIKE 'n1%')",
    "union": "SELECT c FROM o UNION ALL SELECT id FROM k",
    "recursive": "WITH RECURSIVE r AS (SELECT 1 n UNION ALL SELECT n + 1 FROM r WHERE n < 5) "
    "SELECT * FROM r",
    "subquery": "SELECT (SELECT max(t) FROM o WHERE o.c = k.id) FROM k",
    "bushy": "SELECT * FROM o JOIN k ON o.c = k.id JOIN k k2 ON k2.id = o.id "
    "JOIN k k3 ON k3.id = k2.id WHERE o.s = 's1'",
}


def main() -> None:
    folder = Path(sys.argv[1])
    version = duckdb.__version__.split(".")[0]
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    connection.execute(
        "CREATE TABLE o AS SELECT i id, i % 100 c, i * 1.5 t, 's' || (i % 3) s FROM range(20000) x(i)"
    )
    connection.execute("CREATE TABLE k AS SELECT i id, 'n' || i n FROM range(100) x(i)")
    for name, sql in STATEMENTS.items():
        for prefix, options in (("plain", ""), ("analyze", "ANALYZE")):
            text = connection.execute(f"EXPLAIN {options} {sql}").fetchall()[0][1]
            listed = ", ".join(item for item in (options, "FORMAT JSON") if item)
            form = connection.execute(f"EXPLAIN ({listed}) {sql}").fetchall()[0][1]
            stem = f"v{version}-{prefix}-{name}"
            (folder / "duckdb_text" / f"{stem}.txt").write_text(text, encoding="utf-8")
            (folder / "duckdb_json" / f"{stem}.json").write_text(form, encoding="utf-8")


main()
