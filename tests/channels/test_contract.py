"""What every adapter keeps with what comes in, whatever its provider: payloads, credentials, duplicates, bad bodies.

Adapters are found by the registry; one without payloads fails. What is written meanwhile is searched: conftest.py.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import MISSING, fields, is_dataclass, replace
from datetime import datetime
from enum import IntEnum
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels import registry
from channels.adapter import Adapter, Arrival, Forbidden, Inbound, Malformed, Request
from channels.body import FIELDS, TEXT, _has_nul
from channels.smsgate import FRESH, SmsGate
from tests.channels.setups import DEAD, NEW, OLD, SETUPS, Payload, by_shared_key, leaks, read_payload

PAYLOADS = Path(__file__).parent / "payloads"
COUNTS = {
    "africastalking": 30,
    "jasmin": 18,
    "kannel": 12,
    "phone": 5,
    "smsgate": 11,
    "telegram": 23,
    "twilio": 27,
    "web": 5,
}
"""How many payloads each adapter has: a check that finds none would pass."""

ALL = [read_payload(file.parent.name, file.stem, file.read_text("utf-8")) for file in sorted(PAYLOADS.glob("*/*.json"))]
each_adapter = pytest.mark.parametrize("name", registry.names())
each_payload = pytest.mark.parametrize("payload", ALL, ids=lambda payload: f"{payload.adapter}-{payload.name}")


def adapter_for(payload: Payload) -> Adapter:
    return registry.adapter(SETUPS[payload.adapter].channel(medium=payload.medium))


def payloads_of(name: str) -> list[Payload]:
    return [payload for payload in ALL if payload.adapter == name]


def told(found: Any) -> Any:
    """An arrival as payload files spell it: its kind, and of its fields those that are not as by default."""
    if is_dataclass(found) and not isinstance(found, type):
        own = [(field, getattr(found, field.name)) for field in fields(found)]
        return {
            type(found).__name__: {
                field.name: told(value) for field, value in own if field.default is MISSING or value != field.default
            }
        }
    if isinstance(found, IntEnum):
        return found.name
    return found.isoformat() if isinstance(found, datetime) else found


# Found, and whole ---------------------------------------------------------------------------------------------------


def test_every_adapter_has_a_setup_and_payloads() -> None:
    assert set(registry.names()) == set(SETUPS)
    assert Counter(payload.adapter for payload in ALL) == COUNTS


@each_adapter
def test_payloads_cover_every_hook_and_medium(name: str) -> None:
    capabilities = registry.capabilities(name)
    assert {payload.request.event for payload in payloads_of(name)} == capabilities.events
    assert {payload.medium for payload in payloads_of(name)} == capabilities.media
    assert set(SETUPS[name].secrets) == set(capabilities.secrets)


def test_the_registry_is_light_and_knows_its_adapters() -> None:
    heavy = "africastalking", "httpx", "phonenumbers", "requests", "telegram", "twilio"
    look = f"import channels.registry, sys; print(sorted(set({heavy}) & set(sys.modules)), *channels.registry.names())"
    seen = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True, cwd=Path.cwd())
    assert seen.stdout.split() == ["[]", *sorted(SETUPS)]
    with pytest.raises(LookupError, match="no adapter 'pigeon'"):
        registry.adapter(replace(SETUPS["phone"].channel(), adapter="pigeon"))


# What comes in ------------------------------------------------------------------------------------------------------


@each_payload
def test_payload(payload: Payload) -> None:
    adapter = adapter_for(payload)
    request = SETUPS[payload.adapter].proved(payload.request)
    adapter.verify(request)
    arrivals = adapter.parse(request)
    assert [told(arrival) for arrival in arrivals] == payload.arrivals
    assert payload.source.partition(":")[0] in {"recorded", "taken from documentation", "made up"}

    said = dict(payload.response)
    response = adapter.respond(arrivals, said.pop("screen", ""), ends=said.pop("ends", False))
    assert response.status == 200
    assert {name: getattr(response, name) for name in said} == said


@each_payload
def test_credentials(payload: Payload) -> None:
    adapter, setup, request = adapter_for(payload), SETUPS[payload.adapter], payload.request
    adapter.verify(setup.proved(request, NEW))
    adapter.verify(setup.proved(request, OLD))
    for forged in (
        request,
        setup.proved(request, DEAD),
        setup.prove(request, "wrong-schlüssel"),
        setup.prove(request, "another-secret"),
        replace(setup.proved(request), token="", headers=dict.fromkeys(setup.proved(request).headers, "é")),
    ):
        with pytest.raises(Forbidden):
            adapter.verify(forged)
    bare = registry.adapter(replace(adapter.channel, secrets={}))
    with pytest.raises(Forbidden):
        bare.verify(setup.proved(request))


@pytest.mark.parametrize("payload", payloads_of("twilio"), ids=lambda payload: payload.name)
def test_a_signature_holds_for_one_url_and_all_fields(payload: Payload) -> None:
    adapter, setup = adapter_for(payload), SETUPS["twilio"]
    request = setup.proved(payload.request)
    other = "report" if request.event == "incoming" else "incoming"
    for changed in (
        replace(request, body=request.body + b"&Extra=1"),
        replace(request, body=request.body.replace(b"254711555001", b"254711555002")),
        replace(request, event=other),
        replace(request, query="a=1"),
        replace(request, headers={**request.headers, "x-twilio-webhooks-signature-settings": "algorithm=HMAC_SHA256"}),
        replace(request, headers={**request.headers, "x-twilio-webhooks-signature-settings": "algorithm=NONE\r\nX: 1"}),
    ):
        with pytest.raises(Forbidden):
            adapter.verify(changed)
    for key in setup.secrets["auth_token"][:DEAD]:
        adapter.verify(by_shared_key(payload.request, key))


def test_a_phone_s_request_is_refused_when_it_is_played_again_later() -> None:
    setup, payload = SETUPS["smsgate"], payloads_of("smsgate")[0]
    request = setup.proved(payload.request)
    signed_at = int(request.headers["x-timestamp"])
    for seconds, good in ((0, True), (FRESH, True), (-FRESH, True), (FRESH + 1, False), (-FRESH - 1, False)):
        adapter = SmsGate(setup.channel(), clock=partial(float, signed_at + seconds))
        if good:
            adapter.verify(request)
        else:
            with pytest.raises(Forbidden, match="another time"):
                adapter.verify(request)
    later = replace(request, headers={**request.headers, "x-timestamp": str(signed_at + 1)})
    for forged in (later, replace(request, body=request.body + b" ")):
        with pytest.raises(Forbidden, match="wrong"):
            registry.adapter(setup.channel()).verify(forged)


def test_a_lone_part_of_a_long_message_is_no_answer() -> None:
    """Kannel joins the parts, in any order; one that it hands on alone is what is left of a message."""
    payload = next(payload for payload in payloads_of("kannel") if payload.name == "incoming")
    part = replace(payload.request, headers={**payload.request.headers, "x-kannel-udh": "%05%00%03%07%02%02"})
    assert "never came" in refused(adapter_for(payload), SETUPS["kannel"].proved(part))


@each_payload
def test_a_request_sent_again_is_the_same(payload: Payload) -> None:
    first, again = (adapter_for(payload).parse(SETUPS[payload.adapter].proved(payload.request)) for _ in range(2))
    assert first == again
    ids = [arrival.provider_id for arrival in first if isinstance(arrival, Inbound)]
    assert all(ids)
    assert len(set(ids)) == len(ids)
    assert all(len(one) <= 128 for one in ids)


def test_turns_of_one_session_differ_and_tell_nothing() -> None:
    turns = [
        arrival
        for payload in ALL
        if payload.request.event == "ussd" and payload.adapter == "africastalking"
        for arrival in adapter_for(payload).parse(SETUPS[payload.adapter].proved(payload.request))
        if isinstance(arrival, Inbound)
    ]
    assert len({turn.provider_id for turn in turns}) == len(turns) == 4
    assert not any(leaks(turn.provider_id) or "*" in turn.provider_id for turn in turns)


# Bad bodies ---------------------------------------------------------------------------------------------------------


def take(adapter: Adapter, request: Request) -> tuple[Arrival, ...]:
    adapter.verify(request)
    return adapter.parse(request)


def refused(adapter: Adapter, request: Request) -> str:
    """The sentence with which a request is refused, once it has proved where it comes from."""
    with pytest.raises((Forbidden, Malformed)) as caught:
        take(adapter, request)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert len(sentence) < 100
    assert not leaks(sentence + repr(caught.value.__cause__) + repr(caught.value.__context__), *SETUPS.values())
    return sentence


BAD = {
    "empty": b"",
    "not UTF-8": b"from=\xff\xfe&text=canary",
    "not UTF-8 when unquoted": b"from=%ff%fe&text=canary",
    "NUL": b"from=%2B254711555001&text=canary%00",
    "another type": b"--canary\r\nContent-Disposition: form-data; name=text\r\n\r\ncanary\r\n--canary--",
    "too many fields": b"&".join(b"a%d=canary" % number for number in range(FIELDS + 1)),
    "only separators": b"&&&;;===",
    "a JSON array": b"[1, 2]",
    "a JSON text": b'"canary"',
    "JSON cut off": b'{"update_id": 1, "message": {"text": "canary',
    "JSON very deep": b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
    "JSON with NaN": b'{"update_id": NaN}',
    "JSON with a lone surrogate": b'{"update_id": 1, "from": "+254711555001", "id": "1", "text": "\\ud800"}',
    "JSON with NUL": b'{"update_id": 1, "from": "+254711555001", "id": "1", "text": "\\u0000"}',
    "JSON with a number of 5000 digits": b'{"update_id": ' + b"9" * 5000 + b"}",
}


@each_adapter
@pytest.mark.parametrize("body", BAD.values(), ids=BAD)
def test_bad_body(name: str, body: bytes) -> None:
    setup = SETUPS[name]
    adapter = registry.adapter(setup.channel())
    events = adapter.capabilities.events
    assert events
    for event in events:
        refused(adapter, setup.proved(Request(event, body, {})))


@each_payload
@pytest.mark.parametrize("bad", [b"\xff", b"%ff", b"%ED%A0%80", b"%00"], ids=repr)
def test_one_bad_character(payload: Payload, bad: bytes) -> None:
    """A text that can't be decoded is not stored with something else in its place."""
    request, body = payload.request, payload.request.body
    if is_plain(request):
        changed = replace(request, body=(b"\0" if bad == b"%00" else b"\x81") + body)  # in no character set alone
    elif body.startswith(b"{"):
        changed = replace(request, body=body.replace(b'": "', b'": "' + (b"\\u0000" if bad == b"%00" else b"\xff"), 1))
    elif not body:
        changed = replace(request, query=request.query.replace("=", f"={bad.decode('latin-1')}", 1))
    else:
        changed = replace(request, body=body.replace(b"=", b"=" + bad, 1))
    assert changed != request
    refused(adapter_for(payload), SETUPS[payload.adapter].proved(changed))


