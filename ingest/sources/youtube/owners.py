"""On whose behalf a call is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from google.oauth2.credentials import Credentials

from ingest.sources.youtube.failures import NonsenseError


class OwnersCredentials(Credentials):
    """What an owner lent us: credentials that survive a token endpoint out of order."""

    def refresh(self, request: Any) -> None:
        """Get a new access token. Raises `NonsenseError` where the answer is no JSON object."""
        try:
            super().refresh(request)  # type: ignore[no-untyped-call]
        except (TypeError, AttributeError, ValueError, OverflowError) as error:
            # google-auth takes a body that is not JSON for the object it expects
            msg = "the token endpoint's answer is not JSON"
            raise NonsenseError(msg) from error


def owners_credentials(
    secret: str, client_id: str, client_secret: str, token_uri: str
) -> OwnersCredentials:
    """Return the credentials of a refresh token, on behalf of our OAuth client."""
    return OwnersCredentials(  # type: ignore[no-untyped-call]
        token=None,
        refresh_token=secret,
        token_uri=token_uri,
        client_id=client_id,
        client_secret=client_secret,
    )


@dataclass(frozen=True)
class Owner:
    """The user, their channel and what they lent us."""

    channel_id: str
    credentials: OwnersCredentials = field(repr=False)
    user_id: UUID | None = None
