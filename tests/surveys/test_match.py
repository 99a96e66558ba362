"""What people type is recognised, however they write it; and where two options are near, none is taken."""

from __future__ import annotations

import string

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from gateway.catalogues import load_catalogues
from surveys.match import Miss, Options, allowance, closest, normalise, number

UNKNOWN, UNCLEAR = Miss.UNKNOWN, Miss.UNCLEAR
TEXTS = load_catalogues()
NOT, AND = TEXTS.words("not"), TEXTS.words("and")

PLACES = Options(
    [
        ("North", "Kaskazini", "الشمال", "ሰሜን"),
        ("South", "Kusini", "الجنوب", "ደቡብ"),
        ("Lakes", "Maziwa", "البحيرات", "ሐይቆች"),
        ("Highlands", "Nyanda za juu", "المرتفعات", "Élevées"),
    ],
    NOT,
    AND,
)
NEEDS = Options(
    [
        ("Water", "Maji", "الماء", "ماء"),
        ("Health care", "Huduma za afya", "الصحة"),
        ("Schools", "Shule", "المدارس"),
        ("Roads", "Barabara", "الطرق"),
        ("No papers", "Hakuna hati", "لا وثائق"),
    ],
    NOT,
    AND,
)

ANY_TEXT = st.text(st.characters(), max_size=60)
"""Of any characters, lone surrogates too."""

# Near to what is typed: pieces of labels, digits of many kinds, separators, negations, marks.
PIECES = st.lists(
    st.sampled_from(
        [
            *"0123456789²①❶፩፲५٣½Ⅳ,،/+.-\n\u200f\u0301و",
            *(
                "3️⃣",
                "north",
                "sout",
                "water",
                "schols",
                "no",
                "not",
                "papers",
                "and",
                "two",
                "five",
                "፻",
                "ال",
                "الماء",
                "والطرق",
            ),
        ]
    ),
    max_size=12,
).map(" ".join)
TYPED = st.one_of(ANY_TEXT, PIECES, PIECES.map(lambda text: text.replace(" ", "")))


@pytest.mark.parametrize(
    ("typed", "matched"),
    [
        ("  North! ", "north"),
        ("ＮＯＲＴＨ", "north"),
        ("nor\u200bth", "north"),
        ("nor\u00adth", "north"),
        ("\u202enorth\u202c", "north"),
        ("شما\u061cل", "شمال"),
        ("Élevées", "elevees"),
        ("E\u0301leve\u0301es", "elevees"),
        ("STRASSE", normalise("straße")),
        ("٢٥", "25"),
        ("۲۵", "25"),
        ("२५", "25"),
        ("２５", "25"),
        ("②", "2"),
        ("²", "2"),
        ("❷", "2"),
        ("፪", "2"),
        ("፲፪", "12"),
        ("፩፪", "1 2"),
        ("፪ኛ", "2 ኛ"),
        ("ɗaya", "daya"),
        ("ƘAUYE", "kauye"),
        ("aʼa", "a a"),
        ("2️⃣", "2"),
        ("أَلشَّمَال", "الشمال"),
        ("الشـــمال", "الشمال"),
        ("آإأٱ", "اااا"),
        ("مدرسة", "مدرسه"),
        ("ﺷﻤﺎﻝ", "شمال"),
        ("ሐይቅ", normalise("ሀይቅ")),
        ("ፀሐይ", normalise("ጸሀይ")),
        ("क्षि", "क्षि"),  # vowel signs are letters here, and stay
        ("a_b-c", "a b c"),
        ("\x00a\x00", "a"),
        ("", ""),
        ("?!", ""),
        ("👍", ""),
    ],
)
def test_what_is_matched_is_plain(typed: str, matched: str) -> None:
    assert normalise(typed) == matched


def test_only_the_first_two_thousand_characters_are_looked_at() -> None:
    assert normalise("é" * 1_000_000) == "e" * 2000
    assert number("5" + " " * 2000 + "6") == 5


