"""Tables of the tram and bus depots."""
from datetime import date

from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Depot(Base):
    __tablename__ = "depots"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Line(Base):
    __tablename__ = "lines"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]
    vehicle: Mapped[str]


class Licence(Base):
    __tablename__ = "licences"
    id: Mapped[int] = mapped_column(primary_key=True)
    driver_id: Mapped[int] = mapped_column(ForeignKey("drivers.id"))
    vehicle: Mapped[str]
    valid_until: Mapped[date]


class Driver(Base):
    __tablename__ = "drivers"
    id: Mapped[int] = mapped_column(primary_key=True)
    depot_id: Mapped[int] = mapped_column(ForeignKey("depots.id"))
    name: Mapped[str]
    hired: Mapped[date]
    depot: Mapped[Depot] = relationship()
    licences: Mapped[list[Licence]] = relationship(order_by=Licence.valid_until)

    def may_drive(self, vehicle: str, on: date) -> bool:
        return any(licence.vehicle == vehicle and licence.valid_until >= on for licence in self.licences)

    def seniority(self, on: date) -> int:
        return (on - self.hired).days // 365


class Duty(Base):
    __tablename__ = "duties"
    id: Mapped[int] = mapped_column(primary_key=True)
    depot_id: Mapped[int] = mapped_column(ForeignKey("depots.id"))
    driver_id: Mapped[int | None] = mapped_column(ForeignKey("drivers.id"))
    line_id: Mapped[int] = mapped_column(ForeignKey("lines.id"))
    on_day: Mapped[date]
    starts: Mapped[int]
    minutes: Mapped[int]
    line: Mapped[Line] = relationship(lazy="joined")
    driver: Mapped[Driver | None] = relationship(lazy="joined")
