"""Tables of the register of acts."""
from datetime import date
from decimal import Decimal

from sqlalchemy import BigInteger, ForeignKey, event, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Office(Base):
    __tablename__ = "offices"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    town: Mapped[str]


class Party(Base):
    __tablename__ = "parties"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    act_id: Mapped[int] = mapped_column(ForeignKey("acts.id"))
    name: Mapped[str]


class Act(Base):
    __tablename__ = "acts"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"))
    year: Mapped[int]
    number: Mapped[int]
    kind: Mapped[str]
    value: Mapped[Decimal]
    fee: Mapped[Decimal]
    signed_on: Mapped[date]
    digest: Mapped[str]
    seal: Mapped[str | None]
    parties: Mapped[list[Party]] = relationship(lazy="selectin")

    @property
    def reference(self) -> str:
        return f"{self.office_id}/{self.year}/{self.number:05}"


@event.listens_for(Session, "before_flush")
def number_acts(session: Session, context, instances) -> None:
    """Numbers run without gaps within an office and a year, as the chamber demands."""
    for act in session.new:
        if isinstance(act, Act) and act.number is None:
            with session.no_autoflush:
                session.execute(select(func.pg_advisory_xact_lock(act.office_id, act.year)))
                last = session.scalar(select(func.max(Act.number)).where(Act.office_id == act.office_id,
                                                                         Act.year == act.year))
            act.number = (last or 0) + 1