@each_adapter
def test_unknown_hook(name: str) -> None:
    setup = SETUPS[name]
    adapter = registry.adapter(setup.channel())
    for event in ("", "nothing", "../incoming", "__init__"):
        refused(adapter, setup.proved(Request(event, payloads_of(name)[0].request.body, {})))


def is_plain(request: Request) -> bool:
    """Whether the body is a text, and everything else that is said stands in headers and query."""
    return request.headers.get("content-type", "").startswith("text/plain")


def spoilt(payload: Payload, value: Any) -> list[Request]:
    """The request once for each of its fields, with that one replaced; None takes it away."""
    request, body = payload.request, payload.request.body
    if body.startswith(b"{") and not is_plain(request):
        bodies = [json.dumps(one, ensure_ascii=False).encode() for one in _each_leaf(json.loads(body), value)]
        return [replace(request, body=one) for one in bodies]
    queries = [replace(request, query=one) for one in _each_pair(request.query, value)]
    if not is_plain(request):
        return [*queries, *(replace(request, body=one.encode()) for one in _each_pair(body.decode(), value))]
    changes = [_with(request.headers, name, value) for name in request.headers]
    body = b"" if value is None else str(value).encode()
    return [*queries, *(replace(request, headers=one) for one in changes), replace(request, body=body)]


