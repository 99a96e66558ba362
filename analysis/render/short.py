"""Digests for small screens: one SMS, a Telegram message, and what participants get for RESULTS."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from analysis.findings import Digest, Finding
from analysis.render.ground import agreement
from analysis.render.language import Language
from analysis.render.language import language as speak
from analysis.render.phrases import key_question, quoted, quoted_words, with_share
from analysis.render.words import in_one_line, summary

Fits = Callable[[str], bool]

TELEGRAM = 4096
"""Characters in one message."""

GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The basic alphabet of 3GPP TS 23.038; the extension table is counted as not in it, which errs on the safe side."""

BARS, WIDTH = 5, 10
"""The most bars of a chart of characters, and how many characters the whole is."""

QUOTES = 2
"""How many quotes a message has of a question."""

PLAIN = str.maketrans({"–": "-", "—": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "\u00a0": " ", "\u202f": " "})


def segments(most: int) -> Fits:
    """Whether a text fits that many segments: 160 or 153 a part in GSM-7, else 70 or 67 UTF-16 units."""

    def fits(text: str) -> bool:
        gsm = set(text) <= GSM_7
        units = len(text) if gsm else len(text.encode("utf-16-le")) // 2
        single, part = (160, 153) if gsm else (70, 67)
        return units <= (single if most == 1 else most * part)

    return fits


ONE, TWO = segments(1), segments(2)


def sms(digest: Digest, language: str, fits: Fits = ONE) -> str:
    """The digest in one SMS: as much of it as `fits`, the simulated flag before everything else."""
    words = speak(language)
    return _first_that_fits(_short(digest, words, "sms", ("sms", "sms_bare")), fits)


def participant(digest: Digest, language: str, fits: Fits = TWO) -> str:
    """What those who answered get back, in one or two segments."""
    words = speak(language)
    return _first_that_fits(_short(digest, words, "participant", ("participant", "participant_bare")), fits)


def telegram(digest: Digest, language: str) -> str:
    """The summary, then each question in a line: plain text, cut at a line where it is too long for one message."""
    words = speak(language)
    lines = [words.text(digest.title, digest.survey), words.say("made", date=words.date(digest.made_at))]
    if digest.simulated:
        lines.append(words.say("simulated"))
    for heading, sentences in summary(digest, words).items():
        lines += ["", words.say(heading), *(sentence.text for sentence in sentences)]
    for question in digest.questions:
        lines += [
            "",
            quoted(question, words),
            in_one_line(question, words),
            *bars(question, words),
            *_quotes(question, digest, words),
        ]
    text = "\n".join(lines)
    more = words.say("more")
    while len(text.encode("utf-16-le")) // 2 > TELEGRAM:
        lines.pop()
        text = "\n".join([*lines, more])
    return text


def _quotes(question: Finding, digest: Digest, words: Language) -> Iterator[str]:
    for text, _, _ in list(quoted_words(question, digest, words))[:QUOTES]:
        yield words.say("quoted", text=words.apart(text))


def bars(question: Finding, words: Language) -> Iterator[str]:
    """A chart of characters: it costs no picture's data, is read aloud as its numbers, and can be copied."""
    if question.type in ("open", "one-of", "many-of") and not question.profile:
        for cell in question.ranked()[:BARS]:
            full = round((cell.share or 0.0) * WIDTH)
            yield f"{'▰' * full}{'▱' * (WIDTH - full)} {with_share(cell, words)}"


def _short(digest: Digest, words: Language, name: str, naming: tuple[str, str]) -> Iterator[str]:
    """The texts to try, the richest first."""
    title = words.text(digest.title, digest.survey)
    turnout = digest.turnout
    flag = words.say("simulated_short") if digest.simulated else ""
    if not turnout.began:
        yield flag + words.say(f"{name}_few", title=title)
        yield flag + words.say(f"{name}_few", title=digest.survey)
        return
    values = {"title": title, "began": turnout.began}
    question = key_question(digest)
    shared = _shared(digest, words) if name == "sms" else ""
    for key in naming:
        for most in (3, 2, 1) if question else ():
            cells = question.ranked()[:most] if question else ()
            text = flag + words.say(key, **values, list=words.list(with_share(cell, words) for cell in cells))
            if shared:
                yield f"{text} {shared}"
            yield text
    if shared:
        yield f"{flag}{words.say(f'{name}_counts', **values)} {shared}"
    yield flag + words.say(f"{name}_counts", **values)
    yield flag + words.say(f"{name}_counts", **{**values, "title": digest.survey})


def _shared(digest: Digest, words: Language) -> str:
    """The statement that all groups agree on most; "" where there is none."""
    ground = digest.ground
    agreed = ground.stands("agreed")[:1] if ground else ()
    kind = "" if ground and len(ground.groups) > 1 else "_all"
    return "".join(words.say(f"sms_ground{kind}", **agreement(one, words)) for one in agreed)


def _first_that_fits(texts: Iterator[str], fits: Fits) -> str:
    """The last one is returned even where it does not fit: it says least, and is cut by nobody."""
    text = ""
    for text in map(_plain, texts):
        if fits(text):
            return text
    return text


def _plain(text: str) -> str:
    return text.translate(PLAIN)
