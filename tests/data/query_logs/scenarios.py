"""What programs do to a database, faulty and sound, by any DB-API driver.

Each scenario is run alone, so that a log of it holds only its own statements. FAULTS says which
rules must be found in it; everything else must not be.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

Connect = Callable[[], Any]
FAULTS = {
    "loop_of_lookups": ["db.n_plus_one"],
    "loop_in_a_transaction": ["db.n_plus_one"],
    "loop_of_two_lookups": ["db.n_plus_one"],
    "loop_of_counts": ["db.n_plus_one"],
    "same_again": ["db.duplicate_reads"],
    "single_inserts": ["db.single_row_writes"],
    "single_updates": ["db.single_row_writes"],
    "chatty": ["db.chatty_transaction"],
    "idle": ["db.idle_in_transaction"],
    "waits_for_a_lock": ["db.lock_wait"],
    "batched": [],
    "chunks": [],
    "pages": [],
    "keyset_pages": [],
    "retries": ["db.failing_statements"],
    "polling": [],
    "tenants": [],
    "schemas": [],
    "many_rows_at_once": [],
    "pooled": [],
    "few_lookups": [],
}
AUTHORS, BOOKS = 40, 400


def tables(connection: Any) -> None:
    """Make the tables and their rows."""
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE author (id INTEGER PRIMARY KEY, name VARCHAR(40))")
    cursor.execute(
        "CREATE TABLE book (id INTEGER PRIMARY KEY, author_id INTEGER, title VARCHAR(40))"
    )
    cursor.execute("CREATE TABLE visit (id INTEGER PRIMARY KEY, author_id INTEGER, note TEXT)")
    authors = ", ".join(f"({n}, 'author {n}')" for n in range(1, AUTHORS + 1))
    cursor.execute(f"INSERT INTO author VALUES {authors}")
    books = ", ".join(f"({n}, {n % AUTHORS + 1}, 'book {n}')" for n in range(1, BOOKS + 1))
    cursor.execute(f"INSERT INTO book VALUES {books}")
    cursor.execute("CREATE INDEX book_author ON book (author_id)")
    connection.commit()


def run(name: str, connect: Connect) -> None:
    """Run one scenario on connections that commit by themselves unless BEGIN is sent."""
    globals()[name](connect)


def _ask(cursor: Any, sql: str, values: Sequence[Any] = ()) -> list[Any]:
    cursor.execute(sql, values) if values else cursor.execute(sql)
    return list(cursor.fetchall()) if cursor.description else []


def loop_of_lookups(connect: Connect) -> None:
    cursor = connect().cursor()
    for author in _ask(cursor, "SELECT id, name FROM author ORDER BY name LIMIT 20"):
        _ask(cursor, "SELECT id, title FROM book WHERE author_id = %s", [author[0]])


def loop_in_a_transaction(connect: Connect) -> None:
    cursor = connect().cursor()
    cursor.execute("BEGIN")
    for book in _ask(cursor, "SELECT id, author_id FROM book ORDER BY id LIMIT 15"):
        _ask(cursor, "SELECT name FROM author WHERE id = %s", [book[1]])
    cursor.execute("COMMIT")


def loop_of_two_lookups(connect: Connect) -> None:
    cursor = connect().cursor()
    for _ in range(2):
        for book in _ask(cursor, "SELECT id, author_id FROM book ORDER BY id LIMIT 12"):
            _ask(cursor, "SELECT name FROM author WHERE id = %s", [book[1]])
            _ask(cursor, "SELECT note FROM visit WHERE author_id = %s LIMIT 3", [book[1]])


def loop_of_counts(connect: Connect) -> None:
    cursor = connect().cursor()
    for author in _ask(cursor, "SELECT id FROM author ORDER BY id LIMIT 25"):
        _ask(cursor, "SELECT count(*) FROM book WHERE author_id = %s", [author[0]])


def same_again(connect: Connect) -> None:
    cursor = connect().cursor()
    cursor.execute("BEGIN")
    for _ in _ask(cursor, "SELECT id FROM book ORDER BY id LIMIT 12"):
        _ask(cursor, "SELECT name FROM author WHERE id = %s", [7])
    cursor.execute("COMMIT")


def single_inserts(connect: Connect) -> None:
    cursor = connect().cursor()
    cursor.execute("BEGIN")
    for number in range(30):
        _ask(cursor, "INSERT INTO visit VALUES (%s, %s, %s)", [number, 1, "it's a visit"])
    cursor.execute("ROLLBACK")


def single_updates(connect: Connect) -> None:
    cursor = connect().cursor()
    for number in range(1, 21):
        _ask(cursor, "UPDATE book SET title = %s WHERE id = %s", [f"book {number}", number])


def chatty(connect: Connect) -> None:
    cursor = connect().cursor()
    cursor.execute("BEGIN")
    for number in range(7):
        for column in ("id", "author_id", "title"):
            _ask(cursor, f"SELECT max({column}) FROM book WHERE id <> %s", [number])
            _ask(cursor, f"SELECT min({column}) FROM book WHERE id > %s", [number])
            _ask(cursor, f"SELECT count({column}) FROM book WHERE id < %s", [number])
    cursor.execute("COMMIT")


def idle(connect: Connect) -> None:
    cursor = connect().cursor()
    cursor.execute("BEGIN")
    _ask(cursor, "SELECT name FROM author WHERE id = %s", [1])
    time.sleep(2.3)
    _ask(cursor, "UPDATE author SET name = %s WHERE id = %s", ["author 1", 1])
    cursor.execute("COMMIT")


def waits_for_a_lock(connect: Connect) -> None:
    holder, waiter = connect().cursor(), connect().cursor()
    holder.execute("BEGIN")
    _ask(holder, "UPDATE author SET name = %s WHERE id = %s", ["author 2", 2])
    sql = "UPDATE author SET name = %s WHERE id = %s"
    waiting = threading.Thread(target=_ask, args=(waiter, sql, ["author 2", 2]))
    waiting.start()
    time.sleep(0.5)
    holder.execute("COMMIT")
    waiting.join()


def batched(connect: Connect) -> None:
    cursor = connect().cursor()
    ids = [row[0] for row in _ask(cursor, "SELECT id FROM author ORDER BY id LIMIT 20")]
    marks = ", ".join(["%s"] * len(ids))
    _ask(cursor, f"SELECT id, title FROM book WHERE author_id IN ({marks})", ids)


def chunks(connect: Connect) -> None:
    cursor = connect().cursor()
    ids = [row[0] for row in _ask(cursor, "SELECT id FROM book ORDER BY id LIMIT 200")]
    for begin in range(0, 200, 20):
        marks = ", ".join(["%s"] * 20)
        _ask(cursor, f"SELECT title FROM book WHERE id IN ({marks})", ids[begin : begin + 20])


def pages(connect: Connect) -> None:
    cursor = connect().cursor()
    _ask(cursor, "SELECT id, name FROM author ORDER BY id LIMIT 20")
    for page in range(8):
        sql = "SELECT id, title FROM book WHERE author_id = %s ORDER BY id LIMIT %s OFFSET %s"
        _ask(cursor, sql, [3, 2, 2 * page])


def keyset_pages(connect: Connect) -> None:
    cursor = connect().cursor()
    _ask(cursor, "SELECT id, name FROM author ORDER BY id LIMIT 20")
    for page in range(8):
        sql = "SELECT id, title FROM book WHERE author_id = %s AND id > %s ORDER BY id LIMIT %s"
        _ask(cursor, sql, [3, 40 * page, 1])


def retries(connect: Connect) -> None:
    cursor = connect().cursor()
    _ask(cursor, "SELECT id, name FROM author ORDER BY id LIMIT 20")
    for _ in range(6):
        with contextlib.suppress(Exception):
            _ask(cursor, "SELECT name FROM absent WHERE id = %s", [5])
    _ask(cursor, "SELECT name FROM author WHERE id = %s", [5])


def polling(connect: Connect) -> None:
    cursor = connect().cursor()
    _ask(cursor, "SELECT id, name FROM author ORDER BY id LIMIT 20")
    for number in range(8):
        _ask(cursor, "SELECT id FROM visit WHERE id = %s", [number])
        time.sleep(0.25)


def tenants(connect: Connect) -> None:
    cursor = connect().cursor()
    for author in _ask(cursor, "SELECT id FROM author ORDER BY id LIMIT 8"):
        _ask(connect().cursor(), "SELECT title FROM book WHERE author_id = %s", [author[0]])


def schemas(connect: Connect) -> None:
    """One connection serves one tenant after the other."""
    cursor = connect().cursor()
    names = _ask(cursor, "SELECT id FROM author ORDER BY id LIMIT 8")
    for author in names:
        cursor.execute("SET search_path = public")
        _ask(cursor, "SELECT title FROM book WHERE author_id = %s", [author[0]])


def many_rows_at_once(connect: Connect) -> None:
    cursor = connect().cursor()
    for begin in range(100, 1000, 100):
        rows = ", ".join(f"({n}, 1, 'many')" for n in range(begin, begin + 50))
        cursor.execute(f"INSERT INTO visit VALUES {rows}")
    cursor.execute("DELETE FROM visit")


def pooled(connect: Connect) -> None:
    """A connection of a pool serves request after request of four kinds, in no order."""
    cursor = connect().cursor()
    state = 7
    for number in range(1, 81):
        state = (state * 1103515245 + 12345) % 2**31
        kind = state // 65536 % 7
        if kind == 0:
            _ask(cursor, "SELECT id, name FROM author ORDER BY id LIMIT 20")
        elif kind == 1:
            _ask(cursor, "SELECT id FROM book WHERE title LIKE %s", [f"book {number}"])
        elif kind <= 4:
            _ask(cursor, "SELECT name FROM author WHERE id = %s", [number])
            _ask(cursor, "SELECT title FROM book WHERE author_id = %s", [number])
        else:
            _ask(cursor, "SELECT title FROM book WHERE id = %s", [number])
            _ask(cursor, "SELECT note FROM visit WHERE author_id = %s", [number])


def few_lookups(connect: Connect) -> None:
    cursor = connect().cursor()
    for author in _ask(cursor, "SELECT id FROM author ORDER BY id LIMIT 3"):
        _ask(cursor, "SELECT id, title FROM book WHERE author_id = %s", [author[0]])
