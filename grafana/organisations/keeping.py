"""Make a Grafana's organisations those of the users, and remove those of users who left.

Every step looks before it changes something, so that a second run changes nothing and a killed one
is put right by the next. The account comes last: nobody sees an organisation that is half made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from grafana.organisations import accounts
from grafana.organisations.api import ConflictError, GrafanaApi
from grafana.organisations.wanted import (
    HOME,
    TAG,
    DashboardFile,
    Wanted,
    Warehouse,
    datasource,
    is_as_wanted,
    is_of,
    read_dashboards,
)
from grafana.query import DATASOURCE_UID
from warehouse.errors import CredentialsError, SourceUnavailableError

_NAME = re.compile(r"tenant_[0-9a-f]{32}")
_PAGE = 1000
_SOURCE = f"/api/datasources/uid/{DATASOURCE_UID}"


@dataclass(slots=True)
class Kept:
    """What was done to the organisations, by name, and what a person should look at."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def keep_organisations(
    api: GrafanaApi, wanted: Sequence[Wanted], warehouse: Warehouse, *, removes: bool = True
) -> Kept:
    """Make, mend and (with `removes`) remove organisations until they are those `wanted`.

    Only an organisation whose datasource leads to this warehouse is ever removed. Raises
    CredentialsError when Grafana refuses the administrator, SourceUnavailableError when it does
    not answer.
    """
    done = Kept()
    me = _administrator(api)
    present = dict(_organisations(api))
    dashboards = read_dashboards()
    for user in wanted:
        is_new = user.role not in present
        org = _create(api, user.role) if is_new else present[user.role]
        changed = _enter(api, org, me)
        changed |= _keep_datasource(api, org, datasource(user, warehouse))
        changed |= _keep_dashboards(api, org, dashboards)
        changed |= _keep_home(api, org)
        changed |= accounts.keep_account(api, org, user, done.problems)
        (done.created if is_new else done.updated if changed else done.kept).append(user.role)
    if removes:
        leaving = sorted(set(present) - {user.role for user in wanted})
        _remove(api, {role: present[role] for role in leaving}, warehouse, me, done)
    return done


def remove_organisations(api: GrafanaApi, roles: Iterable[str], warehouse: Warehouse) -> Kept:
    """Remove the organisations and accounts of these roles, where they lead to this warehouse."""
    done = Kept()
    me = _administrator(api)
    chosen = set(roles)
    present = {role: org for role, org in _organisations(api) if role in chosen}
    _remove(api, present, warehouse, me, done)
    return done


def _administrator(api: GrafanaApi) -> dict[str, Any]:
    """Return who we are. Raises CredentialsError for somebody who is not over all organisations."""
    me: dict[str, Any] | None = api.find("/api/user")
    if me is None:
        raise SourceUnavailableError(
            f"What answers at {api.url} is no Grafana.", hint="Check GRAFANA_URL."
        )
    if not me.get("isGrafanaAdmin"):
        raise CredentialsError(
            f"{api.user} is not an administrator of the Grafana at {api.url}.",
            hint="GRAFANA_ADMIN_USER must be one of the whole Grafana, not of an organisation.",
        )
    return me


def _organisations(api: GrafanaApi) -> Iterator[tuple[str, int]]:
    """Yield the name and number of each organisation that is named as a tenant's role."""
    page = 0
    while True:
        found = api.find("/api/orgs", perpage=_PAGE, page=page) or []
        for org in found:
            if _NAME.fullmatch(org["name"]):
                yield org["name"], int(org["id"])
        if len(found) < _PAGE:
            return
        page += 1


def _create(api: GrafanaApi, name: str) -> int:
    try:
        return int(api.send("POST", "/api/orgs", {"name": name})["orgId"])
    except ConflictError:
        return int(api.find(f"/api/orgs/name/{name}")["id"])


def _enter(api: GrafanaApi, org: int, me: dict[str, Any]) -> bool:
    """Be an administrator in the organisation: who is not in it cannot ask for what it holds."""
    members = {member["userId"]: member["role"] for member in api.find(f"/api/orgs/{org}/users")}
    if members.get(me["id"]) == "Admin":
        return False
    if me["id"] in members:
        api.send("PATCH", f"/api/orgs/{org}/users/{me['id']}", {"role": "Admin"})
    else:
        body = {"loginOrEmail": me["login"], "role": "Admin"}
        api.send("POST", f"/api/orgs/{org}/users", body)
    return True


def _keep_datasource(api: GrafanaApi, org: int, body: dict[str, Any]) -> bool:
    present = api.find(_SOURCE, org=org)
    if present is None:
        try:
            api.send("POST", "/api/datasources", body, org=org)
            return True
        except ConflictError:  # an answer that was lost; or another one has its name
            if api.find(_SOURCE, org=org) is None:
                by_name = f"/api/datasources/name/{body['name']}"
                api.send("DELETE", by_name, org=org)
                api.send("POST", "/api/datasources", body, org=org)
                return True
    elif is_as_wanted(present, body):
        return False
    api.send("PUT", _SOURCE, body, org=org)
    return True


def _keep_dashboards(api: GrafanaApi, org: int, wanted: Sequence[DashboardFile]) -> bool:
    found = api.find("/api/search", org=org, type="dash-db", tag=TAG, limit=_PAGE) or []
    present = {dashboard["uid"] for dashboard in found}
    changed = False
    for dashboard in wanted:
        if dashboard.uid in present and _saved_with(api, org, dashboard.uid) == dashboard.message:
            continue
        body = {"dashboard": dashboard.model, "message": dashboard.message, "overwrite": True}
        api.send("POST", "/api/dashboards/db", body, org=org)
        changed = True
    for uid in sorted(present - {dashboard.uid for dashboard in wanted}):
        api.send("DELETE", f"/api/dashboards/uid/{uid}", org=org)
        changed = True
    return changed


def _saved_with(api: GrafanaApi, org: int, uid: str) -> str | None:
    """Return the words that the newest version was saved with: ours, unless somebody edited it."""
    found = api.find(f"/api/dashboards/uid/{uid}/versions", org=org, limit=1)
    versions = found.get("versions") if isinstance(found, dict) else found  # Grafana 11 wraps them
    return max(versions, key=lambda version: version["version"])["message"] if versions else None


def _keep_home(api: GrafanaApi, org: int) -> bool:
    preferences = api.find("/api/org/preferences", org=org) or {}
    if preferences.get("homeDashboardUID") == HOME:
        return False
    api.send("PATCH", "/api/org/preferences", {"homeDashboardUID": HOME}, org=org)
    return True


def _remove(
    api: GrafanaApi, leaving: dict[str, int], warehouse: Warehouse, me: dict[str, Any], done: Kept
) -> None:
    for role, org in leaving.items():
        members = {member["userId"] for member in api.find(f"/api/orgs/{org}/users") or []}
        source = api.find(_SOURCE, org=org) if me["id"] in members else None
        if not is_of(source, role, warehouse):
            done.problems.append(
                f"organisation {role} of Grafana has no datasource that leads to this warehouse, "
                "so it was left alone"
            )
            continue
        accounts.remove_account(api, role)
        api.send("DELETE", f"/api/orgs/{org}")
        done.removed.append(role)
