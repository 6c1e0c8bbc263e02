"""The users' organisations in Grafana: made, repeated, renewed, removed, and put right."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
import uvicorn
from commands import Ytempire
from grafana_standin import ADMIN, GrafanaStandIn
from starlette.types import ASGIApp, Receive, Scope, Send

from grafana.organisations import (
    GrafanaApi,
    Kept,
    Wanted,
    Warehouse,
    keep_organisations,
    remove_organisations,
)
from warehouse.connection import WarehouseTarget, connect
from warehouse.errors import CredentialsError, SourceUnavailableError
from warehouse.tenants import TenantSecrets, role_name

HERE = Warehouse("127.0.0.1:5432", "ytempire", "disable")
ANNA, BEN = (
    Wanted(role_name(UUID(int=number)), f"{name}@example.com", f"{name}-db", lambda: "first-aA1")
    for number, name in ((1, "anna"), (2, "ben"))
)
DASHBOARDS = {"ytempire-my-revenue", "ytempire-my-channels", "ytempire-my-costs"}


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[str, dict[str, ASGIApp]]]:
    """Serve whatever application is put into the dictionary; starting a server takes its time."""
    applications: dict[str, ASGIApp] = {}

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await applications["now"](scope, receive, send)

    # asyncio sends at once (TCP_NODELAY) only where the protocol is named.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(application, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}", applications
    server.should_exit = True
    thread.join(10)
    listener.close()


@pytest.fixture
def grafana(served: tuple[str, dict[str, ASGIApp]]) -> GrafanaStandIn:
    grafana = GrafanaStandIn()
    served[1]["now"] = grafana.application()
    return grafana


@pytest.fixture
def url(served: tuple[str, dict[str, ASGIApp]], grafana: GrafanaStandIn) -> str:
    return served[0]


@pytest.fixture
def api(url: str) -> Iterator[GrafanaApi]:
    with GrafanaApi(url, *ADMIN, first_wait_seconds=0.001) as api:
        yield api


def _roles(grafana: GrafanaStandIn, wanted: Wanted) -> dict[str, str]:
    """Return the organisations that an account is in, with its role there."""
    number = grafana.account(wanted.role)["id"]
    return {org.name: org.members[number] for org in grafana.orgs.values() if number in org.members}


def test_each_user_has_a_place_of_their_own(grafana: GrafanaStandIn, api: GrafanaApi) -> None:
    done = keep_organisations(api, [ANNA, BEN], HERE)
    assert done == Kept(created=[ANNA.role, BEN.role])
    for user in (ANNA, BEN):
        org = grafana.org(user.role)
        source = org.datasources["marts"]
        assert (source["user"], source["url"]) == (user.role, "127.0.0.1:5432")
        assert source["isDefault"] is True
        assert source["jsonData"]["database"] == "ytempire"
        assert source["jsonData"]["maxOpenConns"] <= 10  # the role's own limit
        assert org.passwords == {"marts": user.database_password}
        assert user.database_password not in str(source)
        assert set(org.dashboards) == DASHBOARDS
        assert org.home == "ytempire-my-revenue"
        assert _roles(grafana, user) == {user.role: "Viewer"}
        account = grafana.account(user.role)
        assert (account["email"], account["password"]) == (user.email, "first-aA1")
        assert not account["isGrafanaAdmin"]
    assert grafana.orgs[1].datasources == {}


@pytest.mark.parametrize("wraps_versions", [True, False])
def test_repeated_it_changes_nothing(
    grafana: GrafanaStandIn, api: GrafanaApi, wraps_versions: bool
) -> None:
    grafana.wraps_versions = wraps_versions
    keep_organisations(api, [ANNA, BEN], HERE)
    grafana.writes.clear()
    assert keep_organisations(api, [ANNA, BEN], HERE) == Kept(kept=[ANNA.role, BEN.role])
    assert grafana.writes == []


def test_a_new_password_reaches_grafana(grafana: GrafanaStandIn, api: GrafanaApi) -> None:
    keep_organisations(api, [ANNA, BEN], HERE)
    grafana.writes.clear()
    rotated = replace(ANNA, database_password="another")
    assert keep_organisations(api, [rotated, BEN], HERE).updated == [ANNA.role]
    assert grafana.org(ANNA.role).passwords == {"marts": "another"}
    assert grafana.writes == ["PUT /api/datasources/uid/marts"]


def test_who_leaves_is_removed_and_others_are_not(grafana: GrafanaStandIn, api: GrafanaApi) -> None:
    keep_organisations(api, [ANNA, BEN], HERE)
    assert keep_organisations(api, [BEN], HERE) == Kept(removed=[ANNA.role], kept=[BEN.role])
    assert {org.name for org in grafana.orgs.values()} == {"Main Org.", BEN.role}
    assert {account["login"] for account in grafana.accounts.values()} == {"admin", BEN.role}
    grafana.writes.clear()
    assert keep_organisations(api, [BEN], HERE) == Kept(kept=[BEN.role])
    assert grafana.writes == []


def test_some_are_kept_without_removing_the_rest(api: GrafanaApi) -> None:
    keep_organisations(api, [ANNA, BEN], HERE)
    assert keep_organisations(api, [BEN], HERE, removes=False).removed == []
    assert remove_organisations(api, [ANNA.role], HERE).removed == [ANNA.role]


def test_the_organisations_of_another_warehouse_are_left_alone(
    grafana: GrafanaStandIn, api: GrafanaApi
) -> None:
    keep_organisations(api, [ANNA], replace(HERE, database="another"))
    done = keep_organisations(api, [BEN], HERE)
    assert done.removed == []
    assert [ANNA.role in problem for problem in done.problems] == [True]
    assert grafana.org(ANNA.role).datasources["marts"]["database"] == "another"


@pytest.mark.parametrize("writes", range(1, 11))
def test_a_kill_is_put_right_by_the_next_run(
    grafana: GrafanaStandIn, api: GrafanaApi, writes: int
) -> None:
    grafana.breaks_after = writes
    with pytest.raises(SourceUnavailableError):
        keep_organisations(api, [ANNA, BEN], HERE)
    grafana.breaks_after = None
    keep_organisations(api, [ANNA, BEN], HERE)
    assert [_roles(grafana, user) for user in (ANNA, BEN)] == [
        {ANNA.role: "Viewer"},
        {BEN.role: "Viewer"},
    ]
    assert len(grafana.orgs) == 3
    assert all(set(grafana.org(user.role).dashboards) == DASHBOARDS for user in (ANNA, BEN))


@pytest.mark.parametrize(
    "call", ["POST /api/orgs", "POST /api/datasources", "POST /api/admin/users"]
)
def test_an_answer_that_is_lost_makes_nothing_twice(
    grafana: GrafanaStandIn, api: GrafanaApi, call: str
) -> None:
    grafana.lost = [call]
    assert keep_organisations(api, [ANNA], HERE).created == [ANNA.role]
    assert (len(grafana.orgs), len(grafana.accounts)) == (2, 2)
    assert _roles(grafana, ANNA) == {ANNA.role: "Viewer"}


def test_a_busy_grafana_is_asked_again(grafana: GrafanaStandIn, api: GrafanaApi) -> None:
    grafana.failures = [503, 502, 429, 500]
    assert keep_organisations(api, [ANNA], HERE).created == [ANNA.role]


def test_a_grafana_that_stays_busy_is_told(grafana: GrafanaStandIn, api: GrafanaApi) -> None:
    grafana.failures = [503] * 10
    with pytest.raises(SourceUnavailableError, match="does not answer: GET /api/user: 503 busy"):
        keep_organisations(api, [ANNA], HERE)
    assert grafana.calls == 5


def test_a_wrong_password_is_tried_once(grafana: GrafanaStandIn, url: str) -> None:
    with GrafanaApi(url, "admin", "wrong") as api, pytest.raises(CredentialsError, match="refuses"):
        keep_organisations(api, [ANNA], HERE)
    assert grafana.calls == 1


def test_an_account_that_is_no_administrator_is_told(grafana: GrafanaStandIn, url: str) -> None:
    grafana.add_account("olga", "olga@example.com", 1)
    with GrafanaApi(url, "olga", "x") as api, pytest.raises(CredentialsError, match="not an admin"):
        keep_organisations(api, [ANNA], HERE)


def test_where_no_grafana_is_it_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        dead = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with (
        GrafanaApi(dead, *ADMIN, first_wait_seconds=0.001) as api,
        pytest.raises(SourceUnavailableError, match="GRAFANA_URL"),
    ):
        keep_organisations(api, [ANNA], HERE)


def test_an_account_with_the_address_is_let_in_and_told(
    grafana: GrafanaStandIn, api: GrafanaApi
) -> None:
    """A colleague is a user too: their own account stays what it is."""
    mine = grafana.add_account("anna", ANNA.email, 1)
    done = keep_organisations(api, [ANNA], HERE)
    assert [("anna" in problem, "Main Org." in problem) for problem in done.problems] == [(1, 1)]
    assert grafana.org(ANNA.role).members[mine["id"]] == "Viewer"
    assert grafana.orgs[1].members[mine["id"]] == "Viewer"
    keep_organisations(api, [], HERE)
    assert mine["id"] in grafana.accounts


def test_a_grafana_that_gives_new_accounts_more_is_corrected(
    grafana: GrafanaStandIn, api: GrafanaApi
) -> None:
    grafana.auto_assign_org = False
    keep_organisations(api, [ANNA], HERE)
    assert _roles(grafana, ANNA) == {ANNA.role: "Viewer"}


def test_what_was_changed_by_hand_is_put_back(grafana: GrafanaStandIn, api: GrafanaApi) -> None:
    keep_organisations(api, [ANNA, BEN], HERE)
    org, anna = grafana.org(ANNA.role), grafana.account(ANNA.role)["id"]
    org.members[anna] = "Editor"
    org.members.pop(1)
    grafana.org(BEN.role).members[anna] = "Viewer"
    grafana.orgs[1].members[anna] = "Viewer"
    org.datasources["marts"]["user"] = "owner"
    org.dashboards["ytempire-my-costs"].append({"dashboard": {"uid": "x", "tags": []}})
    stray: dict[str, Any] = {"uid": "old", "title": "Old", "tags": ["ytempire-user"]}
    org.dashboards["old"] = [{"dashboard": stray}]
    org.home = ""
    assert keep_organisations(api, [ANNA, BEN], HERE).updated == [ANNA.role]
    assert _roles(grafana, ANNA) == {ANNA.role: "Viewer"}
    assert org.datasources["marts"]["user"] == ANNA.role
    assert org.home == "ytempire-my-revenue"
    assert "old" not in org.dashboards
    newest = {uid: saved[-1]["dashboard"]["uid"] for uid, saved in org.dashboards.items()}
    assert newest == {uid: uid for uid in DASHBOARDS}


def test_a_new_address_is_that_of_the_same_account(
    grafana: GrafanaStandIn, api: GrafanaApi
) -> None:
    keep_organisations(api, [ANNA], HERE)
    moved = replace(ANNA, email="anna@new.example.com")
    assert keep_organisations(api, [moved], HERE).updated == [ANNA.role]
    assert grafana.account(ANNA.role)["email"] == "anna@new.example.com"
    assert len(grafana.accounts) == 2


def test_the_command_keeps_roles_and_organisations_together(
    tiny_marts: WarehouseTarget, tmp_path: Any, grafana: GrafanaStandIn, url: str
) -> None:
    settings = {"GRAFANA_URL": url, "GRAFANA_ADMIN_PASSWORD": ADMIN[1]}
    command = Ytempire(tiny_marts, tmp_path, settings)
    first = command.report("tenants", "sync")
    assert len(first["grafana"]["created"]) == 3
    path = tmp_path / "tenants" / "passwords.env"
    assert path.stat().st_mode & 0o777 == 0o600
    with connect(tiny_marts, autocommit=True) as connection:
        users: dict[str, UUID] = dict(
            connection.execute("select email, user_id from marts.dim_users").fetchall()
        )
        user, gone = users["0@example.com"], users["1@example.com"]
        secrets = TenantSecrets(path)
        role = role_name(user)
        assert grafana.org(role).passwords["marts"] == secrets.get(user)
        assert grafana.account(role)["password"] == secrets.first_password(user)
        # a first password that is lost is not made up again: the account has it, or another
        kept = [line for line in path.read_text().splitlines(True) if "GRAFANA" not in line]
        path.write_text("".join(kept))
        second = command.report("tenants", "sync")["grafana"]
        assert "GRAFANA" not in path.read_text()
        assert (len(second["kept"]), second["created"], second["updated"]) == (3, [], [])
        command("tenants", "rotate", "0@example.com")
        assert grafana.org(role).passwords["marts"] == TenantSecrets(path).get(user)
        assert grafana.org(role).passwords["marts"] != secrets.get(user)
        connection.execute(
            "update marts.dim_users set is_active = false where user_id = %s", [gone]
        )
    assert command.report("tenants", "sync")["grafana"]["removed"] == [role_name(gone)]
    told = Ytempire(tiny_marts, tmp_path, {**settings, "GRAFANA_ADMIN_PASSWORD": "x"})(
        "tenants", "sync", exit_code=4
    )
    assert "GRAFANA_ADMIN_PASSWORD" in told.stderr


def test_without_a_grafana_one_line_says_so(tiny_marts: WarehouseTarget, tmp_path: Any) -> None:
    assert "Grafana: not set" in Ytempire(tiny_marts, tmp_path, {})("tenants", "sync").stdout
    half = Ytempire(tiny_marts, tmp_path, {"GRAFANA_URL": "http://127.0.0.1:3000"})
    assert "GRAFANA_ADMIN_PASSWORD" in half("tenants", "sync", exit_code=3).stderr
