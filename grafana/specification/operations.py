"""What the specification asks of the dashboards on operations and the quality of data."""

from grafana.specification.asked import Asked

ASKED: tuple[Asked, ...] = ()
