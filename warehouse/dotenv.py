"""The embedded server's lines in the project's `.env`, from which plain `dbt build` reads them."""

from __future__ import annotations

import re
from pathlib import Path

from warehouse.files import write_private
from warehouse.placement import directory_errors
from warehouse.server import ServerInfo

_BEGIN = "# >>> the embedded database; ytempire keeps these lines"
_END = "# <<< the embedded database"
_BLOCK = re.compile(rf"^{re.escape(_BEGIN)}$.*?^{re.escape(_END)}$\n?", re.MULTILINE | re.DOTALL)


def write_dotenv_block(path: Path, info: ServerInfo) -> bool:
    """Keep the server's port and password in the file `path`; True when it had to be written.

    Every other line stays as it is, byte for byte. The file is made readable by its owner only,
    because it holds a password. Raises DirectoryError when it cannot be written.
    """
    path = path.resolve()  # a link stays a link
    block = (
        f"{_BEGIN}\n"
        f"YTEMPIRE_EMBEDDED_PORT={info.port}\n"
        f"YTEMPIRE_EMBEDDED_PASSWORD={info.password}\n"
        f"{_END}\n"
    )
    with directory_errors(path):
        before = path.read_bytes().decode(errors="surrogateescape") if path.exists() else ""
        found = _BLOCK.search(before)
        if found:
            after = before[: found.start()] + block + _BLOCK.sub("", before[found.end() :])
        else:
            gap = "" if before.endswith("\n") or not before else "\n"
            after = before + gap + block
        if after == before:
            if path.stat().st_mode & 0o077:
                path.chmod(0o600)
            return False
        write_private(path, after.encode(errors="surrogateescape"))
    return True
