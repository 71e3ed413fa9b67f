"""What SQLAlchemy and Django log of faulty and sound programs, on SQLite.

python tests/data/query_logs/make_orm_logs.py        # with SQLAlchemy and Django installed
"""

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def keep(folder: str, name: str, logger: str, layout: str, work: Callable[[], None]) -> None:
    """Write what a logger says while the work is done."""
    target = HERE / folder / f"{name}.log"
    target.parent.mkdir(exist_ok=True)
    handler = logging.FileHandler(target, mode="w", encoding="utf-8")
    handler.setFormatter(logging.Formatter(layout))
    log = logging.getLogger(logger)
    log.addHandler(handler)
    log.propagate = False
    try:
        work()
    finally:
        log.removeHandler(handler)
        handler.close()


def sqlalchemy() -> None:  # noqa: C901 - one program a function
    from sqlalchemy import ForeignKey, create_engine, insert, select
    from sqlalchemy.orm import (
        DeclarativeBase,
        Mapped,
        Session,
        mapped_column,
        relationship,
        selectinload,
    )

    class Base(DeclarativeBase):
        pass

    class Author(Base):
        __tablename__ = "author"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]
        books: Mapped[list["Book"]] = relationship(back_populates="author")

    class Book(Base):
        __tablename__ = "book"
        id: Mapped[int] = mapped_column(primary_key=True)
        author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))
        title: Mapped[str]
        author: Mapped[Author] = relationship(back_populates="books")

    engine = create_engine("sqlite://", echo=False)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all(Author(id=n, name=f"author {n}") for n in range(1, 31))
        session.add_all(Book(id=n, author_id=n % 30 + 1, title=f"b {n}") for n in range(1, 121))
        session.commit()

    def lazy() -> None:
        with Session(engine) as session:
            for author in session.scalars(select(Author).limit(12)):
                len(author.books)

    def eager() -> None:
        with Session(engine) as session:
            for author in session.scalars(select(Author).options(selectinload(Author.books))):
                len(author.books)

    def requests() -> None:
        for number in range(1, 9):
            with Session(engine) as session:
                session.get(Author, number)

    def pages() -> None:
        with Session(engine) as session:
            for page in range(7):
                session.scalars(select(Book).order_by(Book.id).limit(5).offset(5 * page)).all()

    def added() -> None:
        with Session(engine) as session:
            session.add_all(Book(author_id=1, title="new") for _ in range(20))
            session.flush()
            session.rollback()

    def executemany() -> None:
        with engine.begin() as connection:
            connection.execute(
                insert(Book), [{"author_id": 1, "title": f"t {n}"} for n in range(20)]
            )

    def single() -> None:
        with engine.begin() as connection:
            for number in range(20):
                connection.execute(insert(Book).values(author_id=1, title=f"t {number}"))

    def same() -> None:
        with Session(engine) as session:
            for _ in range(9):
                session.scalars(select(Author).where(Author.name == "author 4")).all()

    engine.echo = True
    logging.getLogger("sqlalchemy.engine.Engine").handlers.clear()
    layout = "%(asctime)s %(levelname)s %(name)s %(message)s"
    for work in (lazy, eager, requests, pages, added, executemany, single, same):
        keep("sqlalchemy_echo", work.__name__, "sqlalchemy.engine.Engine", layout, work)
    bare = "%(levelname)s:%(name)s:%(message)s"
    keep("sqlalchemy_echo", "lazy_without_time", "sqlalchemy.engine.Engine", bare, lazy)


def django() -> None:  # noqa: C901 - one program a function
    import django
    from django.conf import settings

    settings.configure(
        DEBUG=True,
        INSTALLED_APPS=[],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        LOGGING_CONFIG=None,
    )
    django.setup()
    from django.db import connection, models, transaction

    class Author(models.Model):
        name = models.CharField(max_length=40)

        class Meta:
            app_label = "shop"

    class Book(models.Model):
        author = models.ForeignKey(Author, on_delete=models.CASCADE)
        title = models.CharField(max_length=40)

        class Meta:
            app_label = "shop"

    with connection.schema_editor() as editor:
        editor.create_model(Author)
        editor.create_model(Book)
    Author.objects.bulk_create(Author(id=n, name=f"it's author {n}") for n in range(1, 31))
    Book.objects.bulk_create(Book(author_id=n % 30 + 1, title=f"b {n}") for n in range(120))

    def lazy() -> None:
        for book in Book.objects.all()[:15]:
            str(book.author)

    def counts() -> None:
        for author in Author.objects.all()[:10]:
            author.book_set.count()

    def selected() -> None:
        for book in Book.objects.select_related("author")[:15]:
            str(book.author)

    def prefetched() -> None:
        for author in Author.objects.prefetch_related("book_set")[:15]:
            len(author.book_set.all())

    def pages() -> None:
        for page in range(6):
            list(Book.objects.order_by("id")[5 * page : 5 * page + 5])

    def single() -> None:
        with transaction.atomic():
            for number in range(15):
                Book.objects.create(author_id=1, title=f"t {number}")

    def bulk() -> None:
        Book.objects.bulk_create(Book(author_id=1, title=f"t {n}") for n in range(15))

    def same() -> None:
        with transaction.atomic():
            for _ in range(8):
                Author.objects.get(id=3)

    logging.getLogger("django.db.backends").setLevel(logging.DEBUG)
    for work in (lazy, counts, selected, prefetched, pages, single, bulk, same):
        layout = "%(levelname)s %(asctime)s %(module)s %(message)s"
        keep("django", work.__name__, "django.db.backends", layout, work)
    keep("django", "lazy_without_time", "django.db.backends", "%(message)s", lazy)


if __name__ == "__main__":
    jobs: dict[str, Any] = {"sqlalchemy": sqlalchemy, "django": django}
    for name in sys.argv[1:] or jobs:
        jobs[name]()
