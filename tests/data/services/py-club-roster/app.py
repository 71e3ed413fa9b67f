import datetime
import os

from flask import Flask, jsonify
from sqlalchemy import ForeignKey, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

url = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://", 1)
engine = create_engine(url, pool_size=10)
app = Flask(__name__)


class Base(DeclarativeBase):
    pass


class Club(Base):
    __tablename__ = "clubs"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    members: Mapped[list["Member"]] = relationship(order_by="Member.id")


class Member(Base):
    __tablename__ = "members"
    id: Mapped[int] = mapped_column(primary_key=True)
    club_id: Mapped[int] = mapped_column(ForeignKey("clubs.id"))
    name: Mapped[str]
    memberships: Mapped[list["Membership"]] = relationship()


class Membership(Base):
    __tablename__ = "memberships"
    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    kind: Mapped[str]
    since: Mapped[datetime.date]


@app.get("/healthz")
def health():
    return jsonify(ok=True)


@app.get("/clubs/<int:number>/roster")
def roster(number):
    with Session(engine) as session:
        club = session.get(Club, number)
        lines = []
        for member in club.members:
            kinds = sorted({each.kind for each in member.memberships})
            lines.append({"name": member.name, "kinds": kinds})
        return jsonify(club=club.name, roster=lines)


if __name__ == "__main__":
    app.run("127.0.0.1", int(os.environ["PORT"]), threaded=True)
