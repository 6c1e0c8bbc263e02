"""Costs from the files of a directory into `raw_costs`: expenses, and infrastructure costs.

A file is read again only when its content has changed, and then replaces all its earlier rows.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.extraction import Extraction
from ingest.landing import BadRow, Cursor, Partition, Row
from ingest.sources.files.csv_files import parse_csv
from ingest.sources.files.layouts import EXPENSE_FILES, INFRASTRUCTURE_FILES, Layout
from ingest.sources.files.rows import RefusedFileError
from ingest.sources.files.workbooks import parse_workbook
from warehouse.errors import BadDataError, ConfigurationError, DirectoryError

MAX_FILE_BYTES = 50_000_000
_WORKBOOKS = (".xlsx", ".xlsm")
_OTHERS = (".xls", ".xlsb", ".ods", ".numbers")  # what somebody may have meant to be read
_KINDS = (".csv", *_WORKBOOKS, *_OTHERS)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class FilesConfig:
    """The directory with the files (*.csv and *.xlsx); those below it are not looked into."""

    directory: Path


class FilesExtractor:
    """Lands the one stream of its files, one batch and one cursor a file."""

    def __init__(self, config: FilesConfig, layout: Layout) -> None:
        """Take the directory, and what its files must hold."""
        self._directory = config.directory
        self._layout = layout
        self.name = layout.stream.source

    @property
    def _said(self) -> str:
        return f"{self._layout.noun} files in {self._directory}"

    def extract(self, extraction: Extraction) -> None:
        """Land the files that are new or changed; all of them in a back-fill.

        A file that cannot be read at all, or is a copy of another, is refused with a
        `BadDataError` after the others were landed; what was landed of it before stays. So do the
        rows of a file that is gone (a warning says so: the directory may be at fault), unless
        another file has taken its content over: then it was renamed, and so are its rows. To
        take the rows of a file back, leave nothing in it but its header.
        """
        paths = self._paths()
        stream = self._layout.stream
        extraction.progress.start(self.name, stream.name, len(paths))
        reading = _Reading(extraction, self._layout, paths)
        refused = []
        for path in paths:
            try:
                reading.land(path)
            except RefusedFileError as error:
                refused.append(f"{path.name}: {error}")
            extraction.progress.advance(self.name, stream.name)
        reading.warn_of_absent_files()
        if refused:
            raise BadDataError(
                f"{len(refused)} of {len(paths)} {self._said} could not be read "
                f"({'; '.join(refused)}); the others were.",
                hint="Correct the files and run the command again.",
            )

    def check(self) -> str:
        """Look into the directory."""
        paths = self._paths()
        return f"{self._directory} holds {len(paths)} {self._layout.noun} files."

    def _paths(self) -> list[Path]:
        try:
            if not self._directory.is_dir():
                raise ConfigurationError(
                    f"The directory of {self._layout.noun} files, {self._directory}, "
                    "does not exist.",
                    hint=f"Create it or correct {self._layout.setting}.",
                )
            return sorted(
                path
                for path in self._directory.iterdir()
                if path.suffix.lower() in _KINDS and path.name[0] not in ".~" and not path.is_dir()
            )
        except OSError as error:
            raise DirectoryError(
                f"The directory of {self._layout.noun} files, {self._directory}, cannot be "
                f"read: {error.strerror}.",
                hint="Give the user that runs this command the right to read it.",
            ) from error


class _Reading:
    """One pass over the files."""

    def __init__(self, extraction: Extraction, layout: Layout, paths: list[Path]) -> None:
        self._layout = layout
        self._lander = extraction.lander
        self._again = extraction.since is not None or extraction.until is not None
        self._present = {path.name for path in paths}
        self._cursors = extraction.lander.read_cursors(layout.stream)
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
        rows = list(parse_file(name, content, self._layout))
        if rows and owner != name:
            raise RefusedFileError(f"it is a copy of {owner}; remove one of them")
        old_name = self._renamed_from(digest) if rows else None
        cursors = [Cursor(name, {"sha256": digest, "rows": _readable(rows)})]
        if old_name is not None:
            logger.info("the %s file %s was renamed to %s", self._layout.noun, old_name, name)
            self._cursors[old_name] = {"sha256": None, "rows": 0}
            cursors.append(Cursor(old_name, self._cursors[old_name]))
        self._lander.land(
            self._layout.stream,
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
                    "the %s file %s is gone; its landed rows (%d) stay (to take them back, "
                    "put a file of that name with nothing but the header there)",
                    self._layout.noun,
                    name,
                    known["rows"],
                )


def expenses_extractor(config: FilesConfig) -> FilesExtractor:
    """Return the extractor of the company's expenses."""
    return FilesExtractor(config, EXPENSE_FILES)


def infrastructure_extractor(config: FilesConfig) -> FilesExtractor:
    """Return the extractor of what servers, storage and traffic cost."""
    return FilesExtractor(config, INFRASTRUCTURE_FILES)


def parse_file(name: str, content: bytes, layout: Layout) -> Iterator[Row | BadRow]:
    """Yield the rows of a file and those that are none. Raises `RefusedFileError`."""
    kind = Path(name).suffix.lower()
    if kind in _OTHERS:
        raise RefusedFileError(f"{kind} files are not read; save it as .xlsx or .csv")
    parse = parse_workbook if kind in _WORKBOOKS else parse_csv
    return parse(name, content, layout)


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
