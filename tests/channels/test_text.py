"""Segments and plain texts: as the standard counts them, as a phone shows them."""

from __future__ import annotations

import unicodedata

import pytest
import regex
import smsutil
from hypothesis import example, given
from hypothesis import strategies as st

from channels.text import _BARE as BARE
from channels.text import _BASIC as BASIC
from channels.text import _EXTENSION as EXTENSION
from channels.text import LIMITS, Encoding, clean, from_gsm7, measure, plain, reach, shorten, split, units

GSM7, UCS2 = Encoding.GSM7, Encoding.UCS2

FAMILY = "👨‍👩‍👧‍👦"
CLUSTERS = [FAMILY, "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🇰🇪", "👍🏿", "لَّ", "بً", "क्ष", "त्रि", "नि", "ẹ́", "ሰላም", "a", " ", "\n", "é", "€"]

gsm_texts = st.text(st.sampled_from(BASIC + EXTENSION), max_size=500)
scripts = st.lists(st.sampled_from(CLUSTERS), max_size=250).map("".join)
texts = st.one_of(gsm_texts, scripts, st.text(max_size=400))


# Reading ------------------------------------------------------------------------------------------------------------


@given(gsm_texts)
@example(BASIC + EXTENSION)
def test_gsm7_is_read_as_smsutil_writes_it(text: str) -> None:
    assert from_gsm7(smsutil.encode(text)) == text


def test_gsm7_that_no_table_has() -> None:
    assert from_gsm7(b"\x1bA") == "A"  # an extension nobody has: its basic character
    assert from_gsm7(b"a\x1b") == "a"
    with pytest.raises(ValueError, match="above 127"):
        from_gsm7(b"\xe9")


# Counting -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "encoding", "count", "segments"),
    [
        ("", GSM7, 0, 1),
        ("Karibu", GSM7, 6, 1),
        ("a" * 160, GSM7, 160, 1),
        ("a" * 161, GSM7, 161, 2),
        ("a" * 306, GSM7, 306, 2),
        ("a" * 307, GSM7, 307, 3),
        ("€" * 80, GSM7, 160, 1),
        ("€" * 81, GSM7, 162, 2),
        ("€" * 153, GSM7, 306, 3),  # 76 fit a part of 153: an odd septet stays empty
        ("Ça coûte", UCS2, 8, 1),
        ("Ç été", GSM7, 5, 1),
        ("leçon", UCS2, 5, 1),
        ("م" * 70, UCS2, 70, 1),
        ("م" * 71, UCS2, 71, 2),
        ("م" * 134, UCS2, 134, 2),
        ("م" * 135, UCS2, 135, 3),
        ("😀" * 35, UCS2, 70, 1),
        ("😀" * 36, UCS2, 72, 2),
        ("😀" * 67, UCS2, 134, 3),  # 33 fit a part of 67
        ("\x1b", UCS2, 1, 1),
        ("`", UCS2, 1, 1),
    ],
)
def test_measure(text: str, encoding: Encoding, count: int, segments: int) -> None:
    measured = measure(text)
    assert (measured.encoding, measured.units, measured.segments) == (encoding, count, segments)


def test_the_alphabet_is_the_standards() -> None:
    assert len(set(BASIC)) == 127  # 128 places, less ESC
    assert len(set(EXTENSION)) == 10
    assert not set(BASIC) & set(EXTENSION)
    assert "\x1b" not in BASIC + EXTENSION
    assert set(BASIC + EXTENSION) | {"\x1b"} == set(smsutil.codecs.GSM_CHARSET)


@given(texts)
@example("€" * 153)
@example("م" * 66 + FAMILY * 3)
def test_measure_and_split_agree(text: str) -> None:
    measured, parts = measure(text), split(text)
    assert "".join(parts) == text
    assert len(parts) == measured.segments
    assert sum(units(part, measured.encoding) for part in parts) == measured.units
    single, part_limit = LIMITS[measured.encoding]
    assert all(units(part, measured.encoding) <= (single if len(parts) == 1 else part_limit) for part in parts)
    assert text == "" or all(parts)


@given(gsm_texts.filter(bool))
def test_gsm_7_is_split_where_smsutil_splits(text: str) -> None:
    theirs = smsutil.split(text.rstrip("\n") or "a")
    ours = split(text.rstrip("\n") or "a")
    assert theirs.encoding == "gsm0338"
    assert [part.content for part in theirs.parts] == list(ours)


@given(st.text(st.sampled_from("مرحبا😀 ሰላምЯ漢"), max_size=400))
def test_ucs_2_without_clusters_is_split_where_smsutil_splits(text: str) -> None:
    text = "م" + text
    theirs = smsutil.split(text)
    assert theirs.encoding == "utf_16_be"
    assert [part.content for part in theirs.parts] == list(split(text))
    assert theirs.total_bytes == 2 * measure(text).units


@given(scripts)
def test_no_cluster_is_torn(text: str) -> None:
    text = "م" + text
    inside = {c.start() for c in regex.finditer(r"\X", text)} | {len(text)}
    at = 0
    for part in split(text):
        assert at in inside
        at += len(part)


def test_a_conjunct_or_a_family_moves_to_the_next_part_whole() -> None:
    for cluster in (FAMILY, "क्ष", "لَّ", "ẹ́", "🇸🇩", "👍🏿"):
        parts = split("م" * 66 + cluster + "م" * 10)
        assert parts == ("م" * 66, cluster + "م" * 10)


