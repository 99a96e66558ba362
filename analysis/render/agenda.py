"""A draft agenda as somebody edits it: Markdown, a Word document, a page to print. Each from the same lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import NamedTuple

from markupsafe import Markup, escape

from analysis.agenda import InGroups, Issue, Spread, agenda
from analysis.findings import FEW, Cell, Digest
from analysis.raised import Carried, Concern, Raised
from analysis.render.ground import agreement
from analysis.render.language import Language
from analysis.render.language import language as speak
from analysis.render.phrases import label, quoted, share_range

TITLE, ISSUE, PART, LINE, POINT, BLANK = "title", "issue", "part", "line", "point", "blank"


class Block(NamedTuple):
    """`kind` is TITLE, ISSUE (a numbered heading), PART (a heading in it), LINE, POINT (of a list), or BLANK: where
    somebody is to write."""

    kind: str
    text: str = ""


def blocks(digest: Digest, language: Language, raised: Raised | None = None) -> Iterator[Block]:
    """`raised` is what people raised outside of the poll, where there is a place for it."""
    yield Block(
        TITLE, f"{language.say('agenda')}{language.sentences['colon']}{language.text(digest.title, digest.survey)}"
    )
    if digest.simulated:
        yield Block(LINE, language.say("simulated"))
    if digest.decision:
        yield Block(LINE, language.say("decision", decision=language.text(digest.decision)))
    yield Block(LINE, language.say("agenda_draft"))
    yield Block(LINE, language.say("trust_sample"))
    issues = agenda(digest)
    statements = _statements(digest)
    if not issues:
        yield Block(LINE, language.say("agenda_none"))
    for issue in issues:
        yield Block(ISSUE, label(issue.cell, language))
        yield from (Block(POINT, text) for text in _points(issue, digest, language))
        yield Block(PART, language.say("agenda_propose"))
        yield Block(LINE, language.say("agenda_propose_below" if statements else "agenda_propose_none"))
        yield Block(BLANK)
    if digest.ground and statements:
        kind = "" if len(digest.ground.groups) > 1 else "_all"
        proposed = [one for one in digest.ground.statements if one.proposed]
        for heading, told in (("agenda_agree" + kind, digest.ground.stands("agreed")), ("agenda_proposed", proposed)):
            if told:
                yield Block(PART, language.say(heading))
            for one in told:
                values = agreement(one, language)
                yield Block(POINT, language.say(f"ground_told{kind}", **values))
    if raised is not None:
        yield from _raised(raised, language)
    yield Block(PART, language.say("agenda_notes"))
    yield Block(BLANK)
    yield Block(
        LINE,
        language.say(
            "source_how",
            minimum=digest.minimum_cell,
            date=language.date(digest.made_at),
            survey=digest.survey,
            hash=digest.hash[:12],
            program=digest.program or "Baraza",
        ),
    )


def _statements(digest: Digest) -> bool:
    """Whether a statement is told that people agree on, or that one of them proposed."""
    return digest.ground is not None and any(
        one.standing == "agreed" or one.proposed for one in digest.ground.statements
    )


def _points(issue: Issue, digest: Digest, language: Language) -> Iterator[str]:
    for key, cell, name in (("agenda_raised", issue.cell, issue.question), ("agenda_first", issue.first, issue.chosen)):
        if cell is not None:
            question = digest.question(name)
            yield language.say(key, share=_share(cell, language), n=question.n, question=quoted(question, language))
            if question.n is not None and question.n < FEW:
                yield language.say("low", few=FEW)
    if issue.tie:
        yield language.say("agenda_tie")
    for groups in issue.groups:
        yield _spread(groups, digest, language)
        if groups.groups:
            listed = language.list(
                f"{language.apart(_name(column.label, column.id, language))} {_share(cell, language)}"
                for column, cell in groups.groups
            )
            yield language.say("agenda_groups", by=_by(groups, digest, language), list=listed)


def _spread(groups: InGroups, digest: Digest, language: Language) -> str:
    by = _by(groups, digest, language)
    if groups.spread is not Spread.CONTESTED:
        return language.say(f"agenda_{groups.spread}", by=by)
    sure = [(column, cell) for column, cell in groups.groups if (column.n or 0) >= FEW]
    (most, high), (least, low) = sure[0], sure[-1]
    return language.say(
        "agenda_contested",
        by=by,
        most=language.apart(_name(most.label, most.id, language)),
        high=language.percent(high.share or 0.0),
        least=language.apart(_name(least.label, least.id, language)),
        low=language.percent(low.share or 0.0),
    )


def _by(groups: InGroups, digest: Digest, language: Language) -> str:
    return quoted(digest.question(groups.by), language)


def _name(texts: dict[str, str], otherwise: str, language: Language) -> str:
    return language.text(texts, language.sentences.get(otherwise, otherwise))


def _share(cell: Cell, language: Language) -> str:
    value, spread = language.percent(cell.share or 0.0), share_range(cell, language)
    return language.say("ranged", value=value, range=spread)


# Concerns -----------------------------------------------------------------------------------------------------------


def _raised(raised: Raised, language: Language) -> Iterator[Block]:
    yield Block(PART, language.say("concerns"))
    yield Block(LINE, language.say("concerns_how", date=language.date(raised.at), few=raised.few))
    for one in raised.concerns:
        yield Block(LINE, f"{one.code}{language.sentences['colon']}{language.apart(language.text(one.texts))}")
        yield from (Block(POINT, text) for text in _told(one, raised.few, language))
    if raised.beside.planned or raised.beside.done:
        yield Block(LINE, language.say("concerns_beside"))
        yield from (Block(POINT, text) for text in _carried(raised.beside, raised.few, language))


def _told(one: Concern, few: int, language: Language) -> Iterator[str]:
    yield language.say("concerns_support", n=one.support) if one.support else language.say("concerns_few", few=few)
    if one.places:
        named = (
            language.say("concerns_place", place=language.apart(language.text(texts)), n=n) for texts, n in one.places
        )
        yield language.say("concerns_places", list=language.list(named), few=few)
    if one.groups:
        kinds = (language.say("concerns_group", kind=language.say(f"group_{kind}"), n=n) for kind, n in one.groups)
        yield language.say("concerns_groups", list=language.list(kinds))
    if one.people:
        told = (language.say("concerns_place", place=language.say(f"group_{kind}"), n=n) for kind, n in one.people)
        yield language.say("concerns_people", list=language.list(told), few=few)
    yield from _carried(one.carried, few, language)
    if one.outcome:
        yield language.say("concerns_outcome", text=language.apart(language.text(one.outcome)))


def _carried(carried: Carried, few: int, language: Language) -> Iterator[str]:
    if carried.planned or carried.done:
        yield language.say("concerns_done", planned=carried.planned, done=carried.done)
    if carried.done:
        key = "concerns_attended" if carried.attended else "concerns_attended_few"
        yield language.say(key, n=carried.attended, few=few)
    if carried.rating is not None:
        yield language.say("concerns_rating", mean=language.mean(carried.rating))


# Forms --------------------------------------------------------------------------------------------------------------

_MARKS = {TITLE: "# {}", PART: "\n### {}", LINE: "{}", POINT: "- {}", BLANK: ""}
_SPECIAL = str.maketrans({character: f"\\{character}" for character in "\\`*_{}[]<>#|"})


def markdown(digest: Digest, language: str, raised: Raised | None = None) -> str:
    """Labels are an author's: their marks are written as themselves."""
    lines, number = [], 0
    for block in blocks(digest, speak(language), raised):
        text = block.text.translate(_SPECIAL)
        if block.kind == ISSUE:
            number += 1
            lines.append(f"\n## {number}. {text}\n")
        else:
            lines.append(_MARKS[block.kind].format(text) + ("" if block.kind == POINT else "\n"))
    return "\n".join(lines).strip() + "\n"


