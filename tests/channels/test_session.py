"""What a session sends is what requests would send, byte for byte."""

from __future__ import annotations

from typing import Any

import pytest
from requests import Request, Session
from requests.exceptions import InvalidHeader, MissingSchema

from channels.session import session

URL = "http://127.0.0.1:9/2010-04-01/Accounts/AC1/Messages.json"
ASKED: list[dict[str, Any]] = [
    {"data": {"To": "+254711000001", "Body": "Maji & watu: 100 % é 😀\n1", "Tries": 3}, "auth": ("AC1", "tökén")},
    {"data": {"to": "+1,+2", "from": None, "several": ["a", "b"]}, "headers": {"apiKey": "k", "Accept": "text/plain"}},
    {"data": {"to": "x"}, "headers": {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}},
    {"data": {}, "params": {"PageSize": 20}},
    {"data": {"to": "x"}, "params": {"dlr": "yes"}},
    {"json": {"textMessage": {"text": "Maji"}}, "auth": ("user", "password")},
    {"data": b"raw"},
]


@pytest.mark.parametrize("asked", ASKED)
def test_it_says_what_requests_would_say(asked: dict[str, Any]) -> None:
    bare = Session()
    bare.trust_env = False
    ours, theirs = (one.prepare_request(Request("post", URL, **asked)) for one in (session(URL), bare))
    assert (ours.method, ours.url, ours.body) == (theirs.method, theirs.url, theirs.body)
    assert ours.headers == theirs.headers


def test_what_requests_refuses_is_refused() -> None:
    for url, headers, error in (
        ("127.0.0.1/no-scheme", {}, MissingSchema),
        (URL, {"apiKey": "two\nlines"}, InvalidHeader),
    ):
        with pytest.raises(error):
            session(URL).prepare_request(Request("POST", url, headers=headers, data={"to": "x"}))