def _with(headers: Mapping[str, str], name: str, value: Any) -> dict[str, str]:
    rest = {other: text for other, text in headers.items() if other != name}
    return rest if value is None else {**rest, name: str(value)}


def _each_pair(written: str, value: Any) -> list[str]:
    """A form once for each of its fields."""
    pairs = parse_qsl(written, keep_blank_values=True, errors="surrogateescape")
    texts = [] if value is None else [str(value)]
    return [
        urlencode([*pairs[:index], *((name, text) for text in texts), *pairs[index + 1 :]], errors="surrogateescape")
        for index, (name, _) in enumerate(pairs)
    ]


def _each_leaf(found: Any, value: Any) -> list[Any]:
    children = (
        list(found.items()) if isinstance(found, dict) else list(enumerate(found)) if isinstance(found, list) else []
    )
    spoilt_children = []
    for place, child in children:
        for changed in [*_each_leaf(child, value), value]:
            copy = dict(found) if isinstance(found, dict) else list(found)
            if changed is None:
                del copy[place]
            else:
                copy[place] = changed
            spoilt_children.append(copy)
    return spoilt_children


SPOILT = {
    "missing": None,
    "empty": "",
    "oversized": "x" * (TEXT + 1),
    "a huge number": 10**30,
    "negative": -1,
    "true": True,
    "a list": [],
    "an object": {},
    "an object with an id": {"id": "x"},
    "infinite": 1e308 * 10,
    "a bidi mark": "\u202e",
}


