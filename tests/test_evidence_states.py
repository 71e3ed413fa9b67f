"""What a stack and a kernel's wait mean, in one word."""

import pytest

from slowcoach.diagnosis.evidence.frames import function_of, is_user, origin_of, place_of
from slowcoach.diagnosis.evidence.loops import runs_loop
from slowcoach.diagnosis.evidence.states import task_state, thread_state
from slowcoach.diagnosis.evidence.waits import RUN, Wait
from slowcoach.diagnosis.interpreter.stacks import PyFrame

LIB = "/usr/lib/python3.11"
SITE = "/srv/venv/lib/python3.11/site-packages"
LOCK = Wait("lock", "0x1")


def frame(name: str, file: str, line: int = 1) -> PyFrame:
    return PyFrame(name, file, line)


def frames(*places: str) -> list[PyFrame]:
    """Return frames from `file:function` words, leaf first."""
    return [frame(p.split(":")[1], p.split(":")[0]) for p in places]


@pytest.mark.parametrize(
    ("file", "origin"),
    [
        ("/srv/app/orders.py", ("user", "/srv/app/orders.py")),
        (f"{SITE}/flask/app.py", ("library", "flask/app.py")),
        ("/usr/lib/python3/dist-packages/yaml/reader.py", ("library", "yaml/reader.py")),
        (f"{LIB}/asyncio/base_events.py", ("stdlib", "asyncio/base_events.py")),
        ("uvloop/loop.pyx", ("library", "uvloop/loop.pyx")),
        ("<frozen importlib._bootstrap>", ("stdlib", "<frozen importlib._bootstrap>")),
    ],
)
def test_whose_code_a_file_is(file: str, origin: tuple[str, str]) -> None:
    assert origin_of(file) == origin


def test_a_comprehension_belongs_to_its_function() -> None:
    assert function_of(frame("total.<locals>.<genexpr>", "/srv/a.py")) == "total"
    assert function_of(frame("Shop.total", "/srv/a.py")) == "Shop.total"
    assert place_of(frame("handler.<locals>.inner", "/srv/a.py", 7)) == "handler.inner (a.py:7)"
    assert is_user(frame("f", "/srv/a.py"))


@pytest.mark.parametrize(
    ("wait", "callee", "state"),
    [
        (RUN, (), "cpu"),
        (Wait("gil"), (), "gil"),
        (LOCK, (), "lock"),
        (Wait("sleep", timed=True), (), "sleep"),
        (LOCK, (f"{LIB}/threading.py:Condition.wait", f"{LIB}/queue.py:Queue.get"), "queue"),
        (LOCK, (f"{LIB}/threading.py:Semaphore.acquire",), "semaphore"),
        (LOCK, (f"{LIB}/threading.py:Condition.wait", f"{LIB}/threading.py:Event.wait"), "event"),
        (
            LOCK,
            (
                f"{LIB}/threading.py:Condition.wait",
                f"{LIB}/concurrent/futures/_base.py:Future.result",
            ),
            "join",
        ),
        (
            LOCK,
            (
                f"{LIB}/threading.py:Condition.wait",
                f"{SITE}/sqlalchemy/util/queue.py:Queue.get",
                f"{SITE}/sqlalchemy/pool/impl.py:QueuePool._do_get",
                f"{SITE}/sqlalchemy/engine/base.py:Engine.connect",
            ),
            "pool",
        ),
        (Wait("socket", "127.0.0.1:5000", 5000), (f"{SITE}/psycopg/cursor.py:execute",), "db"),
        (Wait("socket", "127.0.0.1:8080", 8080), (f"{SITE}/requests/api.py:get",), "net"),
        (
            Wait("socket", "127.0.0.1:8080", 8080),
            (f"{SITE}/urllib3/connectionpool.py:HTTPConnectionPool.urlopen",),
            "net",
        ),
        (Wait("socket", "the client", 40000, client=True), (), "client"),
        (Wait("disk", "/var/lib/x.log"), (), "disk"),
        (Wait("file lock"), (), "lock"),
    ],
)
def test_states_of_threads(wait: Wait, callee: tuple[str, ...], state: str) -> None:
    assert thread_state(wait, frames(*callee), database_port=5000) == state


