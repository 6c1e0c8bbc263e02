"""Expenses from the CSV files of a directory into `raw_costs.expenses`.

A file is read again only when its content has changed, and then replaces all its earlier rows.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.extraction import Extraction
from ingest.landing import Cursor, Partition, Row
from ingest.sources.expenses.files import RefusedFileError, parse_file
from ingest.streams import EXPENSES
from warehouse.errors import BadDataError, ConfigurationError, DirectoryError

MAX_FILE_BYTES = 50_000_000

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ExpensesConfig:
    """The directory with the files `*.csv`; directories below it are not looked into."""

    directory: Path


class ExpensesExtractor:
    """Lands `expenses`, one batch and one cursor a file."""

    name = "expenses"

    def __init__(self, config: ExpensesConfig) -> None:
        """Take the directory."""
        self._directory = config.directory

    def extract(self, extraction: Extraction) -> None:
        """Land the files that are new or changed; all of them in a back-fill.

        A file that cannot be read at all, or is a copy of another, is refused with a
        `BadDataError` after the others were landed; what was landed of it before stays. So do the
        rows of a file that is gone (a warning says so: the directory may be at fault), unless
        another file has taken its content over: then it was renamed, and so are its rows. To
        take the rows of a file back, leave nothing in it but its header.
        """
        paths = self._paths()
        extraction.progress.start(self.name, EXPENSES.name, len(paths))
        reading = _Reading(extraction, paths)
        refused = []
        for path in paths:
            try:
                reading.land(path)
            except RefusedFileError as error:
                refused.append(f"{path.name}: {error}")
            extraction.progress.advance(self.name, EXPENSES.name)
        reading.warn_of_absent_files()
        if refused:
            raise BadDataError(
                f"{len(refused)} of {len(paths)} expense files in {self._directory} could not "
                f"be read ({'; '.join(refused)}); the others were.",
                hint="Correct the files and run the command again.",
            )

    def check(self) -> str:
        """Look into the directory."""
        paths = self._paths()
        return f"{self._directory} holds {len(paths)} expense files."

    def _paths(self) -> list[Path]:
        try:
            if not self._directory.is_dir():
                raise ConfigurationError(
                    f"The directory of expense files, {self._directory}, does not exist.",
                    hint="Create it or correct EXPENSES_DIR.",
                )
            return sorted(
                path
                for path in self._directory.iterdir()
                if path.suffix.lower() == ".csv" and path.name[0] not in ".~" and not path.is_dir()
            )
        except OSError as error:
            raise DirectoryError(
                f"The directory of expense files, {self._directory}, cannot be read: "
                f"{error.strerror}.",
                hint="Give the user that runs this command the right to read it.",
            ) from error


class _Reading:
    """One pass over the files."""

    def __init__(self, extraction: Extraction, paths: list[Path]) -> None:
        self._lander = extraction.lander
        self._again = extraction.since is not None or extraction.until is not None
        self._present = {path.name for path in paths}
        self._cursors = extraction.lander.read_cursors(EXPENSES)
        self._owners = self._find_owners(paths)

    def _find_owners(self, paths: list[Path]) -> dict[str, str]:
        """Return by digest the file whose content counts: the one landed before, or the first."""
        owners: dict[str, str] = {}
        for path in paths:
            with contextlib.suppress(RefusedFileError):  # `land` will say so
                digest = _digest(_read(path))
                if self._known_digest(path.name) == digest:
                    owners[digest] = path.name
                owners.setdefault(digest, path.name)
        return owners

    def _known_digest(self, name: str) -> Any:
        return self._cursors.get(name, {}).get("sha256")

    def land(self, path: Path) -> None:
        """Land a file if it must be. Raises `RefusedFileError`."""
        name, content = path.name, _read(path)
        digest = _digest(content)
        owner = self._owners.get(digest, name)
        if self._known_digest(name) == digest and not self._again:
            return
        rows = list(parse_file(name, content))
        if rows and owner != name:
            raise RefusedFileError(f"it is a copy of {owner}; remove one of them")
        old_name = self._renamed_from(digest) if rows else None
        cursors = [Cursor(name, {"sha256": digest, "rows": _readable(rows)})]
        if old_name is not None:
            logger.info("the expense file %s was renamed to %s", old_name, name)
            self._cursors[old_name] = {"sha256": None, "rows": 0}
            cursors.append(Cursor(old_name, self._cursors[old_name]))
        self._lander.land(
            EXPENSES,
            rows,
            cursors=cursors,
            partitions=[Partition({"file_name": n}) for n in (name, old_name) if n is not None],
        )

    def _renamed_from(self, digest: str) -> str | None:
        for name, known in self._cursors.items():
            if name not in self._present and known["sha256"] == digest:
                return name
        return None

    def warn_of_absent_files(self) -> None:
        """Say which files are gone while their rows stay."""
        for name, known in sorted(self._cursors.items()):
            if name not in self._present and known["rows"]:
                logger.warning(
                    "the expense file %s is gone; its landed rows (%d) stay (to take them back, "
                    "put a file of that name with nothing but the header there)",
                    name,
                    known["rows"],
                )


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise RefusedFileError(f"it is larger than {MAX_FILE_BYTES // 1_000_000} MB")
        return path.read_bytes()
    except OSError as error:
        raise RefusedFileError(error.strerror or str(error)) from error


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _readable(rows: list[Any]) -> int:
    return sum(isinstance(row, Row) for row in rows)