def test_a_cluster_longer_than_a_part_is_cut_but_not_its_surrogates() -> None:
    text = "a" + "\U0001e000" * 100  # a letter under a hundred marks, each a surrogate pair
    assert len(regex.findall(r"\X", text)) == 1
    parts = split(text)
    assert "".join(parts) == text
    assert [len(part.encode("utf-16-le")) // 2 for part in parts] == [67, 66, 66, 2]


@given(texts, st.integers(2, 200), st.data())
def test_reach_makes_progress_and_fits(text: str, room: int, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    encoding = measure(text).encoding
    end = reach(text, start, room, encoding)
    assert end > start or start == len(text)
    assert units(text[start:end], encoding) <= room


@pytest.mark.parametrize(
    ("text", "clusters", "short"),
    [
        ("North", 5, "North"),
        ("Northern", 5, "Nort…"),
        ("The north of it", 5, "The…"),
        (FAMILY * 4, 3, FAMILY * 2 + "…"),
        (FAMILY * 3, 3, FAMILY * 3),
        ("क्षत्रियक्षत्रिय", 3, "क्षत्रि…"),
    ],
)
def test_shorten(text: str, clusters: int, short: str) -> None:
    assert shorten(text, clusters) == short


# Making plain -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "“Don’t wait” – reply…", '"Don\'t wait" - reply...'),
        ("en", "• Roads\n• Water", "- Roads\n- Water"),
        ("en", "ﬁrst oﬃce", "first office"),
        ("en", "so\u00adft \ufeffhy\u2060phen", "soft hyphen"),
        ("en-GB", "A façade in São Tomé", "A facade in Sao Tomé"),
        ("sw", "Ng’ombe wangapi?", "Ng'ombe wangapi?"),
        ("so", "Go’aan — maya", "Go'aan - maya"),
        ("fr", "« Paix » : 5\u202f000 réponses", '"Paix" : 5 000 réponses'),
        ("fr", "Ç’est très sûr…", "Ç’est très sûr…"),  # û keeps it in UCS-2: nothing is gained, nothing replaced
        ("fr", "Votre leçon", "Votre leçon"),
        ("fr", "Un œuf", "Un œuf"),
        ("pt", "Não — obrigado", "Não — obrigado"),
        ("tr", "Barış için “evet”", "Barış için “evet”"),
        ("ca", "Paral·lel", "Paral·lel"),
        ("uz", "O‘zbek ma’no", "O‘zbek ma’no"),
        ("ha", "‘Yan ƙasa…", "‘Yan ƙasa…"),
        ("ar", "مرحباً… “سلام”", "مرحباً… “سلام”"),
        ("en", "Yes 👍 – thanks", "Yes 👍 – thanks"),
        ("am", "ሰላም – ነው", "ሰላም – ነው"),
        ("", "Rock’n’roll", "Rock'n'roll"),
    ],
)
def test_plain(language: str, text: str, expected: str) -> None:
    assert plain(text, language) == expected


def test_composed_first() -> None:
    assert plain("re\u0301ponse", "fr") == "réponse"
    assert measure(plain("re\u0301ponse", "fr")).encoding is GSM7
    assert plain("re\x00\u0301ponse", "fr") == "réponse"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\x00b\x1bc\x7fd\x9be", "abcde"),
        ("a\tb\r\nc\rd\u2028e\ff", "a b\nc\nd\ne\nf"),
        ("\u202eevil\u202c \u200fx", "evil x"),  # nothing here runs from right to left
        ("سلام \u2068Nyala\u2069\u200f", "سلام \u2068Nyala\u2069\u200f"),
        ("سلام \u202aNyala\u202c", "سلام \u202aNyala\u202c"),
        ("سلام \u202eNyala\u202c", "سلام Nyala"),
        ("سلام \u2067Nyala", "سلام Nyala"),
        ("سلام Nyala\u2069\u202c", "سلام Nyala"),
        ("سلام \u2067Nyala\n\u2069", "سلام Nyala\n"),
        ("سلام \u2067\u202aNyala\u202c\u2069", "سلام \u2067\u202aNyala\u202c\u2069"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        (FAMILY, FAMILY),
        ("a\ud83d", "a\ufffd"),
    ],
)
def test_clean(text: str, expected: str) -> None:
    assert clean(text) == expected


@given(texts | st.text(st.sampled_from("سa \n\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200f")))
def test_clean_has_nothing_left_to_clean(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not any(unicodedata.category(c) in {"Cc", "Cs"} and c != "\n" for c in cleaned)
    assert not set(cleaned) & set("\u202d\u202e\ufeff\u00ad")
    for line in cleaned.split("\n"):
        assert sum(map(line.count, "\u2066\u2067\u2068")) == line.count("\u2069")
        assert sum(map(line.count, "\u202a\u202b")) == line.count("\u202c")


MIXED = BASIC + EXTENSION + "’“”–…•«»\u00a0\u202fçœñéã\u200b😀م"


@given(st.text(st.sampled_from(MIXED)), st.sampled_from(["en", "fr", "sw", "ar"]))
def test_plain_changes_all_or_nothing(text: str, language: str) -> None:
    out = plain(text, language)
    assert plain(out, language) == out
    assert out == clean(text) or measure(out).encoding is GSM7


@given(st.text(st.sampled_from(MIXED)))
def test_plain_keeps_every_letter_of_french(text: str) -> None:
    assert [c for c in plain(text, "fr") if c.isalnum()] == [c for c in clean(text) if c.isalnum()]


@given(gsm_texts)
def test_what_fits_gsm_7_stays_as_it_is(text: str) -> None:
    text = text.replace("\r", "").replace("\f", "")
    assert plain(text, "en") == text


def test_a_bare_letter_is_the_letter_without_its_accent() -> None:
    assert len(BARE) == 32
    for accented, bare in BARE.items():
        assert unicodedata.normalize("NFD", chr(accented))[0] == chr(bare)
        assert chr(accented) not in BASIC
