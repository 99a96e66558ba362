"""How a broadcast is written: what is refused, with line, column and mend; and what it would come to."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from channels.adapter import Channel, Medium
from gateway.broadcasts.audience import PRIME, draw, roads
from gateway.broadcasts.definition import load_broadcast, schema
from gateway.broadcasts.errors import BroadcastError
from gateway.broadcasts.model import Asked, Broadcast, Known, Sample
from gateway.broadcasts.plan import Plan, Ways, plan
from gateway.broadcasts.saying import Version, sayings
from gateway.store.schema import people
from surveys.load import load_survey
from surveys.problem import SurveyError
from tests.gateway.broadcasts.conftest import BRIDGE, CHANNELS, QUIET, World
from tests.gateway.life.conftest import TEXTS, written

CONFIG = Path(__file__).parents[3] / "config"
WATER = load_survey(written(), "water.yaml")
MUTE = replace(BRIDGE, topic="")
KNOWN = Known({"water": Asked(WATER, ("water@1",))}, CHANNELS, frozenset({"before"}), {"bridge": BRIDGE, "mute": MUTE})


def load(source: str) -> Broadcast:
    return load_broadcast(source, "invite.yaml", KNOWN)


def refused(source: str) -> list[str]:
    with pytest.raises(SurveyError) as error:
        load(source)
    return [str(problem).removeprefix("invite.yaml:") for problem in error.value.problems]


def test_a_piece_of_a_campaign_goes_in_its_own_words_to_those_who_joined_the_topic() -> None:
    made = load("name: invite\ncampaign: bridge\npiece: closed\naudience: {languages: sw}")
    assert (made.kind, made.topic, made.audience.groups, made.languages) == (
        "message",
        "bridgenews",
        ("bridgenews",),
        ("en", "sw"),
    )
    said = sayings(made, TEXTS, None, {})[Version("en", first=False)]
    assert said[0].text == "The Forum: It is closed. Write: WRITE\nTo leave, send only STOP BRIDGENEWS."


def test_a_broadcast_as_written() -> None:
    made = load(
        """
