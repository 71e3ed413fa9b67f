"""A phase as other evidence explains it: what the disk and the database were seen to do. Pure."""

from slowcoach.diagnosis.activity import OF_DRIVER
from slowcoach.diagnosis.file_work import with_disk
from slowcoach.diagnosis.limits import looking
from slowcoach.diagnosis.models import Activity, Observed, Phase
from slowcoach.diagnosis.requests_share import beside, for_requests, without

_FOR_CLIENT = "Client:"  # what a session waits for that has nothing to do, in PostgreSQL's words


def explained(phase: Phase, observed: Observed) -> Phase:
    """Return the phase with what belongs to files and to the database counted as such, and without
    what is more than its requests can be doing.
    """
    found = with_queues(with_disk(phase, observed), observed)
    return for_requests(without(found, beside((observed.alone, observed.loaded))))


def with_queues(phase: Phase, observed: Observed) -> Phase:
    """Return the phase with waits for a driver's connection as waits for the database, where that
    works for most of the connections, or lets them wait for a lock: answers may come in parts, and
    several statements may be asked on one connection.
    """
    database = observed.database
    if database is None:
        return phase
    at_work = sum(n for event, n in database.activity.items() if not event.startswith(_FOR_CLIENT))
    if at_work < looking("connections_asked") * database.sessions:
        return phase

    def told(a: Activity) -> Activity:
        mine = a.target == OF_DRIVER and a.port == database.port
        return a.model_copy(update={"state": "db", "target": ""}) if mine else a

    return phase.model_copy(update={"activities": tuple(told(a) for a in phase.activities)})
