"""The account that a user looks at their dashboards with: a viewer, and nowhere else."""

from __future__ import annotations

from typing import Any

from grafana.organisations.api import ConflictError, GrafanaApi
from grafana.organisations.wanted import Wanted

VIEWER = "Viewer"


def keep_account(api: GrafanaApi, org: int, user: Wanted, problems: list[str]) -> bool:
    """Make a user a viewer of their organisation; return whether anything was changed.

    An account whose login is the user's role is ours: it is kept out of all other organisations.
    Where somebody else's account has the user's e-mail address, it is let into the organisation
    and otherwise left alone; `problems` tells of it.
    """
    account = _find(api, user.role)
    changed = account is None
    if account is None:
        account = _create(api, org, user)
    is_ours = account["login"] == user.role
    if is_ours and not changed and account.get("email") != user.email:
        changed = _rename(api, account, user, problems)
    changed |= _keep_membership(api, org, account)
    places = api.find(f"/api/users/{account['id']}/orgs") or []
    others = [place for place in places if place["orgId"] != org]
    if is_ours:
        for place in others:
            api.send("DELETE", f"/api/orgs/{place['orgId']}/users/{account['id']}")
        return changed or bool(others)
    if others or account.get("isGrafanaAdmin"):
        names = ", ".join(sorted(place["name"] for place in others)) or "all organisations"
        problems.append(
            f"{user.email} had an account in Grafana already, {account['login']}, which also sees "
            f"{names}"
        )
    return changed


def remove_account(api: GrafanaApi, role: str) -> None:
    """Delete a user's account, if it is ours."""
    account = _find(api, role)
    if account is not None and account["login"] == role:
        api.send("DELETE", f"/api/admin/users/{account['id']}")


def _find(api: GrafanaApi, login_or_email: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = api.find("/api/users/lookup", loginOrEmail=login_or_email)
    return found


def _create(api: GrafanaApi, org: int, user: Wanted) -> dict[str, Any]:
    body = {
        "name": user.email,
        "email": user.email,
        "login": user.role,
        "password": user.first_password(),
        "OrgId": org,
    }
    try:
        made = api.send("POST", "/api/admin/users", body)
    except ConflictError:
        # An answer that was lost, or somebody has the address already.
        account = _find(api, user.role) or _find(api, user.email)
        if account is None:
            raise
        return account
    return {"id": made["id"], "login": user.role, "email": user.email}


def _rename(api: GrafanaApi, account: dict[str, Any], user: Wanted, problems: list[str]) -> bool:
    body = {"name": user.email, "email": user.email, "login": user.role}
    try:
        api.send("PUT", f"/api/users/{account['id']}", body)
    except ConflictError as error:
        problems.append(f"{user.role} keeps the address {account.get('email')} in Grafana: {error}")
        return False
    return True


def _keep_membership(api: GrafanaApi, org: int, account: dict[str, Any]) -> bool:
    """Be a viewer of the organisation, and no more: Grafana may have given a new account more."""
    places = api.find(f"/api/users/{account['id']}/orgs") or []
    role = next((place["role"] for place in places if place["orgId"] == org), None)
    if role == VIEWER or account.get("isGrafanaAdmin"):
        return False
    if role is None:
        body = {"loginOrEmail": account["login"], "role": VIEWER}
        api.send("POST", f"/api/orgs/{org}/users", body)
    else:
        api.send("PATCH", f"/api/orgs/{org}/users/{account['id']}", {"role": VIEWER})
    return True
