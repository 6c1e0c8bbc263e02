"""Every panel that the specification names, and the panel that shows it.

`operations.py`, `business.py` and `users.py` hold the rows, `page.py` checks them against the
dashboards and writes them to `docs/dashboards.md`.
"""

from grafana.specification import business, operations, users
from grafana.specification.asked import Asked

ASKED: tuple[Asked, ...] = (*business.ASKED, *operations.ASKED, *users.ASKED)

__all__ = ["ASKED", "Asked"]
