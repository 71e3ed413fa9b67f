"""Tables of the practice."""
from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

BOOSTER_DAYS = {"rabies": 1095, "distemper": 365, "parvo": 365, "leukaemia": 365, "myxo": 180}


class Base(DeclarativeBase):
    pass


class Owner(Base):
    __tablename__ = "owners"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    phone: Mapped[str]
    balance_cents: Mapped[int]
    animals: Mapped[list[Animal]] = relationship(back_populates="owner")


class Animal(Base):
    __tablename__ = "animals"
    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("owners.id"))
    name: Mapped[str]
    species: Mapped[str]
    born_on: Mapped[date]
    owner: Mapped[Owner] = relationship(back_populates="animals")
    shots: Mapped[list[Shot]] = relationship(back_populates="animal", order_by="Shot.given_on")

    def boosters_due(self, on: date) -> list[str]:
        latest = {shot.vaccine: shot.given_on for shot in self.shots}
        return sorted(v for v, given in latest.items() if (on - given).days > BOOSTER_DAYS.get(v, 365))


class Shot(Base):
    __tablename__ = "shots"
    id: Mapped[int] = mapped_column(primary_key=True)
    animal_id: Mapped[int] = mapped_column(ForeignKey("animals.id"), index=True)
    vaccine: Mapped[str]
    given_on: Mapped[date]
    animal: Mapped[Animal] = relationship(back_populates="shots")


class Vet(Base):
    __tablename__ = "vets"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Appointment(Base):
    __tablename__ = "appointments"
    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int]
    animal_id: Mapped[int] = mapped_column(ForeignKey("animals.id"))
    vet_id: Mapped[int] = mapped_column(ForeignKey("vets.id"))
    starts_at: Mapped[datetime]
    minutes: Mapped[int]
    reason: Mapped[str]
    animal: Mapped[Animal] = relationship()
    vet: Mapped[Vet] = relationship()

    @property
    def boosters_due(self) -> list[str]:
        return self.animal.boosters_due(self.starts_at.date())