@given(TYPED)
@example("ŉ ﷺ İ ǰ ͅα ΐ")
@example("ᄀ\u00adᅡ")
@example("\ud800")
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert once == " ".join(once.split())


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        # by number
        ("1", 0),
        (" 2. ", 1),
        ("02", 1),
        ("٢", 1),
        ("२", 1),
        ("２", 1),
        ("②", 1),
        ("²", 1),
        ("፪", 1),
        ("2️⃣", 1),
        ("\u200f2\u200f", 1),
        ("0", UNKNOWN),
        ("5", UNKNOWN),
        ("-", UNKNOWN),
        ("፲", UNKNOWN),
        ("0001555", UNKNOWN),
        ("9" * 5000, UNKNOWN),
        ("1 " * 1000, UNCLEAR),
        ("1 3", UNCLEAR),
        ("1,3", UNCLEAR),
        ("13", UNKNOWN),
        ("1 or 2", UNCLEAR),
        # by label, in any language of the poll
        ("north", 0),
        ("NORTH", 0),
        ("ｎｏｒｔｈ", 0),
        ("kusini", 1),
        ("الشمال", 0),
        ("شمال", 0),
        ("الشَّمَال", 0),
        ("الشـمال", 0),
        ("بحيرات", 2),
        ("ሰሜን", 0),
        ("ሠሜን", 0),
        ("ሀይቆች", 2),
        ("élevées", 3),
        ("ELEVEES", 3),
        ("nyanda za juu", 3),
        # by a part
        ("high", 3),
        ("nyanda", 3),
        ("in the north", 0),
        ("North, please", 0),
        ("في الشمال", 0),
        ("no", UNKNOWN),
        ("h", UNKNOWN),
        ("north and south", UNCLEAR),
        ("north or sout", UNCLEAR),
        # misspelt
        ("Norht", 0),
        ("nrth", 0),
        ("Soutth", 1),
        ("higlands", 3),
        ("kaskazni", 0),
        ("Nouth", UNCLEAR),
        ("nxxth", UNKNOWN),
        ("east", UNKNOWN),
        # a number beside words
        ("2 south", 1),
        ("2) South", 1),
        ("2 suoth", 1),
        ("2 thanks", 1),
        ("south 2", 1),
        ("2 north", UNCLEAR),
        ("north 2", UNCLEAR),
        ("2 not south", UNCLEAR),
        # negations
        ("not north", UNKNOWN),
        ("north not", UNKNOWN),
        ("sio kaskazini", UNKNOWN),
        ("ليس الشمال", UNKNOWN),
        ("except north", UNKNOWN),
        ("isn't north", UNKNOWN),
        ("", UNKNOWN),
        ("\u200b", UNKNOWN),
        ("👍", UNKNOWN),
    ],
)
def test_one_option(typed: str, found: int | Miss) -> None:
    assert PLACES.one(typed) == found


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("no papers", 4),
        ("no paper", 4),
        ("no papres", 4),
        ("papers", UNKNOWN),  # without its negation it says the opposite
        ("لا وثائق", 4),
        ("hakuna", 4),
        ("not water", UNKNOWN),
        ("no water", UNKNOWN),
    ],
)
def test_a_label_with_a_negation_needs_it(typed: str, found: int | Miss) -> None:
    assert NEEDS.one(typed) == found


def test_the_article_may_be_there_where_the_label_has_none() -> None:
    assert Options([["مياه"], ["طرق"]]).one("المياه") == 0


def test_a_word_of_two_options_is_unclear() -> None:
    options = Options([["Land", "Haki"], ["Justice", "haki"]])
    assert options.one("haki") is UNCLEAR
    assert options.one("2") == 1


