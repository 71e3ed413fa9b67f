"""Where load may go, how much of it, and how all of it is stopped, before anything is sent."""

from collections.abc import Sequence

import pytest

from slowcoach.core.errors import InputError, NotPermittedError, UnreachableError
from slowcoach.core.permission import LoadBounds, Permissions
from slowcoach.load import guard
from slowcoach.load.engine_kind import StopTestError
from slowcoach.load.guard import Budget, Wanted, admitted
from slowcoach.load.targets import Resolve, target_of
from slowcoach_server.settings import from_environment

SMALL = Wanted(rps=10, users=None, duration_s=5, requests=50)


def names(**known: str) -> tuple[Resolve, list[str]]:
    """Return a resolver that knows these names (dots as underscores) and notes what it is asked."""
    asked: list[str] = []

    def resolve(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return known[host.replace(".", "_").replace("-", "_")].split()

    return resolve, asked


@pytest.mark.parametrize(
    ("url", "port"),
    [
        ("http://127.0.0.1:8000/x", 8000),
        ("http://127.9.9.9/", 80),
        ("https://localhost/", 443),
        ("http://[::1]:81/", 81),
    ],
)
def test_this_machine_may_be_loaded(url: str, port: int) -> None:
    resolve, _ = names(localhost="127.0.0.1 ::1")
    found = target_of(url, Permissions(), resolve if "localhost" in url else None)

    assert found.port == port
    assert found.holds(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://198.51.100.7/",
        "http://example.test/",
        "http://10.1.2.3/",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://[2001:db8::1]/",
        "http://0.0.0.0/",
        "http://127.0.0.1.example.test/",
        "http://localhost.example.test/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://user:pass@example.test/@127.0.0.1/",
    ],
)
def test_no_other_host_may_be_loaded_and_no_name_is_asked_for(url: str) -> None:
    resolve, asked = names()

    with pytest.raises(NotPermittedError) as refused:
        target_of(url, Permissions(), resolve)

    assert asked == []
    assert "--allow-host" in (refused.value.hint or "")


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://127.0.0.1/", "127.0.0.1:80", "http:///x"]
)
def test_only_http_addresses_are_targets(url: str) -> None:
    with pytest.raises(InputError):
        target_of(url, Permissions())


def test_an_allowed_name_may_be_loaded_while_it_leads_into_a_private_network() -> None:
    allowed = Permissions(hosts=frozenset({"staging.test"}))
    resolve, _ = names(staging_test="10.0.0.7 10.0.0.8")

    assert target_of("http://staging.test/", allowed, resolve).addresses == ("10.0.0.7", "10.0.0.8")


@pytest.mark.parametrize(
    "address",
    ["203.0.113.9", "8.8.8.8", "169.254.169.254", "0.0.0.0", "::ffff:8.8.8.8", "2606::1"],
)
def test_an_allowed_name_that_leads_elsewhere_is_refused_unless_the_address_is_allowed_too(
    address: str,
) -> None:
    resolve, _ = names(staging_test=f"10.0.0.7 {address}")
    allowed = Permissions(hosts=frozenset({"staging.test"}))

    with pytest.raises(NotPermittedError, match="staging"):
        target_of("http://staging.test/", allowed, resolve)

    plain = address.removeprefix("::ffff:")
    both = Permissions(hosts=frozenset({"staging.test", plain}))
    assert len(target_of("http://staging.test/", both, resolve).addresses) == 2


def test_a_loopback_name_that_leads_elsewhere_is_refused() -> None:
    resolve, _ = names(db_localhost="10.0.0.1")

    with pytest.raises(NotPermittedError, match="not this machine"):
        target_of("http://db.localhost/", Permissions(), resolve)


def test_a_name_is_asked_for_once_so_that_rebinding_changes_nothing() -> None:
    answers = iter(["127.0.0.1", "8.8.8.8"])
    found = target_of("http://localhost/", Permissions(), lambda _host, _port: [next(answers)])

    assert found.addresses == ("127.0.0.1",)
    assert next(answers) == "8.8.8.8"


def test_a_name_that_does_not_resolve_is_told() -> None:
    allowed = Permissions(hosts=frozenset({"nowhere.invalid"}))

    def fails(_host: str, _port: int) -> Sequence[str]:
        return []

    with pytest.raises(UnreachableError):
        target_of("http://nowhere.invalid/", allowed, fails)


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(rps=1_000_000, users=None, duration_s=5, requests=50),
        Wanted(rps=None, users=1_000_000, duration_s=5, requests=50),
        Wanted(rps=10, users=None, duration_s=1_000_000, requests=50),
        Wanted(rps=10, users=None, duration_s=5, requests=1e12),
    ],
)
def test_too_much_load_is_refused_with_the_setting_to_change(wanted: Wanted) -> None:
    with pytest.raises(NotPermittedError, match=r"at most|in all") as refused:
        admitted("http://127.0.0.1/", wanted, Permissions(), budget=Budget())

    assert "SLOWCOACH_MAX_" in (refused.value.hint or "")


def test_another_host_may_be_loaded_less_than_this_machine() -> None:
    allowed = Permissions(hosts=frozenset({"staging.test"}))
    resolve, _ = names(staging_test="10.0.0.7")
    wanted = Wanted(rps=20_000, users=None, duration_s=5, requests=100_000)

    admitted("http://127.0.0.1/", wanted, Permissions(), budget=Budget())
    with pytest.raises(NotPermittedError):
        admitted("http://staging.test/", wanted, allowed, budget=Budget(), resolve=resolve)


def test_the_users_bounds_go_before_the_pages() -> None:
    allowed = Permissions(bounds=LoadBounds(rps=5))

    with pytest.raises(NotPermittedError, match="rate: at most 5"):
        admitted("http://127.0.0.1/", SMALL, allowed, budget=Budget())


def test_all_tests_of_a_process_share_a_budget() -> None:
    budget, allowed = Budget(), Permissions(bounds=LoadBounds(requests=120))

    admitted("http://127.0.0.1/", SMALL, allowed, budget=budget)
    admitted("http://127.0.0.1/", SMALL, allowed, budget=budget)
    with pytest.raises(NotPermittedError, match="100 are spent"):
        admitted("http://127.0.0.1/", SMALL, allowed, budget=budget)

    budget.give_back(40)
    admitted("http://127.0.0.1/", SMALL, allowed, budget=budget)


def test_the_switch_ends_what_runs_and_refuses_what_is_new(own_store: None) -> None:
    guard.look_at_switch()
    guard.stop_all_load()
    try:
        with pytest.raises(StopTestError):
            guard.look_at_switch()
        with pytest.raises(NotPermittedError, match="switched off"):
            admitted("http://127.0.0.1/", SMALL, Permissions(), budget=Budget())
    finally:
        assert guard.allow_load_again()
    assert not guard.allow_load_again()
    admitted("http://127.0.0.1/", SMALL, Permissions(), budget=Budget())


def test_bounds_come_from_the_environment() -> None:
    found = from_environment({"SLOWCOACH_MAX_RPS": "50", "SLOWCOACH_MAX_REQUESTS": "1e4"})

    assert found.permissions().bounds == LoadBounds(rps=50.0, requests=10_000)


@pytest.mark.parametrize("text", ["many", "-1", "nan", "inf"])
def test_a_bound_that_is_no_number_is_told(text: str) -> None:
    with pytest.raises(InputError, match="SLOWCOACH_MAX_RPS"):
        from_environment({"SLOWCOACH_MAX_RPS": text})
