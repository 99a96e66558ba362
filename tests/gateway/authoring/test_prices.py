"""The table of prices: which row counts for a channel, what is refused and where, and what an interview then costs."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from channels.adapter import Channel, Medium
from gateway.authoring.costs import (
    READING,
    SESSION,
    THINKING,
    Count,
    Interview,
    Meter,
    borne,
    cost,
    interviews,
    over_limits,
    unheld,
)
from gateway.authoring.folder import read_channels
from gateway.authoring.prices import Price, Prices, load_prices, read_prices, schema, unknown_channels
from surveys.engine import SurveyFlow
from surveys.flow import Start, Text
from surveys.load import load_survey
from surveys.model import Limits
from surveys.problem import SurveyError
from surveys.prompt import Prompt
from surveys.walks import Turn
from tests.surveys.samples import SAMPLES, TEXTS, question, survey

CONFIG = Path(__file__).parents[3] / "config"
SMS = Channel("at-sms", "africastalking", Medium.SMS)
USSD = Channel("at-ussd", "africastalking", Medium.USSD)
CHAT = Channel("bot", "telegram", Medium.CHAT)
FLOWS = {one.name: SurveyFlow(one, TEXTS) for one in SAMPLES}

TABLE = """\
prices:
  - {adapter: africastalking, currency: KES, sent: 2}
  - {adapter: africastalking, medium: ussd, currency: KES, session: 1, seconds: 20, free: yes}
  - {channel: at-sms, currency: KES, sent: 0.80, received: 0.10, person_sent: 1}
  - {channel: at-sms, country: "+256", currency: UGX, sent: 30}
"""


def test_a_channels_own_row_comes_before_its_adapters_and_each_country_has_one() -> None:
    table = load_prices(TABLE, "prices.yaml")
    assert [(price.country, price.sent) for price in table.of(SMS)] == [("", Decimal("0.80")), ("+256", Decimal(30))]
    (ussd,) = table.of(USSD)
    assert (ussd.session, ussd.seconds, ussd.free, ussd.person_session) == (Decimal(1), 20, True, Decimal(0))
    assert [price.sent for price in table.of(replace(SMS, name="other"))] == [Decimal(2)]
    assert table.of(CHAT) == ()


ROW = "prices: [{currency: KES, %s}]"
BROKEN = {
    "prices: [{currency: kes, adapter: phone}]": "1:21: 'kes' is no currency; write three capital letters, such as KES",
    ROW % "adapter: phone, sent: 1e3": "1:48: '1e3' is no amount; write one in digits, such as 0.80 or 0",
    ROW % "adapter: phone, sent: -1": "1:48: '-1' is no amount; write one in digits, such as 0.80 or 0",
    ROW % "adapter: phon": "1:35: there is no 'phon'; did you mean 'phone'?",
    ROW % "sent: 1": "1:10: a row is for a `channel` or for an `adapter`; write one of the two",
    ROW % "channel: a, adapter: phone": "1:10: a row is for a `channel` or for an `adapter`; write one of the two",
    ROW % "channel: a, medium: sms": "1:46: a channel has one medium, channels.yaml says which; take this out",
    ROW % "channel: a, country: 254": "1:47: '254' is no beginning of numbers; write one such as \"+254\"",
    ROW % "channel: a, seconds: 20": "1:47: `seconds` says how long `session` pays for; add `session`",
    ROW % "channel: a, free: yes, person_sent: 1": "1:62: `free: yes` says that the participant pays nothing; "
    "take `person_sent` out",
    ROW % "channel: a}, {currency: USD, channel: a": "1:39: row 1 is for the same; put them together, or say another "
    "`country`",
    ROW % "channel: a, cost: 1": "1:38: there is no `cost` here; take it out",
    "prices: [{channel: a}]": "1:10: `currency` is missing: the currency of the row, such as KES",
    "price: []": "1:1: there is no `price` here; did you mean 'prices'?",
}


@pytest.mark.parametrize(("source", "said"), BROKEN.items(), ids=BROKEN)
def test_a_mistake_has_a_place_and_a_mend(source: str, said: str) -> None:
    with pytest.raises(SurveyError) as refused:
        load_prices(source, "prices.yaml")
    assert f"prices.yaml:{said}" in map(str, refused.value.problems)


def test_the_sample_table_is_marked_as_made_up_and_fits_the_sample_channels() -> None:
    table = read_prices(CONFIG)
    assert len(table.rows) > 5
    assert all(price.example for price in table.rows)
    channels, known = read_channels(CONFIG)
    assert all(table.of(channel) for channel in channels)
    source = (CONFIG / "prices.yaml").read_text()
    assert unknown_channels(source, "prices.yaml", dict.fromkeys(known)) == ()
    (problem,) = unknown_channels("prices: [{currency: KES, channel: at-sm}]", "p.yaml", dict.fromkeys(known))
    assert str(problem) == "p.yaml:1:35: there is no channel 'at-sm' in channels.yaml; did you mean 'at-sms'?"


def test_the_schema_for_editors_is_that_of_the_code() -> None:
    assert (CONFIG / "prices.schema.json").read_text() == schema()
    assert set(json.loads(schema())["$defs"]["PriceDefinition"]["properties"]) >= {"sent", "free", "person_sent"}


def test_without_the_file_nothing_is_priced(tmp_path: Path) -> None:
    assert read_prices(tmp_path).rows == ()
    assert read_channels(tmp_path) == ((), frozenset())


# What is counted ----------------------------------------------------------------------------------------------------


def meter(channel: Channel) -> Meter:
    return Meter(channel, lambda _language: ("More", "Back"))


def turn(said: str, typed: str | None = "1") -> Turn:
    return Turn(Start("en") if typed is None else Text(typed), (Prompt(said, "en"),))


def test_segments_screens_and_seconds_are_those_of_what_is_sent() -> None:
    assert meter(SMS)(turn("a" * 161, "b" * 161)) == Count(2, 2, THINKING + 161 // 2 + 11)
    assert meter(SMS)(turn("ب" * 71)) == Count(2, 1, THINKING + 5)
    assert meter(SMS)(turn("a", None)) == Count(1, 1, 1), "the keyword that begins is a segment, and takes no time"
    assert meter(USSD)(turn("word " * 40)) == Count(2, 2, THINKING + 14 + THINKING)
    assert meter(USSD)(turn("a", None)) == Count(1, 0, 1), "dialling is no input"
    assert meter(CHAT)(turn("a" * 500)) == Count(1, 1, THINKING + -(-500 // READING))
    assert meter(SMS)(Turn(Text("1"), ())) == Count(0, 1, THINKING)


def test_money_is_exact() -> None:
    price = Price("KES", sent=Decimal("0.10"), received=Decimal("0.20"), person_sent=Decimal("0.30"))
    assert cost(Count(3, 3), Medium.SMS, price) == Decimal("0.90")
    assert borne(Count(3, 3), Medium.SMS, price) == Decimal("0.90")
    session = Price("KES", session=Decimal("0.50"), seconds=20)
    assert [cost(Count(seconds=n), Medium.USSD, session) for n in (0, 20, 21)] == [Decimal("0.50")] * 2 + [
        Decimal("1.00")
    ]
    whole = Price("KES", session=Decimal(2), person_session=Decimal(1))
    assert [cost(Count(seconds=n), Medium.USSD, whole) for n in (SESSION, SESSION + 1)] == [Decimal(2), Decimal(4)]
    assert borne(Count(seconds=1), Medium.USSD, whole) == 1
    assert borne(Count(1, 1), Medium.SMS, session) is None


def rows(channel: Channel, table: Prices | None = None, languages: tuple[str, ...] = ("en",)) -> dict[str, Interview]:
    found = list(interviews(FLOWS["ussd_pulse"], channel, table or load_prices(TABLE, "p"), languages))
    assert [row.way for row in found[:3]] == ["shortest", "typical", "longest"]
    return {f"{row.language}{row.country} {row.way}": row for row in found}


def test_an_interview_costs_what_its_messages_cost() -> None:
    found = rows(SMS, languages=("en", "ar"))
    assert len(found) == 12
    short = found["en shortest"]
    assert (short.sent, short.received, short.gateway, short.person) == (4, 4, Decimal("3.60"), Decimal(4))
    assert found["en longest"].gateway == Decimal("4.50")
    assert found["en+256 longest"].currency == "UGX"
    assert found["ar longest"].sent > found["en longest"].sent
    assert short.exact
    assert rows(SMS, Prices())["en longest"].gateway is None


def test_ussd_is_paid_by_its_length() -> None:
    found = rows(USSD)
    assert found["en shortest"].seconds < found["en longest"].seconds
    assert found["en longest"].gateway == -(-found["en longest"].seconds // 20)
    assert found["en longest"].person == 0


# Limits -------------------------------------------------------------------------------------------------------------

LIMITED = """\
name: limited
languages: [en, ar]
title: Limited
sender: A test
keywords: {en: [LIMITED], ar: [محدود]}
consent: {version: "1", text: Take part?}
thanks: Thank you.
limits:
  minutes: 1
  segments: 6
  cost: 1.00 KES
