"""Tables of the kennel."""
from datetime import date, datetime, timezone
from decimal import Decimal

from sqlalchemy import ForeignKey, Identity
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Keeper(Base):
    __tablename__ = "keepers"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    mail: Mapped[str]


class Hold(Base):
    __tablename__ = "holds"
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    keeper_id: Mapped[int] = mapped_column(ForeignKey("keepers.id"))
    kennel: Mapped[str]
    arrive: Mapped[date]
    nights: Mapped[int]
    state: Mapped[str] = mapped_column(default="open")
    price: Mapped[Decimal]
    animals: Mapped[list["HoldAnimal"]] = relationship(cascade="all, delete-orphan", passive_deletes=True)
    events: Mapped[list["HoldEvent"]] = relationship(cascade="all, delete-orphan", passive_deletes=True)


class HoldAnimal(Base):
    __tablename__ = "hold_animals"
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    hold_id: Mapped[int] = mapped_column(ForeignKey("holds.id", ondelete="CASCADE"))
    kind: Mapped[str]
    box: Mapped[int | None]


class HoldEvent(Base):
    __tablename__ = "hold_events"
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    hold_id: Mapped[int] = mapped_column(ForeignKey("holds.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(default=lambda: datetime.now(timezone.utc))
    what: Mapped[str]
    note: Mapped[str | None]