def html(digest: Digest, language: str, raised: Raised | None = None) -> str:
    """A page of its own, to print or to make a PDF of."""
    words = speak(language)
    body = Markup("\n").join(_element(block) for block in blocks(digest, words, raised))
    return _PAGE.format(language=words.code, direction=words.direction, title=words.say("agenda"), body=body)


def section(raised: Raised, language: str) -> Markup:
    """What people raised, as a part of a digest's page."""
    words = speak(language)
    body = Markup("\n").join(_element(block, _TAGS | {PART: "h2"}) for block in _raised(raised, words))
    part = Markup('<section id="concerns" lang="{0}" dir="{1}">\n{2}\n</section>')
    return part.format(words.code, words.direction, body)


def lines(raised: Raised, language: str) -> str:
    """The same as plain text."""
    return "\n".join(f"- {one.text}" if one.kind == POINT else one.text for one in _raised(raised, speak(language)))


_PAGE = Markup(
    """<!doctype html>
<html lang="{language}" dir="{direction}"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body {{ font: 1rem/1.5 "Noto Sans", "Noto Sans Arabic", "DejaVu Sans", sans-serif; margin: 1rem auto; max-width: 44rem;
  padding: 0 1rem; counter-reset: issue; }}
h1 {{ font-size: 1.5rem; line-height: 1.25; }} h2 {{ font-size: 1.15rem; margin: 1.5rem 0 .25rem; break-after: avoid; }}
h2::before {{ counter-increment: issue; content: counter(issue) ". "; }}
h3 {{ font-size: 1rem; margin: .75rem 0 .25rem; break-after: avoid; }} p {{ margin: .25rem 0; }}
.blank {{ border-bottom: 1px solid #999; height: 3rem; }} li {{ margin: .125rem 0; }}
@page {{ size: A4; margin: 18mm; }} @media print {{ body {{ max-width: none; padding: 0; font-size: 10.5pt; }} }}
</style></head>
<body>
{body}
</body></html>
"""
)
_TAGS = {TITLE: "h1", ISSUE: "h2", PART: "h3", LINE: "p"}


