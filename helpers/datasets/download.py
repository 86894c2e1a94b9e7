"""Downloads: each mirror is asked in turn, and each way to fail is explained in words."""

from __future__ import annotations

import io
import os
import re
import sys
import time
import urllib.request

from helpers._shared import cache_folder
from helpers.datasets.local import keep
from helpers.datasets.sets import DataError, Dataset, File
from helpers.datasets.verify import CutShortError, Found, NotTheFileError, is_gzip, verify

TIMEOUT = (5, 15)  # seconds to wait for a connection, and then for each next byte
PAUSES = (0, 1, 3)  # seconds before each round through the mirrors


def mirrors_of(dataset: Dataset) -> list[str]:
    """Return the addresses to download from, in order: those of ``COURSE_DATA_URL``, if set.

    Raises
    ------
    DataError
        If ``COURSE_DATA_URL`` holds something that is no address.
    """
    chosen = os.environ.get("COURSE_DATA_URL", "").split()
    for url in chosen:
        if not url.startswith(("http://", "https://")):
            raise DataError(f"COURSE_DATA_URL is {url!r}, expected to begin with http://")
    return [f"{url.rstrip('/')}/{dataset.folders[0]}/" for url in chosen] or [*dataset.mirrors]


def fetch(dataset: Dataset, file: File, mirrors: list[str], notes: list[str]) -> Found | None:
    """Fetch one file into memory, verify it, and keep it in the cache.

    A mirror that fails for good is removed from ``mirrors``, so that it is not asked again for the
    next file; one that breaks off or is overloaded gets another round. The reasons go to notes.
    """
    for pause in PAUSES:
        time.sleep(pause if mirrors else 0)
        for mirror in list(mirrors):
            url = f"{mirror}{file.name}.gz"
            shown = re.sub("//[^/]*@", "//", url)  # without a password
            try:
                raw = _read(url, f"{dataset.name} {file.name.split('-idx')[0]}", file.size + 2**20)
                found = verify(raw, dataset, file, f"downloaded from {shown.split('/')[2]}")
            except KeyboardInterrupt:
                print("\nStopped. Nothing half-done was kept. Run this again to go on.")
                if dataset.draw:
                    print("Or set COURSE_DATA=synthetic to work with drawn pictures.")
                raise
            except Exception as fault:  # the zoo of requests, urllib3, and sockets
                reason, temporary = _explain(fault)
                if (note := f"{shown} {reason}") not in notes:
                    notes.append(note)
                if not temporary:
                    mirrors.remove(mirror)
                continue
            name = file.name + ".gz" * is_gzip(raw)
            keep(cache_folder() / dataset.folders[0] / name, raw, notes)
            return found
    return None


class _LimitedBytes(io.BytesIO):
    """Memory for a download that must not go on for ever."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit

    def write(self, chunk) -> int:
        if self.tell() + len(chunk) > self.limit:
            raise NotTheFileError("sends more than the file can hold")
        return super().write(chunk)


def _read(url: str, title: str, limit: int) -> bytes:
    """Download one file into memory with a progress bar (on stdout: stderr looks like an error)."""
    import pooch
    from tqdm import tqdm

    target = _LimitedBytes(limit)
    with tqdm(
        desc=title, total=1, unit="B", unit_scale=True, ncols=76, file=sys.stdout, leave=False
    ) as bar:  # pooch sets the total
        pooch.HTTPDownloader(progressbar=bar, chunk_size=2**16, timeout=TIMEOUT)(url, target, None)
    return target.getvalue()


def _explain(fault: Exception) -> tuple[str, bool]:
    """Say in words why a download failed, and whether another try may help."""
    from requests import exceptions

    if isinstance(fault, NotTheFileError):
        return str(fault), isinstance(fault, CutShortError)
    if isinstance(fault, exceptions.HTTPError):
        status = getattr(fault.response, "status_code", 0)
        return f"answered with HTTP status {status}", status == 429 or status >= 500
    if isinstance(fault, exceptions.SSLError):
        return (
            "has a certificate that this machine does not trust (verification stays on). Behind a "
            "school's or company's firewall, set REQUESTS_CA_BUNDLE to its certificate file",
            False,
        )
    if isinstance(fault, exceptions.ChunkedEncodingError):
        return "broke off before the end", True
    if isinstance(fault, exceptions.Timeout) or "timed out" in str(fault).lower():
        reason = "did not answer in time"
    elif isinstance(fault, exceptions.ConnectionError):
        reason = "could not be reached"
    else:
        reason = f"failed: {fault}"
    if {"http", "https", "all"} & set(urllib.request.getproxies()):
        reason += ". A proxy is set: correct or unset the proxy in HTTP_PROXY and HTTPS_PROXY"
    return reason, False
