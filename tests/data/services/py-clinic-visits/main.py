"""Visits of a patient with what the insurer covers of them."""
import os

import requests
import uvicorn
from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import select
from sqlalchemy.orm import Session

from db import Patient, Visit, db_session

INSURER = f"http://127.0.0.1:{os.environ['UPSTREAM_PORT']}"
http = requests.Session()
http.trust_env = False
http.mount("http://", requests.adapters.HTTPAdapter(pool_connections=4, pool_maxsize=40))
app = FastAPI(title="clinic")


def covered(policy: str) -> float:
    answer = http.get(f"{INSURER}/policies/{policy}", timeout=5)
    answer.raise_for_status()
    return float(answer.json()["share"])


def invoice_line(visit: Visit, share: float) -> dict:
    insurer = round(float(visit.fee) * share, 2)
    return {"visit": visit.id, "doctor": visit.doctor, "seen": str(visit.seen), "fee": float(visit.fee),
            "insurer": insurer, "patient": round(float(visit.fee) - insurer, 2)}


@app.get("/patients/{number}/visits")
def patient_visits(number: int, session: Session = Depends(db_session)):
    patient = session.get(Patient, number)
    if patient is None:
        raise HTTPException(404, "no such patient")
    share = covered(patient.policy)
    visits = session.scalars(select(Visit).where(Visit.patient_id == number).order_by(Visit.seen.desc()).limit(12)).all()
    lines = [invoice_line(visit, share) for visit in visits]
    return {"patient": patient.name, "lines": lines, "open": round(sum(line["patient"] for line in lines), 2)}


@app.get("/patients/{number}")
def patient(number: int, session: Session = Depends(db_session)):
    found = session.get(Patient, number)
    if found is None:
        raise HTTPException(404, "no such patient")
    return {"number": found.id, "name": found.name, "policy": found.policy}


@app.get("/healthz")
async def healthz():
    return {"status": "ok"}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
