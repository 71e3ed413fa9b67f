"""An order of a small load test, for the engines beyond one machine."""

from pathlib import Path

from slowcoach.load.engine_kind import Order
from slowcoach.load.plan import Endpoint, LoadPlan, PassCriteria, Scenario
from slowcoach.load.schedule import schedule_of
from slowcoach.load.targets import Target


def order_for(
    url: str,
    folder: Path,
    *,
    rate: float = 60,
    seconds: float = 5,
    runners: int = 2,
    in_flight: int = 200,
) -> Order:
    """Return an order of two endpoints of a server, in one scenario at a rate."""
    scenario = Scenario(name="Peak", rate=rate, duration=f"{seconds}s")
    plan = LoadPlan(
        test_name="Checkout",
        target=f"{url}/items",
        date="2026-11-26",
        scenarios=(scenario,),
        pass_criteria=PassCriteria(),
        endpoints=(
            Endpoint(url=f"{url}/items", weight=3),
            Endpoint(url=f"{url}/broken", method="POST", body="{}", name="POST /broken"),
        ),
    )
    host, port = url.removeprefix("http://").split(":")
    return Order(
        plan=plan,
        schedule=schedule_of(scenario),
        target=Target(host, int(port), False, (host,)),
        timeout_s=2.0,
        in_flight_limit=in_flight,
        folder=folder,
        processes=runners,
    )
