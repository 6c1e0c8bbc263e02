"""The users' organisations in a running Grafana, made and kept through its HTTP API.

Each user has an organisation of their own, named as their role in the warehouse, with a datasource
that logs in as that role, the users' dashboards, and one viewer.
"""

from grafana.organisations.api import GrafanaApi
from grafana.organisations.keeping import Kept, keep_organisations, remove_organisations
from grafana.organisations.wanted import Wanted, Warehouse

__all__ = [
    "GrafanaApi",
    "Kept",
    "Wanted",
    "Warehouse",
    "keep_organisations",
    "remove_organisations",
]