@pytest.mark.parametrize(
    ("awaits", "callee", "state"),
    [
        ("_asyncio.Future", (f"{LIB}/asyncio/tasks.py:sleep",), "sleep"),
        ("_asyncio.Future", (f"{LIB}/asyncio/locks.py:Lock.acquire",), "lock"),
        ("_asyncio.Future", (f"{LIB}/asyncio/locks.py:Semaphore.acquire",), "semaphore"),
        ("_asyncio.Future", (f"{LIB}/asyncio/threads.py:to_thread",), "executor"),
        ("_asyncio.Task", (), "join"),
        ("_GatheringFuture", (), "join"),
        ("_asyncio.Future", (), "future"),
        ("_asyncio.Future", (f"{SITE}/asyncpg/connection.py:Connection.fetch",), "db"),
        (
            "_asyncio.Future",
            (f"{LIB}/asyncio/queues.py:Queue.get", f"{SITE}/asyncpg/pool.py:Pool._acquire"),
            "pool",
        ),
        (
            "_asyncio.Future",
            (
                f"{LIB}/asyncio/locks.py:Event.wait",
                f"{SITE}/anyio/_backends/_asyncio.py:SocketStream.receive",
                f"{SITE}/httpcore/_backends/anyio.py:AnyIOStream.read",
                f"{SITE}/httpcore/_async/connection_pool.py:AsyncConnectionPool.handle_request",
            ),
            "net",
        ),
        (
            "_asyncio.Future",
            (
                f"{LIB}/asyncio/locks.py:Event.wait",
                f"{SITE}/anyio/_core/_synchronization.py:Event.wait",
                f"{SITE}/httpcore/_synchronization.py:AsyncEvent.wait",
                f"{SITE}/httpcore/_async/connection_pool.py:AsyncPoolRequest.wait_for_connection",
            ),
            "pool",
        ),
        (
            "_asyncio.Future",
            (
                f"{SITE}/anyio/to_thread.py:run_sync",
                f"{SITE}/starlette/concurrency.py:run_in_threadpool",
            ),
            "executor",
        ),
        ("greenlet", (f"{SITE}/gevent/thread.py:LockType.acquire",), "lock"),
        ("greenlet", (f"{SITE}/gevent/hub.py:sleep",), "sleep"),
        (
            "greenlet",
            (
                f"{SITE}/gevent/_socketcommon.py:SocketMixin.recv_into",
                f"{LIB}/http/client.py:HTTPResponse.begin",
            ),
            "net",
        ),
        (
            "greenlet",
            (
                f"{SITE}/gevent/thread.py:LockType.acquire",
                f"{LIB}/threading.py:Condition.wait",
                f"{LIB}/queue.py:Queue.get",
            ),
            "queue",
        ),
        (
            "trio",
            (f"{SITE}/trio/_core/_traps.py:wait", f"{SITE}/trio/_sync.py:_LockImpl.acquire"),
            "lock",
        ),
        (
            "trio",
            (f"{SITE}/trio/_core/_traps.py:wait", f"{SITE}/trio/_sync.py:CapacityLimiter.acquire"),
            "semaphore",
        ),
        (
            "trio",
            (
                f"{SITE}/trio/_core/_traps.py:wait_task_rescheduled",
                f"{SITE}/trio/_core/_run.py:NurseryManager.__aexit__",
            ),
            "join",
        ),
        (
            "trio",
            (
                f"{SITE}/trio/_core/_traps.py:wait_task_rescheduled",
                f"{SITE}/trio/_socket.py:_SocketType._nonblocking_helper",
            ),
            "net",
        ),
        (
            "_asyncio.Future",
            (
                f"{LIB}/asyncio/locks.py:Event.wait",
                f"{SITE}/anyio/_backends/_asyncio.py:Event.wait",
            ),
            "event",
        ),
    ],
)
def test_states_of_tasks(awaits: str, callee: tuple[str, ...], state: str) -> None:
    assert task_state(awaits, frames(*callee)) == state


@pytest.mark.parametrize(
    ("stack", "loop"),
    [
        ((f"{LIB}/selectors.py:select", f"{LIB}/asyncio/base_events.py:_run_once"), True),
        (("/srv/app.py:reply", f"{SITE}/gevent/pywsgi.py:WSGIHandler.handle"), True),
        ((f"{SITE}/trio/_core/_run.py:run", "/srv/app.py:<module>"), True),
        ((f"{SITE}/gevent/_threading.py:wait", f"{SITE}/gevent/threadpool.py:run"), False),
        (("/srv/app.py:reply", f"{LIB}/socketserver.py:process_request"), False),
    ],
)
def test_which_threads_run_an_event_loop(stack: tuple[str, ...], loop: bool) -> None:
    assert runs_loop(frames(*stack)) == loop
