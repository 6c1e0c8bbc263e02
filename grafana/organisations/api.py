"""Calls of Grafana's HTTP API as its administrator, tried again where that can help."""

from __future__ import annotations

from typing import Any

import httpx
import tenacity

from warehouse.errors import CredentialsError, SourceUnavailableError

_ATTEMPTS = 5
_FIRST_WAIT_SECONDS = 0.4
_TIMEOUT_SECONDS = 30.0
_TRANSIENT = {429, 500, 502, 503, 504}
_EXISTS = {409, 412}


class ConflictError(Exception):
    """What was to be made is there already, perhaps by a call whose answer was lost."""


class _TransientError(Exception):
    """An answer, or the lack of one, that another attempt may mend."""


class GrafanaApi:
    """One Grafana, asked with the name and password of its administrator.

    Grafana allows neither tokens nor service accounts for what concerns several organisations.
    All calls that this project makes may be repeated: a second creation is a `ConflictError`.
    """

    def __init__(
        self,
        url: str,
        user: str,
        password: str,
        *,
        first_wait_seconds: float = _FIRST_WAIT_SECONDS,
    ) -> None:
        """Take Grafana's address, its path included where it has one, and the login."""
        self.url = url.rstrip("/")
        self.user = user
        self._client = httpx.Client(
            base_url=self.url, auth=httpx.BasicAuth(user, password), timeout=_TIMEOUT_SECONDS
        )
        self._retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(_TransientError),
            stop=tenacity.stop_after_attempt(_ATTEMPTS),
            wait=tenacity.wait_exponential_jitter(
                multiplier=first_wait_seconds, jitter=first_wait_seconds
            ),
            reraise=True,
        )

    def __enter__(self) -> GrafanaApi:
        """Keep the connections open until the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self._client.close()

    def find(self, path: str, *, org: int | None = None, **parameters: str | int) -> Any:
        """Return what is at a path, in organisation `org`; None where there is nothing."""
        return self._call("GET", path, org, None, parameters)

    def send(
        self, method: str, path: str, body: dict[str, Any] | None = None, *, org: int | None = None
    ) -> Any:
        """Change something; None where it is not there. Raises ConflictError where it is."""
        return self._call(method, path, org, body, {})

    def _call(
        self,
        method: str,
        path: str,
        org: int | None,
        body: dict[str, Any] | None,
        parameters: dict[str, str | int],
    ) -> Any:
        headers = {} if org is None else {"X-Grafana-Org-Id": str(org)}
        try:
            answer = self._retrying(self._ask, method, path, headers, body, parameters)
        except _TransientError as error:
            raise SourceUnavailableError(
                f"Grafana at {self.url} does not answer: {error}.",
                hint="Is it running, and is GRAFANA_URL its address? What was done stays done; "
                "run the command again.",
            ) from error
        return self._read(method, path, answer)

    def _ask(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        body: dict[str, Any] | None,
        parameters: dict[str, str | int],
    ) -> httpx.Response:
        try:
            answer = self._client.request(
                method, path, headers=headers, json=body, params=parameters
            )
        except httpx.TransportError as error:
            raise _TransientError(str(error) or type(error).__name__) from error
        if answer.status_code in _TRANSIENT:
            raise _TransientError(f"{method} {path}: {answer.status_code} {_message(answer)}")
        return answer

    def _read(self, method: str, path: str, answer: httpx.Response) -> Any:
        if answer.status_code == 404:
            return None
        if answer.status_code in _EXISTS:
            raise ConflictError(_message(answer))
        if answer.status_code == 401:
            raise CredentialsError(
                f"Grafana at {self.url} refuses the password of {self.user}.",
                hint="Correct GRAFANA_ADMIN_USER and GRAFANA_ADMIN_PASSWORD. After some wrong "
                "ones Grafana refuses the right one too, for five minutes.",
            )
        if answer.status_code == 403:
            raise CredentialsError(
                f"Grafana at {self.url} does not let {self.user} do {method} {path}: "
                f"{_message(answer)}.",
                hint="GRAFANA_ADMIN_USER must be an administrator of the whole Grafana.",
            )
        try:
            if answer.is_success:
                return answer.json()
        except ValueError:
            pass  # such as the page of a proxy: told as any other answer that is none of Grafana's
        raise SourceUnavailableError(
            f"What answers at {self.url} is not the Grafana expected: {method} {path} gave "
            f"{answer.status_code} {_message(answer)}.",
            hint="Check GRAFANA_URL: scheme, port and path must be those of Grafana itself.",
        )


def _message(answer: httpx.Response) -> str:
    """Give Grafana's own words, or what a redirect leads to, or nothing."""
    if answer.is_redirect:
        return f"leads to {answer.headers.get('location')}"
    try:
        body = answer.json()
    except ValueError:
        return ""
    return str(body.get("message", "")) if isinstance(body, dict) else ""