@pytest.mark.parametrize("value", SPOILT.values(), ids=SPOILT)
@each_adapter
def test_spoilt_field(name: str, value: Any) -> None:
    """Each field of each payload missing, empty, oversized, or of another type: refused, or done without."""
    tried = 0
    for payload in payloads_of(name):
        adapter = adapter_for(payload)
        for request in spoilt(payload, value):
            tried += 1
            proved = SETUPS[name].proved(request)
            with suppress(Forbidden, Malformed):
                assert len(repr(take(adapter, proved))) < TEXT
    assert tried >= 10


@pytest.mark.parametrize(
    ("name", "field"),
    [
        *[("africastalking", field) for field in ("from", "text", "id")],
        *[("jasmin", field) for field in ("from", "binary", "id")],
        *[("twilio", field) for field in ("From", "Body", "MessageSid")],
        *[("web", field) for field in ("nonce", "text")],
    ],
)
def test_needed_form_field(name: str, field: str) -> None:
    """The fields that a message can't do without, missing and twice."""
    payload = next(payload for payload in payloads_of(name) if payload.name in {"incoming", "text"})
    adapter, setup = adapter_for(payload), SETUPS[name]
    pairs = parse_qsl(payload.request.body.decode(), keep_blank_values=True)
    assert field in dict(pairs)
    without = urlencode([pair for pair in pairs if pair[0] != field]).encode()
    assert field in refused(adapter, setup.proved(replace(payload.request, body=without)))
    if name != "web":
        twice = urlencode([*pairs, (field, "canary")]).encode()
        assert "twice" in refused(adapter, setup.proved(replace(payload.request, body=twice)))


# Anything at all ----------------------------------------------------------------------------------------------------

texts = st.text(st.characters(codec="utf-8"), max_size=40)
names = st.sampled_from(
    [
        "from",
        "From",
        "text",
        "Body",
        "id",
        "MessageSid",
        "sessionId",
        "serviceCode",
        "phoneNumber",
        "status",
        "NumMedia",
    ]
)
forms = st.lists(st.tuples(names | texts, texts), max_size=8).map(lambda pairs: urlencode(pairs).encode())
leaves = st.none() | st.booleans() | st.integers() | st.floats() | texts
objects = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3))
updates = st.dictionaries(
    st.sampled_from(
        ["update_id", "message", "callback_query", "my_chat_member", "from", "id", "text", "session", "code"]
    ),
    objects
    | st.dictionaries(st.sampled_from(["chat", "from", "text", "id", "data", "message", "date", "location"]), objects),
).map(lambda found: json.dumps(found).encode())
bodies = st.binary(max_size=300) | forms | updates


@each_adapter
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=bodies, data=st.data())
def test_any_body(name: str, body: bytes, data: st.DataObject) -> None:
    setup = SETUPS[name]
    adapter = registry.adapter(setup.channel())
    request = Request(data.draw(st.sampled_from(sorted(adapter.capabilities.events))), body, {})
    for one in (request, setup.proved(request)):
        with suppress(Forbidden, Malformed):
            arrivals = take(adapter, one)
            assert one is not request
            assert not _has_nul([told(arrival) for arrival in arrivals])


@each_adapter
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_change_to_a_payload(name: str, data: st.DataObject) -> None:
    payload = data.draw(st.sampled_from(payloads_of(name)))
    request = data.draw(st.sampled_from(spoilt(payload, data.draw(objects.filter(lambda value: value is not None)))))
    adapter, proved = adapter_for(payload), SETUPS[name].proved(request)
    with suppress(Forbidden, Malformed):
        assert isinstance(take(adapter, proved), tuple)


# The search itself --------------------------------------------------------------------------------------------------


def test_the_search_for_leaks_finds_them() -> None:
    setup = SETUPS["telegram"]
    assert leaks(f"POST https://api.example.org/bot{setup.secrets['bot_token'][0]}/sendMessage", setup)
    assert leaks("to=%2B254711555001", setup)
    assert leaks("Body=canary", setup)
    assert not leaks("POST /sendMessage 200", setup)
    assert registry.names()  # the SDKs are loaded and have been hushed: they would log at these levels
    for logger in ("twilio.http_client", "telegram.Bot", "httpx", "httpcore.http11", "urllib3.connectionpool"):
        assert not logging.getLogger(logger).isEnabledFor(logging.CRITICAL)
