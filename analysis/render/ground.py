"""Common ground in words."""

from __future__ import annotations

from collections.abc import Iterator

from analysis.findings import Agreement, CommonGround, Digest, Statement
from analysis.render.language import Language
from analysis.render.sentences import GROUND, Sentence

TOLD = 5
"""How many statements on which people agree, or on which groups part, are told."""


def told(digest: Digest, language: Language) -> Iterator[Sentence]:
    """Whether there are opinion groups, what crosses them, what sets each apart, and what stands between them."""
    ground = digest.ground
    if ground is None:
        return
    groups = [group for group in ground.groups if group.id]
    if groups:
        listed = language.list(f"{group_name(group.id, language)} {language.shown(group.people)}" for group in groups)
        yield Sentence(language.say("ground_stable", groups=len(groups), list=listed), (GROUND,))
    else:
        there = "groups" if ground.verdict == "stable" else ground.verdict
        yield Sentence(language.say(f"ground_{there}"))
    if not ground.groups:
        yield Sentence(language.say("ground_hidden"))
        return
    if not groups:
        yield Sentence(language.say("ground_all", n=ground.groups[0].people), (GROUND,))
    if ground.small:
        yield Sentence(language.say("ground_small", minimum=digest.minimum_cell))
    yield from _on_statements(ground, language)


def _on_statements(ground: CommonGround, language: Language) -> Iterator[Sentence]:
    groups = [group for group in ground.groups if group.id]
    kind = "" if groups else "_all"
    agreed = ground.stands("agreed")[:TOLD]
    for one in agreed:
        yield Sentence(language.say(f"ground_agreed{kind}", **agreement(one, language)), (GROUND,))
    if not agreed:
        yield Sentence(language.say(f"ground_none{kind}"))
    known = {one.id: one for one in ground.statements}
    for group in groups:
        for name in group.apart:
            values = agreement(known[name], language)
            yield Sentence(language.say("ground_apart", group=group_name(group.id, language), **values), (GROUND,))
    contested = [
        agreement(one, language)["statement"] if groups else language.say("ground_told_all", **agreement(one, language))
        for one in divided(ground)[:TOLD]
    ]
    if contested:
        yield Sentence(language.say(f"ground_divided{kind}", list=language.list(contested)), (GROUND,))


def divided(ground: CommonGround) -> tuple[Statement, ...]:
    """The contested statements, those on which groups differ most first."""

    def differ(one: Statement) -> float:
        shares = [(group.least + group.most) / (2 * group.n) for group in one.groups]
        return max(shares) - min(shares)

    return tuple(sorted(ground.stands("divided"), key=lambda one: -differ(one)))


def group_name(group: str, language: Language) -> str:
    return language.say("ground_group", group=language.apart(group)) if group else language.say("ground_everybody")


def agreement(one: Statement, language: Language) -> dict[str, str]:
    """What sentences about a statement are filled with."""
    shares = [
        f"{group_name(group.group, language)} {language.apart(agreeing(group, language))}" for group in one.groups
    ]
    spread = language.say("range", low=language.number(round(100 * one.low)), high=language.percent(one.high))
    lowest, consensus = (least(value, language, exact=one.exact) for value in (one.lowest, one.consensus))
    return {
        "statement": language.say("quoted", text=language.apart(language.text(one.text, one.id))),
        "list": language.list(shares),
        "lowest": language.say("ranged", value=lowest, range=spread),
        "consensus": consensus,
    }


def agreeing(group: Agreement, language: Language) -> str:
    """The share of a group that agrees, with its range; its bound where that is what is shown."""
    spread = language.say("range", low=language.number(round(100 * group.low)), high=language.percent(group.high))
    return language.say("ranged", value=agreeing_share(group, language), range=spread)


def agreeing_share(group: Agreement, language: Language) -> str:
    if group.exact:
        return language.percent(group.least / group.n)
    if group.most == group.n:
        return least(group.least / group.n, language, exact=False)
    return language.say("at_most", share=language.percent(group.most / group.n))


def least(share: float, language: Language, *, exact: bool) -> str:
    return language.percent(share) if exact else language.say("at_least", share=language.percent(share))
