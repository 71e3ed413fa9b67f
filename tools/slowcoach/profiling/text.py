"""Text of profiles: byte order marks, UTF-16, and what to say of bytes that are no text."""

import codecs

from slowcoach.core.errors import UnreadableError

_UTF16 = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def utf8(data: bytes, name: str) -> bytes:
    """Return text as UTF-8 without a byte order mark; raises UnreadableError for broken UTF-16."""
    if data.startswith(codecs.BOM_UTF8):
        return data[len(codecs.BOM_UTF8) :]
    for mark, encoding in _UTF16:
        if data.startswith(mark):
            try:
                return data[len(mark) :].decode(encoding).encode()
            except UnicodeError as error:
                raise UnreadableError(
                    f"{name}: expected {encoding.upper()} text, got {error}",
                    hint="The file is cut or damaged: save it again",
                ) from None
    return data


def opening(data: bytes, limit: int = 65536) -> bytes:
    """Return the first bytes as UTF-8, for a look at what a file is; never raises."""
    if data.startswith(codecs.BOM_UTF8):
        return data[len(codecs.BOM_UTF8) : limit]
    for mark, encoding in _UTF16:
        if data.startswith(mark):
            return data[len(mark) : limit].decode(encoding, "ignore").encode()
    return data[:limit]
