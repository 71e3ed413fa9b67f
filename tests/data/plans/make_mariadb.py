"""Write plans that a MariaDB server prints: make_mariadb.py SOCKET FOLDER (an empty private server)."""

import subprocess
import sys
from pathlib import Path

import pymysql

SCHEMA = """
DROP DATABASE IF EXISTS shop
CREATE DATABASE shop
USE shop
CREATE TABLE shop.customers (id INT PRIMARY KEY, name VARCHAR(40), city VARCHAR(40)) ENGINE=InnoDB
CREATE TABLE shop.orders (id INT PRIMARY KEY, customer_id INT, status VARCHAR(10), total DECIMAL(10,2), created DATE, KEY by_created (created)) ENGINE=InnoDB
CREATE TABLE shop.tags (order_id INT, tag VARCHAR(20)) ENGINE=InnoDB
INSERT INTO shop.customers SELECT seq, CONCAT('name', seq), CONCAT('city', seq % 50) FROM seq_1_to_1000
INSERT INTO shop.orders SELECT seq, seq % 1000 + 1, IF(seq % 9 = 0, 'open', 'done'), seq * 1.5, '2024-01-01' + INTERVAL seq % 300 DAY FROM seq_1_to_20000
INSERT INTO shop.tags SELECT seq, CONCAT('tag', seq % 30) FROM seq_1_to_3000
ANALYZE TABLE shop.customers, shop.orders, shop.tags
"""
STATEMENTS = {
    "full-scan": "SELECT * FROM orders WHERE customer_id = 7 AND status = 'open'",
    "primary-key": "SELECT * FROM orders WHERE id = 7",
    "range": "SELECT * FROM orders WHERE created BETWEEN '2024-02-01' AND '2024-02-03'",
    "covering": "SELECT created FROM orders ORDER BY created LIMIT 5",
    "join": "SELECT c.name, o.total FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.status = 'open'",
    "join-buffer": "SELECT o.id, t.tag FROM orders o JOIN tags t ON t.order_id = o.customer_id WHERE o.status = 'open'",
    "filesort": "SELECT * FROM orders WHERE status = 'open' ORDER BY total DESC LIMIT 10",
    "group": "SELECT c.city, SUM(o.total) s FROM orders o JOIN customers c ON c.id = o.customer_id GROUP BY c.city ORDER BY s DESC",
    "dependent": "SELECT c.name, (SELECT MAX(t.tag) FROM tags t WHERE t.order_id = c.id) m FROM customers c WHERE c.city = 'city3'",
    "derived": "SELECT * FROM (SELECT customer_id, COUNT(*) n FROM orders GROUP BY customer_id) d JOIN customers c ON c.id = d.customer_id WHERE d.n > 5",
    "union": "SELECT id FROM customers WHERE city = 'city1' UNION SELECT customer_id FROM orders WHERE status = 'open'",
    "in-subquery": "SELECT * FROM customers WHERE id IN (SELECT order_id FROM tags WHERE tag = 'tag3')",
    "range-checked": "SELECT * FROM customers c JOIN orders o ON o.created < c.city OR o.id < c.id",
    "window": "SELECT id, ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY total) r FROM orders WHERE status = 'open'",
    "recursive": "WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 9) SELECT * FROM r",
    "impossible": "SELECT * FROM orders WHERE 1 = 0",
    "left-join": "SELECT c.id, t.tag FROM customers c LEFT JOIN tags t ON t.order_id = c.id WHERE t.tag IS NULL",
    "distinct": "SELECT DISTINCT status FROM orders",
    "index-merge": "SELECT * FROM orders WHERE id = 3 OR created = '2024-02-02'",
    "exists": "SELECT * FROM customers c WHERE NOT EXISTS (SELECT 1 FROM tags t WHERE t.order_id = c.id AND t.tag = c.city)",
}


def main() -> None:
    socket, folder = sys.argv[1], Path(sys.argv[2])
    connection = pymysql.connect(unix_socket=socket, user="root", autocommit=True)
    with connection.cursor() as cursor:
        for line in SCHEMA.strip().splitlines():
            cursor.execute(line)
        for name, sql in STATEMENTS.items():
            for prefix, verb in (("plain", "EXPLAIN"), ("analyze", "ANALYZE")):
                cursor.execute(f"{verb} FORMAT=JSON {sql}")
                text = "\n".join(row[0] for row in cursor.fetchall())
                file = folder / "mariadb_json" / f"{prefix}-{name}.json"
                file.write_text(text + "\n", encoding="utf-8")
                for options, ending in ((["-t"], "txt"), (["-E"], "vertical.txt"), ([], "tsv")):
                    if ending != "txt" and name not in {"join", "filesort", "union"}:
                        continue
                    client = ["mariadb", "--no-defaults", "-uroot", "-S", socket, *options, "shop"]
                    found = subprocess.run(
                        [*client, "-e", f"{verb} {sql}"], check=True, capture_output=True
                    )
                    file = folder / "mariadb_table" / f"{prefix}-{name}.{ending}"
                    file.write_bytes(found.stdout)


main()
