"""Messages that are pumped into the gateway: countries, numbers, blocks of numbers."""

from __future__ import annotations

import pytest

from channels.adapter import Channel, Inbound, Medium, OptOut, Report, Status, Typed
from channels.numbers import Countries
from gateway.catalogues import load_catalogues
from gateway.guarding import Limits as Settings
from gateway.ingest.limits import Limits
from gateway.ingest.metrics import LEFT_OUT
from tests.conftest import Clock

SMS = Channel("sms", "africastalking", Medium.SMS)


def limits(clock: Clock, number: int = 10, block: int = 0, countries: tuple[str, ...] = ("KE", "UG")) -> Limits:
    return Limits(Settings(number_a_day=number, block_a_day=block), Countries(countries), load_catalogues(), clock)


def says(text: str, number: str = "+254711550001", kind: str = "tel") -> Inbound:
    return Inbound(kind, number, Typed(text))


def admitted(taking: Limits, *inbounds: Inbound, channel: Channel = SMS) -> list[bool]:
    return [bool(taking.admit(channel, (one,))) for one in inbounds]


@pytest.mark.parametrize(
    ("number", "taken"),
    [
        ("+254711550001", True),
        ("+256711550001", True),
        ("+255711550001", False),
        ("+12025550123", False),
        ("+99900000001", False),  # of no country
        ("+25", False),
        ("", False),
    ],
)
def test_countries_are_allowed_by_list(clock: Clock, number: str, taken: bool) -> None:
    assert admitted(limits(clock), says("hello", number)) == [taken]


def test_where_a_calling_code_is_several_countries_the_number_says_which(clock: Clock) -> None:
    canadian, american = says("hello", "+14165550123"), says("hello", "+12025550123")
    assert admitted(limits(clock, countries=("CA",)), canadian, american) == [True, False]
    assert admitted(limits(clock, countries=("CA", "US")), canadian, american) == [True, True]


def test_more_than_people_send_in_a_day_is_left_out_and_counted(clock: Clock) -> None:
    taking = limits(clock)
    before = LEFT_OUT.labels("sms", "number")._value.get()
    assert admitted(taking, *[says("1")] * 12) == [True] * 10 + [False] * 2
    assert admitted(taking, says("1", "+254711550002")) == [True]
    assert LEFT_OUT.labels("sms", "number")._value.get() == before + 2
    clock.advance(days=1)
    assert admitted(taking, says("1")) == [True]


def test_a_block_of_numbers_has_a_limit_where_one_is_set(clock: Clock) -> None:
    pumped = [says("1", f"+25471155{last:04d}") for last in range(30)]
    assert admitted(limits(clock), *pumped) == [True] * 30
    taking = limits(clock, block=20)
    assert admitted(taking, *pumped) == [True] * 20 + [False] * 10
    assert admitted(taking, says("1", "+254711560001")) == [True]


def test_leaving_is_always_heard(clock: Clock) -> None:
    taking = limits(clock)
    admitted(taking, *[says("1")] * 20)
    assert admitted(taking, says("stop"), says("ACHA"), says("FORGET ME"), says("stop the war")) == [
        True,
        True,
        True,
        False,
    ]
    assert admitted(taking, says("STOP", "+12025550123")) == [True]


def test_what_is_no_message_of_a_number_is_none_of_its_business(clock: Clock) -> None:
    taking = limits(clock)
    arrivals = (Report("1", Status.SENT), OptOut("tel", "+12025550123"), says("1", "1", "telegram"))
    assert taking.admit(SMS, arrivals) == arrivals
    assert admitted(taking, says("1", "+99900000001"), channel=Channel("p", "phone", Medium.SMS)) == [True]
