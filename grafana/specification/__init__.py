"""Every panel that the specification names, and the panel that shows it.

`operations.py` and `business.py` hold the rows, `page.py` checks them against the dashboards and
writes them to `docs/dashboards.md`.
"""

from grafana.specification import business, operations
from grafana.specification.asked import Asked

ASKED: tuple[Asked, ...] = (*business.ASKED, *operations.ASKED)

__all__ = ["ASKED", "Asked"]
