"""The client on behalf of a channel's owner: tokens, and those that are refused."""

from __future__ import annotations

import json

import pytest
from youtube_weather import ERROR_INFO, GOOD, SECRET, TOKEN, Client, Reply, error, weather

from ingest.sources.youtube.failures import OwnerError
from warehouse.errors import CredentialsError


class TestOwners:
    def test_a_token_is_fetched_once_and_used(self) -> None:
        with weather(GOOD) as sky:
            client = Client(sky)
            owner = client.owner()
            client.ask(owner)
            client.ask(owner)
            assert sky.paths() == ["/token", "/youtube/v3/videos", "/youtube/v3/videos"]
            assert sky.requests[1][2]["authorization"] == "Bearer ya29.access"
            assert "x-goog-api-key" not in sky.requests[1][2]
            assert len(client.book()) == 2

    def test_a_token_that_expired_is_refreshed(self) -> None:
        with weather(error(401, "authError"), GOOD) as sky:
            client = Client(sky)
            assert client.ask(client.owner())["items"]
            assert sky.paths().count("/token") == 2

    @pytest.mark.parametrize(
        ("name", "kind"),
        [
            ("invalid_grant", OwnerError),
            ("invalid_client", CredentialsError),
            ("unauthorized_client", CredentialsError),
        ],
    )
    def test_the_token_endpoint_refuses(self, name: str, kind: type[Exception]) -> None:
        refusal = json.dumps({"error": name, "error_description": "Token revoked."}).encode()
        with weather(GOOD, tokens=(Reply(refusal, 400),)) as sky:
            client = Client(sky)
            with pytest.raises(kind, match=name) as caught:
                client.ask(client.owner())
            assert type(caught.value) is kind
            assert sky.paths() == ["/token"]
            for secret in (TOKEN, SECRET):
                assert secret not in str(caught.value)
                assert secret not in repr(client.owner())

    @pytest.mark.parametrize(
        "reply",
        [
            Reply(b'{"access_token": "ya2'),
            Reply(b"<html>no</html>", 404),
            Reply(b'{"error": "server_error"}', 400),
            Reply(b'{"token_type": "Bearer"}'),
            Reply(hangs_up=True),
        ],
    )
    def test_the_token_endpoint_is_out_of_order(self, reply: Reply) -> None:
        good = Reply(b'{"access_token": "ya29.x", "expires_in": 3599}')
        with weather(GOOD, tokens=(reply, reply, reply, good)) as sky:
            client = Client(sky)
            assert client.ask(client.owner())["items"]

    def test_an_access_that_does_not_reach_far_enough(self) -> None:
        details = [{**ERROR_INFO, "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}]
        with weather(error(403, "insufficientPermissions", details=details)) as sky:
            client = Client(sky)
            with pytest.raises(OwnerError, match="UCsomebody"):
                client.ask(client.owner())