def test_a_number_that_begins_another_label_is_unclear() -> None:
    options = Options([["None"], ["One"], ["2 or more"]])
    assert options.one("2 or more") == 2
    assert options.one("2 or mor") is UNCLEAR


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("1 3", [0, 2]),
        ("1,3", [0, 2]),
        ("1, 3.", [0, 2]),
        ("13", [0, 2]),
        ("3 1 3", [0, 2]),
        ("1/3", [0, 2]),
        ("1+3", [0, 2]),
        ("1 and 3", [0, 2]),
        ("1\n3", [0, 2]),
        ("١، ٣", [0, 2]),
        ("١٣", [0, 2]),
        ("፩፣፫", [0, 2]),
        ("①③", [0, 2]),
        ("water", [0]),
        ("water and roads", [0, 3]),
        ("water, roads", [0, 3]),
        ("Health care; maji", [0, 1]),
        ("health care roads", [1, 3]),
        ("water schols", [0, 2]),
        ("want watr and roads", UNKNOWN),
        ("water, 3", [0, 2]),
        ("الماء والطرق", [0, 3]),
        ("ماء وطرق", [0, 3]),
        ("الماء و الطرق", [0, 3]),
        ("no papers, water", [0, 4]),
        ("water, not roads", UNKNOWN),
        ("water not roads", UNKNOWN),
        ("16", UNKNOWN),
        ("1 6", UNKNOWN),
        ("0", UNKNOWN),
        ("", UNKNOWN),
        (",,,", UNKNOWN),
        ("and", UNKNOWN),
        ("1 " * 1000, [0]),
    ],
)
def test_several_options(typed: str, found: list[int] | Miss) -> None:
    assert NEEDS.many(typed) == found


def test_thirteen_is_one_option_where_there_are_thirteen() -> None:
    options = Options([[f"choice {letter}"] for letter in string.ascii_lowercase[:13]])
    assert options.many("13") == [12]
    assert options.many("1 3") == [0, 2]
    assert options.many("14") is UNKNOWN
    assert Options([[f"choice {letter}"] for letter in string.ascii_lowercase[:10]]).many("13") is UNKNOWN


def test_a_label_may_hold_what_separates() -> None:
    options = Options([["Food, clothes"], ["Clothes"]])
    assert options.many("food, clothes") == [0]
    assert options.many("2") == [1]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("25", 25),
        ("25 years", 25),
        ("I am 25.", 25),
        ("٢٥", 25),
        ("२५", 25),
        ("２５", 25),
        ("㉕", 25),
        ("፭", 5),
        ("5️⃣", 5),
        ("1,000", 1000),
        ("1.000", 1000),
        ("1 000", 1000),
        ("1\u00a0000", 1000),
        ("1٬000", 1000),
        ("1,000,000", 1_000_000),
        ("2,5", 2.5),
        ("2.5", 2.5),
        ("٢٫٥", 2.5),
        (".5", 0.5),
        ("0.500", 0.5),
        ("-3", -3),
        ("−3", -3),
        ("age-25", 25),
        ("no.5", 5),
        ("3 to 5", None),
        ("3-5", None),
        ("1 2", None),
        ("1.2.3", None),
        ("1,000.50", None),
        ("1/2", None),
        ("½", None),
        ("2½", None),
        ("10²", None),
        ("፲፪", 12),
        ("፳፭", 25),
        ("፻", 100),
        ("፪፻፶", 250),
        ("፲፱፻፺፮ ዓመት", 1996),
        ("፲፪፼፴፬፻፶፮", 123_456),
        ("፼", 10_000),
        ("፩፪", None),  # these numerals have no places
        ("፻፻", None),
        ("1፪", None),
        ("Ⅳ", None),
        ("12:30", None),
        ("9" * 19, None),
        ("9" * 100_000, None),
        ("five", None),
        ("", None),
        ("²", 2),
        ("①", 1),
    ],
)
def test_a_number(typed: str, found: float | None) -> None:
    assert number(typed) == found


@given(TYPED)
@example("፩")
@example("²" * 40)
@example("1 " * 30)
@example("-" * 40)
def test_no_text_raises(text: str) -> None:
    for options in (PLACES, NEEDS, Options([]), Options([[""], ["?"]]), Options([["two"], ["b"]], NOT, AND, COUNTED)):
        one, many = options.one(text), options.many(text)
        assert isinstance(one, Miss) or 0 <= one < options.count
        assert isinstance(many, Miss) or (many and many == sorted(set(many)) and max(many) < options.count)
    for found in (number(text), number(text, COUNTED)):
        assert found is None or abs(found) < 10**18


