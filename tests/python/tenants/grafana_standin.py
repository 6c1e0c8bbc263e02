"""A stand-in of Grafana's HTTP API, as far as organisations need it, in the documented shapes.

What it does beyond answering: it knows who may ask for what, refuses what Grafana refuses, and can
fail on a call, before or after having done what was asked.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

ADMIN = ("admin", "the admin's password")
Json = dict[str, Any]


@dataclass
class Organisation:
    """What one organisation holds."""

    id: int
    name: str
    members: dict[int, str] = field(default_factory=dict)
    datasources: dict[str, Json] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)
    dashboards: dict[str, list[Json]] = field(default_factory=dict)
    home: str = ""


@dataclass
class GrafanaStandIn:
    """The state behind the API, to be looked at and changed by tests."""

    wraps_versions: bool = True
    """Grafana 11 and later wrap the list of versions, 10 does not."""
    auto_assign_org: bool = True
    orgs: dict[int, Organisation] = field(default_factory=dict)
    accounts: dict[int, Json] = field(default_factory=dict)
    writes: list[str] = field(default_factory=list)
    calls: int = 0
    failures: list[int] = field(default_factory=list)
    """Statuses that the next calls answer with instead of doing anything."""
    lost: list[str] = field(default_factory=list)
    """`METHOD /path` of calls that are done once, and answered as if they had failed."""
    breaks_after: int | None = None
    """From this many writes on, everything fails: as if we had been killed."""

    def __post_init__(self) -> None:
        """Begin as a new Grafana does."""
        self.orgs[1] = Organisation(1, "Main Org.", {1: "Admin"})
        self.accounts[1] = {
            "id": 1,
            "login": ADMIN[0],
            "email": "admin@localhost",
            "name": "",
            "isGrafanaAdmin": True,
            "password": ADMIN[1],
        }

    def org(self, name: str) -> Organisation:
        """Return an organisation by its name."""
        return next(org for org in self.orgs.values() if org.name == name)

    def account(self, login: str) -> Json:
        """Return an account by its login."""
        return next(one for one in self.accounts.values() if one["login"] == login)

    def add_account(self, login: str, email: str, org: int) -> Json:
        """Add an account as somebody else would."""
        number = max(self.accounts) + 1
        self.accounts[number] = {
            "id": number,
            "login": login,
            "email": email,
            "name": "",
            "isGrafanaAdmin": False,
            "password": "x",
        }
        self.orgs[org].members[number] = "Viewer"
        return self.accounts[number]

    def application(self) -> Starlette:
        """Return the API."""
        routes = [
            Route(path, self._guarded(endpoint), methods=[method])
            for method, path, endpoint in _ROUTES
        ]
        return Starlette(routes=routes)

    def _guarded(self, endpoint: Callable[..., Response]) -> Callable[[Request], Any]:
        async def answer(request: Request) -> Response:
            body = await request.json() if await request.body() else {}
            self.calls += 1
            if self.failures:
                return _say(self.failures.pop(0), "busy")
            me = self._login(request)
            if me is None:
                return _say(401, "Invalid username or password")
            call = f"{request.method} {request.url.path}"
            if request.method != "GET":
                if self.breaks_after is not None and len(self.writes) >= self.breaks_after:
                    return _say(503, "gone")
                self.writes.append(call)
            done = endpoint(self, request, me, body)
            if call in self.lost:
                self.lost.remove(call)
                return _say(502, "bad gateway")
            return done

        return answer

    def _login(self, request: Request) -> Json | None:
        try:
            kind, _, word = request.headers.get("authorization", "").partition(" ")
            login, _, password = base64.b64decode(word).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        for account in self.accounts.values():
            if kind == "Basic" and login in (account["login"], account["email"]):
                return account if account["password"] == password else None
        return None

    def current(self, request: Request, me: Json) -> Organisation | None:
        """Return the organisation that a call is about; None for one that we are no admin of."""
        org = self.orgs.get(int(request.headers.get("x-grafana-org-id", "1")))
        return org if org is not None and org.members.get(me["id"]) == "Admin" else None


def _say(status: int, message: str, **more: Any) -> JSONResponse:
    return JSONResponse({"message": message, **more}, status)


def _user(grafana: GrafanaStandIn, _: Request, me: Json, __: Json) -> Response:
    return JSONResponse({key: value for key, value in me.items() if key != "password"})


def _orgs(grafana: GrafanaStandIn, request: Request, me: Json, _: Json) -> Response:
    if not me["isGrafanaAdmin"]:
        return _say(403, "You'll need additional permissions to perform this action")
    size, page = (int(request.query_params[name]) for name in ("perpage", "page"))
    found = [{"id": org.id, "name": org.name} for org in grafana.orgs.values()]
    return JSONResponse(found[page * size : (page + 1) * size])


def _org_by_name(grafana: GrafanaStandIn, request: Request, _: Json, __: Json) -> Response:
    for org in grafana.orgs.values():
        if org.name == request.path_params["name"]:
            return JSONResponse({"id": org.id, "name": org.name, "address": {}})
    return _say(404, "Organization not found")


def _create_org(grafana: GrafanaStandIn, _: Request, me: Json, body: Json) -> Response:
    if any(org.name == body["name"] for org in grafana.orgs.values()):
        return _say(409, "Organization name taken")
    number = max(grafana.orgs) + 1
    grafana.orgs[number] = Organisation(number, body["name"], {me["id"]: "Admin"})
    return _say(200, "Organization created", orgId=number)


def _delete_org(grafana: GrafanaStandIn, request: Request, _: Json, __: Json) -> Response:
    if grafana.orgs.pop(request.path_params["org"], None) is None:
        return _say(404, "Failed to delete organization. ID not found")
    return _say(200, "Organization deleted")


def _members(grafana: GrafanaStandIn, request: Request, _: Json, __: Json) -> Response:
    org = grafana.orgs.get(request.path_params["org"])
    if org is None:
        return JSONResponse([])
    return JSONResponse(
        [
            {
                "orgId": org.id,
                "userId": number,
                "login": grafana.accounts[number]["login"],
                "email": grafana.accounts[number]["email"],
                "role": role,
            }
            for number, role in org.members.items()
        ]
    )


def _add_member(grafana: GrafanaStandIn, request: Request, _: Json, body: Json) -> Response:
    org = grafana.orgs[request.path_params["org"]]
    for account in grafana.accounts.values():
        if body["loginOrEmail"] in (account["login"], account["email"]):
            if account["id"] in org.members:
                return _say(409, "User is already member of this organization")
            org.members[account["id"]] = body["role"]
            return _say(200, "User added to organization", userId=account["id"])
    return _say(404, "User not found")


def _patch_member(grafana: GrafanaStandIn, request: Request, _: Json, body: Json) -> Response:
    org = grafana.orgs[request.path_params["org"]]
    org.members[request.path_params["user"]] = body["role"]
    return _say(200, "Organization user updated")


def _remove_member(grafana: GrafanaStandIn, request: Request, _: Json, __: Json) -> Response:
    grafana.orgs[request.path_params["org"]].members.pop(request.path_params["user"], None)
    return _say(200, "User removed from organization")


def _create_user(grafana: GrafanaStandIn, _: Request, __: Json, body: Json) -> Response:
    taken = {one[key].lower() for one in grafana.accounts.values() for key in ("login", "email")}
    if {body["login"].lower(), body["email"].lower()} & taken:
        said = f"User with email '{body['email']}' or username '{body['login']}' already exists"
        return _say(412, said)
    number = max(grafana.accounts) + 1
    keys = ("login", "email", "name", "password")
    grafana.accounts[number] = {
        "id": number,
        "isGrafanaAdmin": False,
        **{key: body[key] for key in keys},
    }
    if grafana.auto_assign_org:
        grafana.orgs[body["OrgId"]].members[number] = "Viewer"
    else:  # then Grafana gives a new user an organisation to rule over
        own = max(grafana.orgs) + 1
        grafana.orgs[own] = Organisation(own, body["email"], {number: "Admin"})
    return _say(200, "User created", id=number)


def _delete_user(grafana: GrafanaStandIn, request: Request, _: Json, __: Json) -> Response:
    if grafana.accounts.pop(request.path_params["user"], None) is None:
        return _say(404, "user not found")
    for org in grafana.orgs.values():
        org.members.pop(request.path_params["user"], None)
    return _say(200, "User deleted")


def _update_user(grafana: GrafanaStandIn, request: Request, _: Json, body: Json) -> Response:
    grafana.accounts[request.path_params["user"]].update(body)
    return _say(200, "User updated")


def _lookup(grafana: GrafanaStandIn, request: Request, _: Json, __: Json) -> Response:
    for account in grafana.accounts.values():
        if request.query_params["loginOrEmail"] in (account["login"], account["email"]):
            return JSONResponse({key: account[key] for key in account if key != "password"})
    return _say(404, "user not found")


def _user_orgs(grafana: GrafanaStandIn, request: Request, _: Json, __: Json) -> Response:
    number = request.path_params["user"]
    return JSONResponse(
        [
            {"orgId": org.id, "name": org.name, "role": org.members[number]}
            for org in grafana.orgs.values()
            if number in org.members
        ]
    )


def _in_org(
    endpoint: Callable[[Organisation, Request, Json], Response],
) -> Callable[[GrafanaStandIn, Request, Json, Json], Response]:
    def guarded(grafana: GrafanaStandIn, request: Request, me: Json, body: Json) -> Response:
        org = grafana.current(request, me)
        if org is None:
            return _say(403, "You'll need additional permissions to perform this action")
        return endpoint(org, request, body)

    return guarded


def _source(org: Organisation, request: Request, _: Json) -> Response:
    found = org.datasources.get(request.path_params["uid"])
    return _say(404, "Data source not found") if found is None else JSONResponse(found)


def _put_source(org: Organisation, request: Request, body: Json) -> Response:
    uid = body["uid"]
    present = org.datasources.get(request.path_params.get("uid", ""))
    if present is None:
        names = {source["name"] for source in org.datasources.values()}
        if body["name"] in names or uid in org.datasources:
            return _say(409, "data source with the same name already exists")
    secret = body.pop("secureJsonData")
    org.passwords[uid] = secret["password"]
    version = 1 if present is None else present["version"] + 1
    fields = {"secureJsonFields": dict.fromkeys(secret, True), "version": version}
    org.datasources[uid] = {**body, **fields, "orgId": org.id, "readOnly": False}
    verb = "added" if present is None else "updated"
    return _say(200, f"Datasource {verb}", datasource=org.datasources[uid], name=body["name"])


def _delete_source(org: Organisation, request: Request, _: Json) -> Response:
    for uid, source in list(org.datasources.items()):
        if source["name"] == request.path_params["name"]:
            del org.datasources[uid]
            return _say(200, "Data source deleted")
    return _say(404, "Data source not found")


def _search(org: Organisation, request: Request, _: Json) -> Response:
    newest = [versions[-1]["dashboard"] for versions in org.dashboards.values()]
    wanted = request.query_params["tag"]
    return JSONResponse(
        [
            {"uid": one["uid"], "title": one["title"], "type": "dash-db", "tags": one["tags"]}
            for one in newest
            if wanted in one["tags"]
        ]
    )


def _save_dashboard(org: Organisation, _: Request, body: Json) -> Response:
    uid = body["dashboard"]["uid"]
    versions = org.dashboards.setdefault(uid, [])
    if versions and not body.get("overwrite"):
        return _say(412, "The dashboard has been changed by someone else")
    versions.append(body)
    return JSONResponse({"uid": uid, "status": "success", "version": len(versions)})


def _delete_dashboard(org: Organisation, request: Request, _: Json) -> Response:
    if org.dashboards.pop(request.path_params["uid"], None) is None:
        return _say(404, "Dashboard not found")
    return _say(200, "Dashboard deleted")


def _versions(grafana: GrafanaStandIn, request: Request, me: Json, _: Json) -> Response:
    org = grafana.current(request, me)
    if org is None or request.path_params["uid"] not in org.dashboards:
        return _say(404, "Dashboard not found")
    saved = org.dashboards[request.path_params["uid"]]
    found = [
        {"version": number, "message": body.get("message", "")}
        for number, body in reversed(list(enumerate(saved, 1)))
    ][: int(request.query_params["limit"])]
    return JSONResponse(
        {"continueToken": "", "versions": found} if grafana.wraps_versions else found
    )


def _preferences(org: Organisation, _: Request, __: Json) -> Response:
    return JSONResponse({"theme": "", "homeDashboardUID": org.home, "timezone": ""})


def _patch_preferences(org: Organisation, _: Request, body: Json) -> Response:
    if body["homeDashboardUID"] not in org.dashboards:
        return _say(404, "Dashboard not found")
    org.home = body["homeDashboardUID"]
    return _say(200, "Preferences updated")


def _routes() -> Iterator[tuple[str, str, Callable[..., Response]]]:
    yield "GET", "/api/user", _user
    yield "GET", "/api/orgs", _orgs
    yield "POST", "/api/orgs", _create_org
    yield "GET", "/api/orgs/name/{name}", _org_by_name
    yield "DELETE", "/api/orgs/{org:int}", _delete_org
    yield "GET", "/api/orgs/{org:int}/users", _members
    yield "POST", "/api/orgs/{org:int}/users", _add_member
    yield "PATCH", "/api/orgs/{org:int}/users/{user:int}", _patch_member
    yield "DELETE", "/api/orgs/{org:int}/users/{user:int}", _remove_member
    yield "POST", "/api/admin/users", _create_user
    yield "DELETE", "/api/admin/users/{user:int}", _delete_user
    yield "GET", "/api/users/lookup", _lookup
    yield "PUT", "/api/users/{user:int}", _update_user
    yield "GET", "/api/users/{user:int}/orgs", _user_orgs
    yield "POST", "/api/datasources", _in_org(_put_source)
    yield "GET", "/api/datasources/uid/{uid}", _in_org(_source)
    yield "PUT", "/api/datasources/uid/{uid}", _in_org(_put_source)
    yield "DELETE", "/api/datasources/name/{name}", _in_org(_delete_source)
    yield "GET", "/api/search", _in_org(_search)
    yield "POST", "/api/dashboards/db", _in_org(_save_dashboard)
    yield "DELETE", "/api/dashboards/uid/{uid}", _in_org(_delete_dashboard)
    yield "GET", "/api/dashboards/uid/{uid}/versions", _versions
    yield "GET", "/api/org/preferences", _in_org(_preferences)
    yield "PATCH", "/api/org/preferences", _in_org(_patch_preferences)


_ROUTES = tuple(_routes())
