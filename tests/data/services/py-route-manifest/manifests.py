"""Manifest files, handed to the vehicle's terminal."""
import contextlib
import itertools
import os
import zlib

FOLDER = os.environ.get("MANIFEST_DIR", "manifests")
KEEP = 30
sequence = itertools.count(1)


def open_manifest(route: str) -> tuple[str, int]:
    os.makedirs(FOLDER, exist_ok=True)
    path = os.path.join(FOLDER, f"{route}-{next(sequence):06d}.manifest")
    return path, os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_DSYNC, 0o644)


def write_stop(handle: int, fields: list[str]) -> int:
    line = "|".join(fields).encode()
    record = line + b"|%08x\n" % zlib.crc32(line)
    return os.write(handle, record)


def write_manifest(route: str, head: list[str], stops: list[list[str]]) -> dict:
    path, handle = open_manifest(route)
    try:
        size = write_stop(handle, ["H", *head])
        for stop in stops:
            size += write_stop(handle, ["S", *stop])
        size += write_stop(handle, ["E", str(len(stops))])
    finally:
        os.close(handle)
    prune()
    return {"file": os.path.basename(path), "bytes": size}


def prune() -> None:
    for name in sorted(os.listdir(FOLDER), key=lambda n: n.rsplit("-", 1)[1])[:-KEEP]:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(FOLDER, name))
