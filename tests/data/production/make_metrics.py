"""A day and an hour of a shop's counters as OpenMetrics: `/orders/{id}` slows down at a known time.

python make_metrics.py END SLOW_FROM (Unix seconds) > metrics.txt
promtool tsdb create-blocks-from openmetrics metrics.txt data
"""

import sys
from collections.abc import Iterator

STEP_S, LENGTH_S = 60, 25 * 3600
RARE_STEP_S, RARE_UNTIL_S = 120, 22 * 3600  # scraped half as often so long, for fewer lines
ENDS = ("0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "+Inf")
QUICK = (0.30, 0.70, 0.98, 0.99, 0.995, 1.0, 1.0)  # p95 in 0.1 to 0.25: 0.234 s
SLOW = (0.10, 0.30, 0.50, 0.70, 0.98, 1.0, 1.0)  # p95 in 0.5 to 1.0: 0.946 s
# the metric's name, its labels for a route, and the label of the status: one for each convention
CONVENTIONS = (
    (
        "http_server_request_duration_seconds",
        'job="shop",service_name="shop",http_request_method="GET",http_route="/orders/{id}"',
        "http_response_status_code",
    ),
    (
        "http_request_duration_seconds",
        'job="desk",method="GET",handler="/tickets/<int:id>"',
        "status",
    ),
    ("http_server_requests_seconds", 'job="till",method="GET",uri="/sales/{id}"', "status"),
    (
        "http_server_duration_milliseconds",
        'job="mill",http_method="GET",http_route="/sacks/:id"',
        "http_status_code",
    ),
)


def main() -> None:
    """Write every series, in order."""
    end, slow_from = float(sys.argv[1]), float(sys.argv[2])
    end -= end % STEP_S
    lines: list[str] = []
    for name, labels, status in CONVENTIONS:
        lines.append(f"# TYPE {name} histogram")
        also = 'job="desk",method="GET",handler="/hours"'  # a path that the tests' program has
        for each in (labels, also) if "desk" in labels else (labels,):
            for code, share in (("200", 0.99), ("500", 0.01)):
                lines += histogram(name, f'{each},{status}="{code}"', share, (end, slow_from))
    lines.append("# TYPE process_cpu_seconds counter")
    lines += counter('process_cpu_seconds_total{job="shop"}', end, slow_from, 0.2, 0.8)
    lines.append("# TYPE process_resident_memory_bytes gauge")
    for at, _ in moments(end):
        lines.append(f'process_resident_memory_bytes{{job="shop"}} 300000000 {at:.0f}')
    sys.stdout.write("\n".join(lines) + "\n# EOF\n")


def moments(end: float) -> Iterator[tuple[float, float]]:
    """Yield the scrapes' times, and the seconds since the one before."""
    begun = end - LENGTH_S
    yield from ((begun + at, RARE_STEP_S) for at in range(0, RARE_UNTIL_S, RARE_STEP_S))
    yield from ((begun + at, STEP_S) for at in range(RARE_UNTIL_S, LENGTH_S + 1, STEP_S))


def histogram(name: str, labels: str, share: float, times: tuple[float, float]) -> Iterator[str]:
    """Yield the lines of a histogram: 10 requests a second, slow ones from a time on."""
    scale = 1000 if "milli" in name else 1
    counts = [0.0] * len(ENDS)
    for at, passed in moments(times[0]):
        for i, below in enumerate(SLOW if at > times[1] else QUICK):
            counts[i] += 10 * passed * share * below
            end = ENDS[i] if ENDS[i] == "+Inf" else f"{float(ENDS[i]) * scale}"
            yield f'{name}_bucket{{{labels},le="{end}"}} {counts[i]:.3f} {at:.0f}'
        yield f"{name}_sum{{{labels}}} {counts[-1] * 0.2 * scale:.3f} {at:.0f}"
        yield f"{name}_count{{{labels}}} {counts[-1]:.3f} {at:.0f}"


def counter(series: str, end: float, slow_from: float, quick: float, slow: float) -> Iterator[str]:
    """Yield the lines of a counter with one rate before a time and another from then on."""
    total = 0.0
    for at, passed in moments(end):
        total += passed * (slow if at > slow_from else quick)
        yield f"{series} {total:.3f} {at:.0f}"


if __name__ == "__main__":
    main()
