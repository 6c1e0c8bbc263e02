"""The owners' tokens: read from the platform's database, opened in memory, shown nowhere."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from cryptography.fernet import Fernet

from ingest.sources.youtube.config import YouTubeAnalyticsConfig
from ingest.sources.youtube.tokens import RefreshToken, platform_tokens
from warehouse.connection import WarehouseTarget, connect
from warehouse.errors import ConfigurationError, CredentialsError, DatabaseError

SCHEMA = Path(__file__).resolve().parents[3] / "simulator" / "platform" / "schema.sql"
KEY = Fernet.generate_key().decode()


@pytest.fixture
def platform(warehouse: WarehouseTarget) -> Iterator[psycopg.Connection]:
    with connect(warehouse, autocommit=True) as connection:
        connection.execute(SCHEMA.read_bytes())
        connection.execute(
            """
            insert into ytempire.users values (
                gen_random_uuid(), 'a@example.com', 'A', 'beta', 'active', 'paid', 'US', 'UTC',
                null, 1, now(), now()
            )
            """
        )
        yield connection


def connect_channel(platform: psycopg.Connection, name: str, encrypted: str | None) -> None:
    platform.execute(
        """
        insert into ytempire.channels
        select %s, user_id, %s, 'a name', null, 'a niche', 'active', 'test', %s, null, null,
            now(), now()
        from ytempire.users
        """,
        (UUID(int=abs(hash(name))), name, encrypted),
    )


def encrypt(secret: str, key: str = KEY) -> str:
    return Fernet(key).encrypt(secret.encode()).decode()


def test_tokens_are_opened(platform: psycopg.Connection, warehouse: WarehouseTarget) -> None:
    connect_channel(platform, "UC1", encrypt("1//one"))
    connect_channel(platform, "UC2", None)
    connect_channel(platform, "UC3", encrypt("1//three"))
    store = platform_tokens(warehouse.url(), KEY)
    assert store() == {"UC1": RefreshToken("1//one"), "UC3": RefreshToken("1//three")}
    connect_channel(platform, "UC4", encrypt("1//four"))
    assert "UC4" in store()


def test_one_that_cannot_be_opened_is_told(
    platform: psycopg.Connection, warehouse: WarehouseTarget, caplog: pytest.LogCaptureFixture
) -> None:
    connect_channel(platform, "UC1", encrypt("1//one"))
    connect_channel(platform, "UC2", encrypt("1//two", Fernet.generate_key().decode()))
    connect_channel(platform, "UC3", "not encrypted")
    with caplog.at_level(logging.WARNING):
        assert list(platform_tokens(warehouse.url(), KEY)()) == ["UC1"]
    assert [record.getMessage() for record in caplog.records] == [
        "the refresh token of channel UC2 cannot be decrypted",
        "the refresh token of channel UC3 cannot be decrypted",
    ]


def test_the_wrong_key(platform: psycopg.Connection, warehouse: WarehouseTarget) -> None:
    connect_channel(platform, "UC1", encrypt("1//one"))
    other = Fernet.generate_key().decode()
    with pytest.raises(CredentialsError, match="opens none of the 1") as caught:
        platform_tokens(warehouse.url(), other)()
    assert other not in str(caught.value)


@pytest.mark.parametrize("key", ["", "short", "ü" * 44, "a" * 43 + "!"])
def test_no_key_at_all(key: str) -> None:
    with pytest.raises(ConfigurationError, match="TOKEN_ENCRYPTION_KEY") as caught:
        platform_tokens("postgresql://localhost:1/nothing", key)()
    assert caught.value.__cause__ is None


def test_a_platform_without_tables(warehouse: WarehouseTarget) -> None:
    with pytest.raises(DatabaseError, match=r"ytempire\.channels"):
        platform_tokens(warehouse.url(), KEY)()


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("postgresql://a:hidden@127.0.0.1:1/x?connect_timeout=2", DatabaseError),
        ("mysql://a:hidden@b", ConfigurationError),
        ("hidden", ConfigurationError),
    ],
)
def test_no_platform(url: str, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        platform_tokens(url, KEY)()
    assert "hidden" not in str(caught.value)


def test_secrets_do_not_show() -> None:
    token = RefreshToken("1//hidden")
    config = YouTubeAnalyticsConfig(
        "client",
        "hidden-secret",
        platform_database_url="postgresql://a:hidden@b/c",
        token_encryption_key="hidden-key",
    )
    for shown in (str(token), repr(token), f"{token}", repr({"UC1": token}), repr(config)):
        assert "hidden" not in shown
