"""How large an index would be: pages from row counts, widths and distinct values."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_PAGE: Final = 8192
# PostgreSQL: src/include/storage/bufpage.h, access/nbtree.h, access/itup.h
_PAGE_HEADER: Final = 24
_BTREE_SPECIAL: Final = 16
_BTREE_FILL: Final = 0.9
_ROOM: Final = (_PAGE - _PAGE_HEADER - _BTREE_SPECIAL) * _BTREE_FILL
_ITEM_POINTER: Final = 4
_TUPLE_HEADER: Final = 8
_TID: Final = 6
_POSTING_LIMIT: Final = 2704  # a third of a page: BTMaxItemSize
_LEAST_DUPLICATES: Final = 2.0
_ALIGN: Final = {"c": 1, "s": 2, "i": 4, "d": 8}
_MAX_ALIGN: Final = 8
_HASH_FILL: Final = 0.75
_HASH_TUPLE: Final = 20
_BRIN_RANGE: Final = 128
_BRIN_TUPLE: Final = 32
_GIN_POSTING: Final = 3.0  # bytes of a row's place in a posting list, compressed
_GIN_ENTRY: Final = 24
_ELEMENT_WIDTH: Final = 16.0  # of a document whose elements nobody counted


@dataclass(frozen=True, slots=True)
class Column:
    """What sizes depend on: average width in bytes, alignment, distinct values, share of nulls.

    `length` is the type's fixed length, -1 for one that varies; `distinct` counts over the whole
    table; `elements` is the average number of elements of an array (or document), `entries` how
    many different ones there are. `one_image` tells that equal values are the same bytes (support
    function 4 of the operator class), without which a B-tree stores each: numeric, float, arrays.
    """

    width: float
    length: int
    align: str
    distinct: float
    nulls: float = 0.0
    elements: float | None = None
    entries: float | None = None
    one_image: bool = True


def btree_pages(rows: float, keys: Sequence[Column], included: Sequence[Column] = ()) -> int:
    """Return the pages of a B-tree on `keys`, with equal keys stored once (since version 13).

    Equal keys share one posting list; an index with INCLUDE columns is never deduplicated.
    Pages above the leaves are counted by their fan-out. Source of the layout: PostgreSQL's
    nbtree README and bufpage.h; fill factor 90.
    """
    if rows <= 0:
        return 1
    tuple_bytes = _aligned(_row_bytes([*keys, *included]))
    equal = rows / max(1.0, _distinct_together(keys, rows))
    if included or equal < _LEAST_DUPLICATES or not all(key.one_image for key in keys):
        leaf_bytes = rows * (tuple_bytes + _ITEM_POINTER)
    else:
        in_one = min(equal, max(1.0, (_POSTING_LIMIT - tuple_bytes) / _TID))
        leaf_bytes = rows / in_one * (tuple_bytes + _ITEM_POINTER) + rows * _TID
    leaves = math.ceil(leaf_bytes / _ROOM)
    return 1 + leaves + _inner_pages(leaves, tuple_bytes)


def btree_height(pages: int, keys: Sequence[Column]) -> int:
    """Return how many levels lie above the leaves of a B-tree of so many pages."""
    fan_out = max(2.0, _ROOM / (_aligned(_row_bytes(keys)) + _ITEM_POINTER))
    level, height = max(1.0, pages - 1.0), 0
    while level > 1:
        level = math.ceil(level / fan_out)
        height += 1
    return height


def hash_pages(rows: float) -> int:
    """Return the pages of a hash index: buckets in a power of two, three quarters full."""
    buckets = max(2.0, rows * _HASH_TUPLE / (_PAGE * _HASH_FILL))
    return (1 << math.ceil(math.log2(buckets))) + 2


def brin_pages(heap_pages: int) -> int:
    """Return the pages of a BRIN index with its default of 128 heap pages a range."""
    ranges = math.ceil(heap_pages / _BRIN_RANGE)
    return 3 + math.ceil(ranges * _BRIN_TUPLE / _PAGE) + math.ceil(ranges * _TID / _PAGE)


def gin_pages(rows: float, keys: Sequence[Column]) -> int:
    """Return the pages of a GIN index: an entry for each distinct element, and their postings."""
    total = 0.0
    for key in keys:
        elements = key.elements or max(1.0, key.width / _ELEMENT_WIDTH)
        postings = rows * (1 - key.nulls) * elements
        entries = min(postings, key.entries or max(key.distinct, 1.0) * elements)
        total += postings * _GIN_POSTING + entries * (_GIN_ENTRY + key.width / elements)
    return 2 + math.ceil(total / (_PAGE * _HASH_FILL))


def _row_bytes(columns: Sequence[Column]) -> float:
    """Return one entry's bytes: each column at its alignment, its header before."""
    size = float(_TUPLE_HEADER)
    for column in columns:
        if column.length > 0:
            boundary = _ALIGN.get(column.align, _MAX_ALIGN)
            size = math.ceil(size / boundary) * boundary
        size += column.width * (1 - column.nulls)
    return size


def _aligned(size: float) -> float:
    return math.ceil(size / _MAX_ALIGN) * _MAX_ALIGN


def _distinct_together(keys: Sequence[Column], rows: float) -> float:
    """Return how many different keys there are: the product, no more than there are rows.

    Columns that go together make it less; the square root of the later ones' counts stands
    between the two extremes (as SQL Server's estimator has it).
    """
    ordered = sorted((max(1.0, key.distinct) for key in keys), reverse=True)
    product = 1.0
    for position, distinct in enumerate(ordered):
        product *= distinct ** (0.5**position)
    return min(rows, product)


def _inner_pages(leaves: int, tuple_bytes: float) -> int:
    fan_out = max(2.0, _ROOM / (tuple_bytes + _ITEM_POINTER))
    total, level = 0, float(leaves)
    while level > 1:
        level = math.ceil(level / fan_out)
        total += int(level)
    return total
