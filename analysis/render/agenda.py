"""A draft agenda as somebody edits it: Markdown, a Word document, a page to print. Each from the same lines."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import NamedTuple

from markupsafe import Markup, escape

from analysis.agenda import InGroups, Issue, Spread, agenda
from analysis.findings import FEW, Cell, Digest
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


def blocks(digest: Digest, language: Language) -> Iterator[Block]:
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


# Forms --------------------------------------------------------------------------------------------------------------

_MARKS = {TITLE: "# {}", PART: "\n### {}", LINE: "{}", POINT: "- {}", BLANK: ""}
_SPECIAL = str.maketrans({character: f"\\{character}" for character in "\\`*_{}[]<>#|"})


def markdown(digest: Digest, language: str) -> str:
    """Labels are an author's: their marks are written as themselves."""
    lines, number = [], 0
    for block in blocks(digest, speak(language)):
        text = block.text.translate(_SPECIAL)
        if block.kind == ISSUE:
            number += 1
            lines.append(f"\n## {number}. {text}\n")
        else:
            lines.append(_MARKS[block.kind].format(text) + ("" if block.kind == POINT else "\n"))
    return "\n".join(lines).strip() + "\n"


def html(digest: Digest, language: str) -> str:
    """A page of its own, to print or to make a PDF of."""
    words = speak(language)
    body = Markup("\n").join(_element(block) for block in blocks(digest, words))
    return _PAGE.format(language=words.code, direction=words.direction, title=words.say("agenda"), body=body)


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


def _element(block: Block) -> Markup:
    if block.kind == BLANK:
        return Markup('<div class="blank"></div>')
    if block.kind == POINT:
        return Markup("<ul><li>{}</li></ul>").format(block.text)
    tag = Markup(_TAGS[block.kind])  # noqa: S704 - one of four
    return Markup("<{0}>{1}</{0}>").format(tag, escape(block.text))


def docx(digest: Digest, language: str) -> bytes:
    """A Word document with real headings and lists, from right to left where the language is written so."""
    from docx import Document  # noqa: PLC0415 - only whoever wants a document waits for its library
    from docx.oxml.parser import OxmlElement  # noqa: PLC0415 - as above

    words = speak(language)
    document = Document()
    document.core_properties.title = words.say("agenda")
    document.core_properties.author = ""
    number = 0
    for block in blocks(digest, words):
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