name: invite
poll: water
audience: {languages: en, answered: [{poll: water, question: region, is: [north]}], not_seen_for: 30d}
sample: {each: 50, by: [place], seed: march}
portions: [100, 1000]
portion_after: 2h
zone: Africa/Nairobi
begins: 2026-05-01 08:00
"""
    )
    assert (made.kind, made.poll, made.languages, made.seed) == ("poll", "water", ("en",), "march")
    assert made.sample == Sample(50, ("place",))
    assert made.portions == (100, 1000)
    assert made.audience.answered[0].surveys == ("water@1",)
    assert str(made.begins) == "2026-05-01 05:00:00+00:00"
    assert load("name: invite\npoll: water\nsample: 500").sample == Sample(500)


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("name: other\npoll: water", "1:7: the file is invite.yaml; give both the same name"),
        ("name: invite\ncampaign: bidge\npiece: closed", "2:11: no campaign 'bidge' is out; did you mean 'bridge'?"),
        ("name: invite\ncampaign: bridge\npiece: close", "3:8: bridge has no piece 'close'; did you mean 'closed'?"),
        ("name: invite\ncampaign: bridge", "1:1: `piece` is missing: the one of bridge that is sent: closed"),
        ("name: invite\ncampaign: mute\npiece: closed", "2:11: mute has no `topic`: nobody has joined to hear more"),
        ("name: invite\npoll: water\npiece: closed", "3:8: a piece is one of a `campaign`; name it, too"),
        ("name: invite\ncampaign: bridge\npiece: closed\nmessage: Hello", "4:10: a piece of a campaign is sent in its"),
        ("name: invite\ncampaign: bridge\npiece: closed\naudience: {groups: all}", "4:20: a piece goes to those who"),
        ("name: invite\npoll: wter", "2:7: no poll 'wter' was ever opened; did you mean 'water'?"),
        ("name: invite\npoll: water\nresults: water", "3:10: it invites to a poll or tells results; make two"),
        ("name: invite\nmessage: {en: Hello}", "1:1: `sender` is missing: a message says who writes and what"),
        ("name: invite\npoll: water\naudiance: {}", "3:1: there is no `audiance` here; did you mean 'audience'?"),
        ("name: invite\npoll: water\naudience: {channels: [smss]}", "3:23: there is no channel 'smss'; did you mean"),
        (
            "name: invite\npoll: water\naudience: {answered: [{poll: water, question: region, is: [nord]}]}",
            "3:60: there is no option 'nord'; did you mean 'north'?",
        ),
        (
            "name: invite\npoll: water\naudience: {answered: [{poll: water, question: regin, is: [north]}]}",
            "3:47: water has no question 'regin'; did you mean 'region'?",
        ),
        (
            "name: invite\npoll: water\naudience: {without: [befor]}",
            "3:22: no broadcast was started that is named 'befor'",
        ),
        ("name: invite\npoll: water\nsample: {size: 5, each: 5, by: [place]}", "3:9: a sample has a `size`, or takes"),
        ("name: invite\npoll: water\nsample: {each: 5}", "3:9: cells need both"),
        (
            "name: invite\npoll: water\nsample: {each: 5, by: [shoe]}",
            "3:24: nothing is known of people by the name 'shoe'",
        ),
        ("name: invite\npoll: water\nsample: 0", "3:9: a sample is of 1 to 200000 people"),
        ("name: invite\npoll: water\nportions: [0]", "3:11: a portion is of 1 person or more"),
        ("name: invite\npoll: water\nportion_after: 2h", "3:16: there are no `portions` to wait for"),
        ("name: invite\npoll: water\nussd_by: chat", "3:10: 'chat' is no SMS channel"),
        ("name: invite\npoll: water\nbegins: tomorrow", "3:9: 'tomorrow' is not a time; write one such as"),
        ("name: invite\npoll: water\nzone: Nairobi", "3:7: there is no time zone 'Nairobi'"),
        ("name: invite\npoll: water\nlanguages: [fr]", "3:13: the poll has no 'fr'"),
        ("name: invite\nresults: water\nagain: yes", "3:8: only who is invited to a poll can be asked again"),
    ],
)
def test_mistakes_are_told_with_their_place_and_mend(source: str, says: str) -> None:
    assert any(problem.startswith(says) for problem in refused(source)), refused(source)


def test_a_mistyped_key_is_not_told_again_as_a_missing_one() -> None:
    assert refused("name: invite\npol: water") == ["2:1: there is no `pol` here; did you mean 'poll'?"]


def test_the_sample_is_one() -> None:
    (file,) = (CONFIG / "broadcasts").glob("*.yaml")
    priorities = load_survey((CONFIG / "surveys" / "priorities.yaml").read_text(), "priorities.yaml")
    made = load_broadcast(file.read_text(), str(file), Known({"priorities": Asked(priorities, ("priorities@1",))}))
    assert made.sample == Sample(200, ("place", "language"))


def test_the_schema_for_editors_is_of_these_keys() -> None:
    assert (CONFIG / "broadcast.schema.json").read_text() == schema()


def test_draws_are_spread_and_seeds_differ() -> None:
    """Of 10,000 people each tenth of the draws gets its tenth, within 4 standard deviations (of 30)."""
    ids = [one * 7_919 for one in range(1, 10_001)]
    for seed in ("a", "b"):
        tenths = [0] * 10
        for one in ids:
            tenths[draw(seed, one) * 10 // PRIME] += 1
        assert all(880 < tenth < 1120 for tenth in tenths)
    first = {seed: set(sorted(ids, key=lambda one, seed=seed: draw(seed, one))[:1000]) for seed in ("a", "b")}
    assert 50 < len(first["a"] & first["b"]) < 160  # 100, were they independent


def test_the_database_draws_as_we_do(world: World) -> None:
    made = world.people(*range(1, 40))
    from gateway.broadcasts.audience import _drawn  # noqa: PLC0415 - the expression itself

    with world.engine.connect() as connection:
        found = dict(tuple(row) for row in connection.execute(sa.select(people.c.id, _drawn("lot"))))
    assert found == {one: draw("lot", one) for one in made}


# Planning -----------------------------------------------------------------------------------------------------------


def planned(world: World, source: str, **results: str) -> Plan:
    broadcast = world.written(source)
    said = sayings(broadcast, TEXTS, world.polls.named(broadcast.poll) if broadcast.poll else None, results)

    def prices(channel: Channel) -> list[SimpleNamespace]:
        both = {"currency": "KES", "example": True}
        rows = [("+9990000000", "0.80"), ("+9990000001", "2.00")] if channel.medium is Medium.SMS else []
        return [SimpleNamespace(country=country, sent=Decimal(sent), **both) for country, sent in rows]

    ways = Ways(CHANNELS, roads(CHANNELS, broadcast.ussd_by), {"sms": 0.5, "chat": 10.0}, prices, QUIET)
    return plan(world.engine, world.vault, broadcast, said, ways, world.clock())


def test_a_plan_says_who_what_cost_and_how_long(world: World) -> None:
    world.open()
    world.people(1, 2, 3, 4, 5, 6)
    world.people(17, 18, channel="chat")
    world.people(19, channel="ussd")
    world.say("STOP", 1)
    world.say("WATER", 2)
    found = planned(world, "name: invite\npoll: water\nportions: [2, 100]\n")
    assert found.people == 6
    assert found.left_out == {"stopped": 1, "asked": 1, "unreachable": 1}
    assert [(part.channel, part.people, part.segments) for part in found.parts] == [("chat", 2, 1), ("sms", 4, 1)]
    assert [(cost.channel, cost.amount, cost.currency) for cost in found.costs] == [
        ("chat", None, ""),
        ("sms", Decimal("3.20"), "KES"),
    ]
    assert found.seconds == 8.0  # 4 segments at one in two seconds
    assert found.hours == 14
    assert found.portions == (2, 4)
    (example,) = found.examples
    assert example[1].startswith("May we ask you three things?")
    assert planned(world, "name: invite\npoll: water\nussd_by: sms\n").people == 7


def test_a_plan_prices_those_who_only_dialled_and_says_for_whom_no_price_is_known(world: World) -> None:
    world.open()
    world.people(1, 2, 201, 202, channel="ussd")
    found = planned(world, "name: invite\npoll: water\nussd_by: sms\n")
    assert [(cost.channel, cost.segments, cost.amount) for cost in found.costs] == [
        ("sms", 2, Decimal("1.60")),
        ("sms", 2, None),
    ]
    assert found.seconds == 8.0


def test_a_plan_of_a_sample_counts_its_cells(world: World) -> None:
    world.open()
    world.people(1, 2, 3, place="north")
    world.people(4, 5, 6, 7, 8, place="south")
    found = planned(world, "name: invite\npoll: water\nsample: {each: 4, by: [place]}\n")
    assert found.people == 7
    assert found.cells == {"north": 3, "south": 4}
    assert found.about


def test_who_said_what_in_an_earlier_poll_is_found(world: World) -> None:
    world.open()
    world.people(1, 2, 3)
    world.answers("1", "yes", "3", who=1)
    world.answers("2", "no", "3", who=2)

    def asked(what: str) -> int:
        message = "name: note\nlanguages: [en]\nsender: We\nmessage: Hello\n"
        return planned(world, f"{message}audience: {{{what}}}\n").people

    assert asked("answered: [{poll: water, question: region, is: [north]}]") == 1
    assert asked("answered: [{poll: water, question: enough, is: ['no']}]") == 1
    assert asked("answered: [{poll: water, question: days, is: ['3']}]") == 2
    assert asked("took_part: [{poll: water}]") == 2
    assert asked("places: [south]") == 1
    assert asked("groups: [traders]") == 0
    assert asked("seen_within: 1d") == 3
    world.clock.advance(days=31)
    assert asked("not_seen_for: 30d") == 3


def test_results_that_are_not_out_are_not_told(world: World) -> None:
    world.open()
    with pytest.raises(BroadcastError, match="Nothing is out about water yet"):
        planned(world, "name: told\nresults: water\n")
