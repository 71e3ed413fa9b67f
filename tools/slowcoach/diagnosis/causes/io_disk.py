"""Requests wait for the disk: synchronous writes, syncs or reads."""

from slowcoach.core.finding import Evidence
from slowcoach.core.units import share, size
from slowcoach.diagnosis.cause import Cause
from slowcoach.diagnosis.causes._places import latency, places, shares
from slowcoach.diagnosis.claim import all_that
from slowcoach.diagnosis.models import Activity, Judgement
from slowcoach.diagnosis.view import View

WORD = "io.disk"


def _judge(view: View) -> Judgement:
    def waits(a: Activity) -> bool:
        return a.state == "disk" and a.carrier != "loop"

    held = view.own_share(waits)
    waiting = view.top(waits)
    if not waiting:
        return Judgement(cause=WORD, score=0, why="nobody was seen waiting for the disk")
    behind = view.queued / view.concurrency * held
    written = view.loaded.written_bytes / view.requests
    read = view.loaded.read_chars / view.requests
    files = list(dict.fromkeys(a.target.rsplit("/", 1)[-1] for a in waiting if a.target))
    return Judgement(
        cause=WORD,
        score=min(1.0, held + behind) * view.late,
        why=(
            f"{share(held)} of the latency is in file operations; {size(written)} reach the disk "
            f"and {size(read)} are read per request"
        ),
        where=(*places(waiting, 2), *files[:2]),
        figures=(
            *shares(view, waiting, "are in a file operation"),
            Evidence(metric="bytes written to disk per request", value=written, unit="bytes"),
            Evidence(metric="bytes read per request", value=read, unit="bytes"),
            *latency(view),
        ),
    )


CAUSE = Cause(WORD, _judge, claims=lambda _: all_that(lambda a: a.state == "disk"))
