"""Reports for a school's classes."""
import os
from decimal import Decimal

from flask import Flask, abort
from sqlalchemy import ForeignKey, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

engine = create_engine(os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg2://", 1), pool_size=8)
app = Flask(__name__)


class Base(DeclarativeBase):
    pass


class Class(Base):
    __tablename__ = "classes"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    pupils: Mapped[list["Pupil"]] = relationship(back_populates="school_class", order_by="Pupil.name")


class Pupil(Base):
    __tablename__ = "pupils"
    id: Mapped[int] = mapped_column(primary_key=True)
    class_id: Mapped[int] = mapped_column(ForeignKey("classes.id"))
    name: Mapped[str]
    school_class: Mapped[Class] = relationship(back_populates="pupils")
    marks: Mapped[list["Mark"]] = relationship(back_populates="pupil")


class Subject(Base):
    __tablename__ = "subjects"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Mark(Base):
    __tablename__ = "marks"
    id: Mapped[int] = mapped_column(primary_key=True)
    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupils.id"))
    subject_id: Mapped[int] = mapped_column(ForeignKey("subjects.id"))
    mark: Mapped[Decimal]
    pupil: Mapped[Pupil] = relationship(back_populates="marks")
    subject: Mapped[Subject] = relationship()


def average(pupil: Pupil) -> dict[str, float]:
    by_subject: dict[str, list[Decimal]] = {}
    for mark in pupil.marks:
        by_subject.setdefault(mark.subject.name, []).append(mark.mark)
    return {name: round(float(sum(marks) / len(marks)), 2) for name, marks in sorted(by_subject.items())}


def pupil_line(pupil: Pupil) -> dict:
    subjects = average(pupil)
    return {"pupil": pupil.name, "subjects": subjects, "passes": all(mark <= 4.5 for mark in subjects.values())}


@app.get("/classes/<int:number>/report")
def report(number):
    with Session(engine) as session:
        found = session.get(Class, number) or abort(404)
        return {"class": found.name, "pupils": [pupil_line(pupil) for pupil in found.pupils]}


@app.get("/subjects")
def subjects():
    with Session(engine) as session:
        return {"subjects": list(session.scalars(select(Subject.name).order_by(Subject.id)))}


@app.get("/healthz")
def healthz():
    return {"ok": True}
