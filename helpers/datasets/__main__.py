"""``python -m helpers.datasets [FOLDER]``: fetch the sets of the lessons in advance."""

import gzip
import sys
from pathlib import Path

from helpers.datasets import DataError, collect, explain_failure, load, local, sets
from helpers.datasets.verify import is_gzip


def main(arguments: list[str]) -> int:
    """Fetch the sets of the lessons into the cache, or write them into the folder that is given.

    Returns
    -------
    int
        Exit status: 0 when all is there, 1 when something failed.
    """
    try:
        for dataset in sets.SETS:
            if dataset.in_lessons and not arguments:
                load(dataset)
            elif dataset.in_lessons:
                write(dataset, Path(arguments[0]))
    except DataError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def write(dataset: sets.Dataset, folder: Path) -> None:
    """Write the four files of a set, compressed, into its folder below this one.

    A compressed file is copied as it is: of some sets, only these bytes can be verified.

    Raises
    ------
    DataError
        If the set cannot be had or not be written. Nothing synthetic is ever written.
    """
    found, notes = collect(dataset)
    if not found:
        raise DataError(explain_failure(dataset, notes))
    failed: list[str] = []
    for file, part in zip(dataset.files, found, strict=True):
        raw = part.raw if is_gzip(part.raw) else gzip.compress(part.raw, 6, mtime=0)
        local.keep(folder / dataset.folders[0] / f"{file.name}.gz", raw, failed)
    if failed:
        raise DataError("\n".join(failed))
    print(f"{dataset.name} written into {folder}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
