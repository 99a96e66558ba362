"""The session in which an SDK speaks to its provider: requests' own, without doing again what is the same for each.

Of what a send costs, more than half is not sending: settings are merged, the environment is read, cookies are looked
for, the same URL is taken apart. Here a form that is posted is prepared with no more than it needs; whatever else is
asked for goes requests' own way.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from requests import PreparedRequest, Request, Session
from requests.adapters import HTTPAdapter

CONNECTIONS = 64
"""Kept open to one provider at most: as many as the setting `delivery.threads` may say."""


def session(url: str) -> Session:
    """A session for `url` that keeps as many connections as there may be threads that send, and no cookies with forms.
    What the environment says of proxies and certificates is read once."""
    made = _Session(url)
    for scheme in ("https://", "http://"):
        made.mount(scheme, HTTPAdapter(pool_maxsize=CONNECTIONS))
    return made


class _Session(Session):
    def __init__(self, url: str) -> None:
        super().__init__()
        self._settings = super().merge_environment_settings(url, {}, None, None, None)
        self.trust_env = False
        self.proxies, self.verify = self._settings["proxies"], self._settings["verify"]

    def merge_environment_settings(self, *_: Any, **__: Any) -> Any:
        return self._settings

    def prepare_request(self, request: Request) -> PreparedRequest:
        data, auth = request.data, request.auth
        if not (data and isinstance(data, Mapping)) or request.files or request.json or request.params:
            return super().prepare_request(request)
        prepared = PreparedRequest()
        prepared.method, prepared.url = (request.method or "").upper(), _url(str(request.url))
        prepared.prepare_headers({**self.headers, **(request.headers or {})})
        form = urlencode({name: value for name, value in data.items() if value is not None}, doseq=True)
        prepared.body = form
        prepared.headers["Content-Length"] = str(len(form))
        prepared.headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
        prepared.prepare_auth(auth or self.auth)
        prepared.hooks = request.hooks
        return prepared


@lru_cache(maxsize=64)
def _url(url: str) -> str:
    """As requests writes it. Raises what requests raises."""
    prepared = PreparedRequest()
    prepared.prepare_url(url, None)
    return str(prepared.url)