@given(st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=9), st.data())
def test_a_label_or_a_number_finds_its_option(labels: list[str], data: st.DataObject) -> None:
    matched = [normalise(label) for label in labels]
    assume(len(set(matched)) == len(matched))
    assume(all(matched) and not any(map(str.isdecimal, matched)))
    options = Options([[label] for label in labels])
    index = data.draw(st.integers(0, len(labels) - 1))
    assert options.one(str(index + 1)) == index
    assert options.one(labels[index]) in (index, UNCLEAR)  # unclear only where it is another's without its article


LETTERS = "abcdenorsth"
WORDS = st.text(LETTERS, min_size=2, max_size=9)


def slips(word: str) -> set[str]:
    """Everything one slip away: a letter wrong, missing or extra, or two swapped."""
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    return (
        {head + tail[1:] for head, tail in cuts if tail}
        | {head + letter + tail for head, tail in cuts for letter in LETTERS}
        | {head + letter + tail[1:] for head, tail in cuts if tail for letter in LETTERS}
        | {head + tail[1] + tail[0] + tail[2:] for head, tail in cuts if len(tail) > 1}
    ) - {word}


@given(WORDS, st.data())
def test_a_slip_away_from_two_labels_is_never_taken_for_one(word: str, data: st.DataObject) -> None:
    other = data.draw(st.sampled_from(sorted(slips(word) | {w for s in sorted(slips(word))[:30] for w in slips(s)})))
    assume(other and other != word)
    options = Options([[word], [other]])
    between = (slips(word) & slips(other)) - {word, other, ""}
    assume(between)
    for typed in between:
        assert isinstance(options.one(typed), Miss), (word, other, typed)


@given(st.text(LETTERS, min_size=4, max_size=12), st.data())
def test_one_slip_is_forgiven_where_nothing_else_is_near(word: str, data: st.DataObject) -> None:
    typed = data.draw(st.sampled_from(sorted(slips(word))))
    assume(len(typed) >= 4)
    assert Options([[word], ["zzzzzzzzzzzz"]]).one(typed) == 0


@pytest.mark.parametrize(("length", "slack"), [(0, 0), (3, 0), (4, 1), (6, 1), (7, 2), (50, 2)])
def test_short_words_allow_no_slip(length: int, slack: int) -> None:
    assert allowance(length) == slack


def test_the_closest_of_names() -> None:
    assert closest("paece", {"peace": 0, "pulse": 1}) == 0
    assert closest("seas", {"sea": 0, "seat": 1}) is UNCLEAR
    assert closest("seaa", {"sea": 0}) is UNKNOWN
    assert closest("nouth", {"north": 0, "south": 0}) == 0
    assert closest("anything", {}) is UNKNOWN


COUNTED = {"one": 1, "two": 2, "three": 3, "five": 5, "mbili": 2, "ten": 10}
"""Number words as a catalogue gives them."""


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("two", 1),
        (" Two. ", 1),
        ("MBILI", 1),
        ("five", UNKNOWN),  # there are four
        ("two thanks", UNKNOWN),  # alone, or not at all
        ("not two", UNKNOWN),
        ("ten", 3),  # a part of a label
        ("three", UNCLEAR),  # the third, or "Three or more" in the first place
    ],
)
def test_a_number_word_alone_is_an_options_number(typed: str, found: int | Miss) -> None:
    options = Options([["Three or more"], ["Some"], ["None"], ["Ten camps"]], NOT, AND, COUNTED)
    assert options.one(typed) == found


def test_a_label_goes_before_a_number_word() -> None:
    assert Options([["Two"], ["One"]], numbers=COUNTED).one("one") == 1


@pytest.mark.parametrize("typed", ["one and three", "one, three", "three one", "1 na three"])
def test_several_number_words(typed: str) -> None:
    assert Options([["Water"], ["Roads"], ["Schools"]], NOT, AND, COUNTED).many(typed) == [0, 2]


@pytest.mark.parametrize(
    ("typed", "found"),
    [("five", 5), ("MBILI!", 2), ("twenty five", None), ("five years", None), ("2 or three", 2), ("", None)],
)
def test_a_number_word_counts_as_the_whole_text_only(typed: str, found: float | None) -> None:
    assert number(typed, COUNTED) == found
