import os

from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker


class Base(DeclarativeBase):
    pass


class Patient(Base):
    __tablename__ = "patients"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    policy: Mapped[str]


class Visit(Base):
    __tablename__ = "visits"
    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int]
    doctor: Mapped[str]
    seen: Mapped[str]
    fee: Mapped[float]


engine = create_engine(os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://"),
                       pool_size=2, max_overflow=0, pool_timeout=30, pool_pre_ping=True)
SessionLocal = sessionmaker(engine, expire_on_commit=False)


def db_session():
    session: Session = SessionLocal()
    try:
        yield session
    finally:
        session.close()
