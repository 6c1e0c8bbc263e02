"""Addresses, and what is said when a database cannot be reached."""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import replace
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from psycopg.conninfo import conninfo_to_dict

from warehouse.connection import WarehouseTarget, connect, ensure_database
from warehouse.errors import DatabaseError

TARGET = WarehouseTarget("db.example", 5433, "an@lyst", "p w'@:/\\%", "ware house", "require", 7)


def test_every_form_of_an_address_says_the_same() -> None:
    words = conninfo_to_dict(TARGET.conninfo())
    assert words["password"] == TARGET.password
    assert (words["host"], words["port"], words["dbname"]) == ("db.example", "5433", "ware house")
    assert words["connect_timeout"] == "7"
    url = urlsplit(TARGET.url())
    assert (url.hostname, url.port, unquote(url.path)) == ("db.example", 5433, "/ware house")
    assert (unquote(url.username or ""), unquote(url.password or "")) == (
        TARGET.user,
        TARGET.password,
    )
    from_url = conninfo_to_dict(TARGET.url())
    assert {name: words[name] for name in from_url} == from_url
    assert TARGET.environment() == {
        "PGHOST": "db.example",
        "PGPORT": "5433",
        "PGUSER": "an@lyst",
        "PGPASSWORD": TARGET.password,
        "PGDATABASE": "ware house",
        "PGSSLMODE": "require",
        "PGCONNECT_TIMEOUT": "7",
    }


def test_a_socket_directory_and_an_ipv6_address_fit_into_a_url() -> None:
    unix = conninfo_to_dict(replace(TARGET, host="/var/run/postgresql", password="").url())
    assert (unix["host"], unix["port"]) == ("/var/run/postgresql", "5433")
    assert "password" not in unix
    assert conninfo_to_dict(replace(TARGET, host="::1").url())["host"] == "::1"
    assert parse_qs(urlsplit(TARGET.url()).query)["sslmode"] == ["require"]


def test_the_password_is_not_shown() -> None:
    assert TARGET.password not in repr(TARGET)
    assert TARGET.password not in str(TARGET)


def test_a_connection_works_and_knows_its_name(postgres_server: WarehouseTarget) -> None:
    with connect(postgres_server, application_name="a test") as connection:
        assert not connection.autocommit
        row = connection.execute("select current_setting('application_name')").fetchone()
        assert row == ("a test",)


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(DatabaseError, match=rf"Nothing listens .* 127\.0\.0\.1:{port}"):
        connect(replace(TARGET, host="127.0.0.1", port=port))


def test_a_server_that_never_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as dumb:
        port = dumb.getsockname()[1]
        target = replace(TARGET, host="127.0.0.1", port=port, connect_timeout=2)
        begun = time.monotonic()
        with pytest.raises(DatabaseError, match="no answer within 2 s"):
            connect(target)
        with pytest.raises(DatabaseError, match="no answer within 2 s"):
            ensure_database(replace(target, database="postgres"))
        assert time.monotonic() - begun < 5.5


def test_a_server_that_speaks_nonsense() -> None:
    with socket.create_server(("127.0.0.1", 0)) as web:
        port = web.getsockname()[1]
        target = replace(TARGET, host="127.0.0.1", port=port, connect_timeout=5, sslmode="disable")

        def answer() -> None:
            client, _ = web.accept()
            client.recv(1024)
            client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            client.close()

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(DatabaseError, match="failed"):
            connect(target)
        thread.join()


def test_an_unknown_host() -> None:
    with pytest.raises(DatabaseError, match="is not known"):
        connect(replace(TARGET, host="no-such-host.invalid"))


def test_wrong_password_and_unknown_user(postgres_server: WarehouseTarget) -> None:
    for wrong in (
        replace(postgres_server, password="wrong"),
        replace(postgres_server, user="nobody_here"),
    ):
        with pytest.raises(DatabaseError, match="is not accepted by") as error:
            connect(wrong)
        assert "PGPASSWORD" in error.value.hint
        assert "wrong" not in str(error.value)


def test_no_such_database_and_then_there_is(postgres_server: WarehouseTarget) -> None:
    target = replace(postgres_server, database='test "odd" näme')
    with pytest.raises(DatabaseError, match="There is no database"):
        connect(target)
    try:
        assert ensure_database(target)
        assert not ensure_database(target)
        with connect(target) as connection:
            row = connection.execute("show server_encoding").fetchone()
            assert row == ("UTF8",)
    finally:
        with connect(postgres_server, autocommit=True) as connection:
            connection.execute('drop database if exists "test ""odd"" näme"'.encode())


def test_a_user_who_may_not_create_a_database_is_told_what_to_do(
    postgres_server: WarehouseTarget,
) -> None:
    with connect(postgres_server, autocommit=True) as connection:
        connection.execute(b"create role test_guest login password 'guest'")
        # Another test may have closed it to everybody, as tenants have it.
        connection.execute(b"grant connect on database postgres to test_guest")
        guest = replace(
            postgres_server, user="test_guest", password="guest", database="test_absent"
        )
        try:
            with pytest.raises(DatabaseError, match="cannot be created") as error:
                ensure_database(guest)
            assert "createdb -O test_guest test_absent" in error.value.hint
        finally:
            connection.execute(b"drop owned by test_guest")
            connection.execute(b"drop role test_guest")


def test_all_connections_taken(warehouse: WarehouseTarget) -> None:
    with connect(warehouse, autocommit=True) as connection:
        name = warehouse.database
        connection.execute(f"create role only_one_{name} login connection limit 0".encode())
        try:
            connection.execute(f"alter role only_one_{name} password 'x'".encode())
            with pytest.raises(DatabaseError, match="All connections"):
                connect(replace(warehouse, user=f"only_one_{name}", password="x"))
        finally:
            connection.execute(f"drop role only_one_{name}".encode())
