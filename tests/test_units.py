"""Numbers read as a person would write them."""

import pytest

from slowcoach.core import units
from slowcoach.core.redaction import redacted


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (12.345, "ms", "12.3 ms"),
        (1234.5, "ms", "1.23 s"),
        (0.5, "ms", "500 µs"),
        (340, "s", "5.67 min"),
        (0, "s", "0 s"),
        (3, "ns", "3 ns"),
        (1500, "bytes", "1.5 kB"),
        (2_500_000, "bytes", "2.5 MB"),
        (0.4567, "share", "45.7 %"),
        (0.0001, "share", "0.01 %"),
        (1234567, "rows", "1,234,567 rows"),
        (10, "count", "10"),
        (2.5, "ratio", "2.5 ratio"),
        (float("nan"), "ms", "unknown"),
    ],
)
def test_quantity(value: float, unit: str, text: str) -> None:
    assert units.quantity(value, unit) == text


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("authorization", "Bearer abc", "***"),
        ("Cookie", "a=b", "***"),
        ("x-api-key", "k", "***"),
        ("url", "postgresql://bob:secret@host/db", "postgresql://bob:***@host/db"),
        ("url", "http://h/x?token=abc&y=1", "http://h/x?token=***&y=1"),
        ("url", "http://h/x?page=2", "http://h/x?page=2"),
        ("top", 3, 3),
    ],
)
def test_secrets_are_hidden(name: str, value: object, shown: object) -> None:
    assert redacted(name, value) == shown
