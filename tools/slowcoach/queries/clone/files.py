"""Relation files that are as long as the real ones and hold nothing."""

import os
import struct
from pathlib import Path

PAGE = 8192
SEGMENT_PAGES = 131_072  # PostgreSQL cuts a relation into files of 1 GB


def resize(path: Path, pages: int) -> None:
    """Make a relation `pages` of 8 kB long, in segments of 1 GB; what is added takes no disk.

    Pages that exist keep what they hold. The relation's first file must exist; the files that
    are added get its owner.
    """
    owner = path.stat()
    left, number = pages, 0
    while True:
        segment = path if number == 0 else path.with_name(f"{path.name}.{number}")
        here = min(left, SEGMENT_PAGES)
        if number and not here and not segment.exists():
            return
        if not segment.exists():
            segment.touch(mode=0o600)
            if os.name == "posix":
                os.chown(segment, owner.st_uid, owner.st_gid)
        os.truncate(segment, here * PAGE)
        left -= here
        number += 1


# The layouts are those of bufpage.h, itemid.h, itup.h and nbtree.h in PostgreSQL's source.
_HEADER = struct.Struct("<QHHHHHHI")
_OPAQUE = struct.Struct("<IIIHH")
_META = struct.Struct("<IIII")  # root, level, fast root, fast level
_NUMBER = struct.Struct("<I")
_DOWNLINK = struct.Struct("<HHHH")  # block (high, low), columns, size and flags
_MAGIC = 0x053162
_META_AT, _ROOT_AT = 24, 32
_LAYOUT = 4
_LEAF, _ROOT = 1, 2
_NORMAL_ITEM = 1 << 15
_PIVOT = 0x2000


def set_height(path: Path, height: int) -> None:
    """Let an empty B-tree tell the planner that its root lies `height` levels above the leaves.

    Descending costs by that height. Each level is one page that leads to the next, and the leaf
    is empty, so that a look for the smallest or largest key finds none. The server must not have
    read the index yet.
    """
    with path.open("r+b") as file:
        meta = file.read(PAGE)
        if len(meta) < PAGE or _NUMBER.unpack_from(meta, _META_AT) != (_MAGIC,):
            return  # no B-tree
        file.seek(_ROOT_AT)
        file.write(_META.pack(1, height, 1, height))
        for level in range(height, -1, -1):
            block = height - level + 1
            file.seek(block * PAGE)
            file.write(_tree_page(level, block, root=level == height))


def _tree_page(level: int, block: int, *, root: bool) -> bytes:
    """Return a B-tree's page that leads to the block after it, or an empty leaf (level 0)."""
    page = bytearray(PAGE)
    end = PAGE - _OPAQUE.size
    lower, upper = _HEADER.size, end
    if level:
        lower, upper = lower + _NUMBER.size, upper - _DOWNLINK.size
        _NUMBER.pack_into(page, _HEADER.size, upper | _NORMAL_ITEM | _DOWNLINK.size << 17)
        child = block + 1
        size = _DOWNLINK.size | _PIVOT
        _DOWNLINK.pack_into(page, upper, child >> 16, child & 0xFFFF, 0, size)
    _HEADER.pack_into(page, 0, 0, 0, 0, lower, upper, end, PAGE | _LAYOUT, 0)
    flags = (_ROOT if root else 0) | (0 if level else _LEAF)
    _OPAQUE.pack_into(page, end, 0, 0, level, flags, 0)
    return bytes(page)