questions:
  - {id: words, type: open, purpose: To know., text: {en: What do you think of the talks?, ar: ما رأيك في المحادثات؟}}
"""


def limited(**changes: object) -> SurveyFlow:
    made = load_survey(LIMITED, "limited.yaml")
    return SurveyFlow(replace(made, limits=replace(made.limits, **changes)), TEXTS)  # type: ignore[arg-type] # fields by name


def said(flow: SurveyFlow, *channels: Channel) -> list[str]:
    return [str(problem) for problem in over_limits(flow, channels, load_prices(TABLE, "p"), "l.yaml")]


def test_what_the_longest_way_takes_beyond_a_limit_is_said_with_its_line() -> None:
    assert said(limited(), SMS, USSD) == [
        "l.yaml:9:12: the longest way takes about 3 minutes, in en on at-ussd; ask less, or allow 3",
        "l.yaml:10:13: the longest way takes 8 segments of SMS both ways, in ar on at-sms; shorten it, or allow 8",
        "l.yaml:11:9: the longest way costs 7 KES, in en on at-ussd; shorten it, or allow 7 KES",
    ]


def test_within_the_limits_nothing_is_said() -> None:
    assert said(limited(minutes=3, segments=8, cost=(Decimal(7), "KES")), SMS, USSD) == []
    assert said(limited(segments=1, minutes=None, cost=None), USSD) == []
    assert over_limits(SurveyFlow(replace(SAMPLES[0], limits=Limits()), TEXTS), [SMS], Prices(), "x") == ()


def test_a_limit_in_a_currency_that_no_price_is_in_is_told() -> None:
    flow = limited(cost=(Decimal(1), "USD"))
    (problem,) = unheld(flow.survey, [SMS], load_prices(TABLE, "p"), "l.yaml")
    assert str(problem) == "l.yaml:11:9: no price in prices.yaml is in USD, so nothing is held against this limit"
    assert unheld(limited().survey, [SMS], load_prices(TABLE, "p"), "l.yaml") == ()
    assert unheld(survey(question("q", "open")), [SMS], Prices(), "l.yaml") == ()