def _element(block: Block, tags: Mapping[str, str] = _TAGS) -> Markup:
    if block.kind == BLANK:
        return Markup('<div class="blank"></div>')
    if block.kind == POINT:
        return Markup("<ul><li>{}</li></ul>").format(block.text)
    tag = Markup(tags[block.kind])  # noqa: S704 - one of four
    return Markup("<{0}>{1}</{0}>").format(tag, escape(block.text))


def docx(digest: Digest, language: str, raised: Raised | None = None) -> bytes:
    """A Word document with real headings and lists, from right to left where the language is written so."""
    from docx import Document  # noqa: PLC0415 - only whoever wants a document waits for its library
    from docx.oxml.parser import OxmlElement  # noqa: PLC0415 - as above

    words = speak(language)
    document = Document()
    document.core_properties.title = words.say("agenda")
    document.core_properties.author = ""
    number = 0
    for block in blocks(digest, words, raised):
        match block.kind:
            case "title":
                paragraph = document.add_heading(block.text, 0)
            case "issue":
                number += 1
                paragraph = document.add_heading(f"{number}. {block.text}", 1)
            case "part":
                paragraph = document.add_heading(block.text, 2)
            case "point":
                paragraph = document.add_paragraph(block.text, style="List Bullet")
            case _:
                paragraph = document.add_paragraph(block.text)
        if words.direction == "rtl":
            paragraph._p.get_or_add_pPr().append(OxmlElement("w:bidi"))  # noqa: SLF001 - no public way
            for run in paragraph.runs:
                run._r.get_or_add_rPr().append(OxmlElement("w:rtl"))  # noqa: SLF001 - as above
    out = BytesIO()
    document.save(out)
    return out.getvalue()
