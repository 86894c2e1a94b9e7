"""Is this the published file? Nothing reaches a reader before its SHA-256 has been compared."""

from __future__ import annotations

import hashlib
import zlib
from typing import NamedTuple

from helpers.datasets import sets


class NotTheFileError(ValueError):
    """These bytes are not the published file."""


class CutShortError(NotTheFileError):
    """These bytes end before the published file does: another try may help."""


class Found(NamedTuple):
    """A file that was found and is the published one."""

    raw: bytes  # as it was found, compressed or not: this is what is kept and copied
    content: bytes  # decompressed
    source: str  # words for the reader: from where


def verify(raw: bytes, dataset: sets.Dataset, file: sets.File, source: str) -> Found:
    """Decompress if necessary, and compare with the published SHA-256.

    Raises
    ------
    NotTheFileError
        If this is anything else. The message goes on after the name of what was read.
    """
    if not raw:
        raise NotTheFileError("is empty")
    if raw[:200].lstrip()[:1] == b"<":
        raise NotTheFileError("is a web page instead of data, perhaps the network's login page")
    content = _decompress(raw, file.size) if is_gzip(raw) else raw
    if _digest(raw, content, dataset) == file.sha256:
        return Found(raw, content, source)
    for known in sets.SETS:
        for other in known.files:
            if _digest(raw, content, known) == other.sha256:
                raise NotTheFileError(f"holds {other.name} of {known.name}")
    if len(content) < file.size:
        raise CutShortError(f"is cut short: {len(content):,} bytes of {file.size:,}")
    if dataset.sha256_of_gz:
        raise NotTheFileError("is not the published .gz file, the only form that can be verified")
    raise NotTheFileError("is damaged: its SHA-256 is not the published one")


def is_gzip(raw: bytes) -> bool:
    """Tell whether these bytes are compressed."""
    return raw[:2] == b"\x1f\x8b"


def _digest(raw: bytes, content: bytes, dataset: sets.Dataset) -> str:
    return hashlib.sha256(raw if dataset.sha256_of_gz else content).hexdigest()


def _decompress(raw: bytes, size: int) -> bytes:
    """Return at most one byte more than ``size``: a few bytes can hold gigabytes."""
    try:
        return zlib.decompressobj(wbits=31).decompress(raw, size + 1)
    except zlib.error as fault:
        raise NotTheFileError(f"cannot be decompressed ({fault})") from fault
