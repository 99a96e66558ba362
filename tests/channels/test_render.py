"""What a reply looks like on a phone: the examples read as screens, the properties hold for any text."""

from __future__ import annotations

import re

import pytest
import regex
from hypothesis import assume, given
from hypothesis import strategies as st

from channels.render import Button, Chat, button_data, capacity, chat, parse_button, screens, sms
from channels.text import Encoding, measure, plain, units
from surveys.prompt import Option, Prompt, Reply


def options(*labels: str) -> tuple[Option, ...]:
    return tuple(Option(str(number), label) for number, label in enumerate(labels, 1))


REGION = Prompt("Where do you live?", "en", options("North", "South", "East"), "Reply with a number.", "region")
SETTLE = Prompt(
    "Mazungumzo yatatue nini kwanza?",
    "sw",
    options(
        "Usalama barabarani na sokoni",
        "Maji na malisho kwa wafugaji na wakulima",
        "Wafungwa na watu waliopotea",
        "Kurudi nyumbani kwa waliokimbia",
        "Nyingine",
    ),
    "Jibu kwa nambari.",
    "settle",
)
ARABIC = Prompt(
    "ما الذي يجب أن تحسمه المحادثات أولاً؟",
    "ar",
    options("الأمن على الطرق", "المياه والمراعي", "المفقودون والمعتقلون", "عودة النازحين"),
    "أجب برقم.",
    "settle",
)


# SMS ----------------------------------------------------------------------------------------------------------------


def test_sms_in_one_segment() -> None:
    text = sms((Prompt("Thank you.", "en"), REGION))
    assert text.split("\n") == [
        "Thank you.",
        "Where do you live?",
        "1. North",
        "2. South",
        "3. East",
        "Reply with a number.",
    ]
    assert measure(text).segments == 1


def test_sms_is_plain_where_the_whole_of_it_gets_into_gsm_7() -> None:
    assert sms((Prompt("Ng’ombe wangapi…", "sw", options("‘Hakuna’")),)) == "Ng'ombe wangapi...\n1. 'Hakuna'"
    assert sms((Prompt("L’eau", "fr", options("Puits – forage")),)) == "L'eau\n1. Puits - forage"
    assert sms((Prompt("L’eau", "fr", options("Forêt – pâturage")),)) == "L’eau\n1. Forêt – pâturage"
    assert sms((Prompt("Asante 🙏", "sw"), Prompt("Ng’ombe", "sw"))) == "Asante 🙏\nNg’ombe"


def test_sms_of_two_languages_changes_no_letter() -> None:
    assert sms((Prompt("Welcome", "en"), Prompt("Bienvenue, Français", "fr"))) == "Welcome\nBienvenue, Français"


def test_a_label_that_says_no_more_than_its_key() -> None:
    scale = Prompt("How safe?", "en", (Option("1", "not at all"), Option("2", "2"), Option("3", "very")))
    assert sms((scale,)) == "How safe?\n1. not at all\n2\n3. very"


def test_nothing_said_is_nothing() -> None:
    assert sms(()) == ""
    assert screens((), 160, "more", "back") == ("",)
    assert chat(()) == ()


# USSD ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("septets", "characters"), [(160, 70), (182, 80), (184, 80), (80, 35)])
def test_capacity(septets: int, characters: int) -> None:
    assert capacity(septets, Encoding.GSM7) == septets
    assert capacity(septets, Encoding.UCS2) == characters


def test_a_reply_that_fits_is_one_screen() -> None:
    assert screens((REGION,), 160, "more", "back") == (sms((REGION,)),)
    full = Prompt("a" * 160, "en")
    assert screens((full,), 160, "more", "back") == ("a" * 160,)
    assert len(screens((Prompt("a" * 161, "en"),), 160, "more", "back")) == 2


def test_swahili_screens() -> None:
    assert [page.split("\n") for page in screens((SETTLE,), 160, "zaidi", "rudi")] == [
        [
            "Mazungumzo yatatue nini kwanza?",
            "1. Usalama barabarani na sokoni",
            "2. Maji na malisho kwa wafugaji na wakulima",
            "3. Wafungwa na watu waliopotea",
            "0 zaidi",
        ],
        ["4. Kurudi nyumbani kwa waliokimbia", "5. Nyingine", "Jibu kwa nambari.", "00 rudi"],
    ]


def test_arabic_screens() -> None:
    pages = screens((ARABIC,), 160, "المزيد", "رجوع")
    assert [page.split("\n") for page in pages] == [
        ["ما الذي يجب أن تحسمه المحادثات أولاً؟", "1. الأمن على الطرق", "0 المزيد"],
        ["2. المياه والمراعي", "3. المفقودون والمعتقلون", "0 المزيد", "00 رجوع"],
        ["4. عودة النازحين", "أجب برقم.", "00 رجوع"],
    ]
    assert all(len(page) <= 70 for page in pages)


def test_french_screens_break_between_words() -> None:
    consent = Prompt(
        "Sahel Paix demande ce que les pourparlers doivent régler. C’est gratuit. Le SMS n’est pas sûr. "
        "Vos réponses restent sans nom. Répondez STOP pour arrêter.",
        "fr",
        options("J’accepte", "Je refuse"),
    )
    assert [page.split("\n") for page in screens((consent,), 160, "suite", "retour")] == [
        ["Sahel Paix demande ce que les pourparlers doivent régler.", "0 suite"],
        ["C’est gratuit. Le SMS n’est pas sûr. Vos réponses", "0 suite", "00 retour"],
        ["restent sans nom. Répondez STOP pour arrêter.", "0 suite", "00 retour"],
        ["1. J’accepte", "2. Je refuse", "00 retour"],
    ]


def test_one_emoji_makes_every_page_ucs_2() -> None:
    pages = screens((Prompt("Asante " + "sana " * 30 + "🙏", "sw"),), 160, "zaidi", "rudi")
    assert len(pages) > 2
    assert all(units(page, Encoding.UCS2) <= 70 for page in pages)


def test_an_option_longer_than_a_screen_is_broken_between_words() -> None:
    long = Prompt("Q", "en", options("word " * 50, "short"))
    pages = screens((long,), 80, "more", "back")
    assert pages[0].startswith("Q\n1. word word")
    assert all(
        line in {"Q", "0 more", "00 back", "2. short"} or "word" in line for p in pages for line in p.split("\n")
    )


def test_a_number_stays_with_the_first_word_of_its_option() -> None:
    pages = screens((Prompt("abcdefghij", "en", options("a" * 15 + " b" * 99)),), 35, "more", "back")
    assert pages[:2] == ("abcdefghij\n0 more", "1. " + "a" * 15 + " b\n0 more\n00 back")


def test_the_words_for_more_and_back_count_in_the_encoding_too() -> None:
    pages = screens((Prompt("maji " * 40, "sw"),), 160, "المزيد", "رجوع")
    assert len(pages) == 4
    assert all(len(page) <= 70 for page in pages)


def test_a_screen_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="no room"):
        screens((SETTLE,), 15, "zaidi", "rudi")


words = st.text(st.sampled_from("abc é€ق́لَ क्ष🙏ሰ’"), min_size=1, max_size=30)
prose = st.one_of(
    st.lists(words, max_size=12).map(" ".join),
    st.lists(st.sampled_from(["maji", "usalama", "[x]", "a" * 200, "\n", "barabara"]), max_size=30).map(" ".join),
    st.lists(st.sampled_from(["👨‍👩‍👧‍👦", "क्षत्रिय", "مَرْحَبًا", "🇰🇪🇸🇩", "e\u0323\u0301"]), max_size=30).map("".join),
    st.text(max_size=200),
)
gsm_prose = st.lists(st.sampled_from(["maji", "usalama", "[x]", "€", "a" * 200, "\n", "ñandu"]), max_size=40).map(
    " ".join
)


def replies_of(texts: st.SearchStrategy[str]) -> st.SearchStrategy[Reply]:
    prompts = st.builds(
        Prompt,
        text=texts,
        language=st.sampled_from(["en", "sw", "fr", "ar"]),
        options=st.lists(texts.map(lambda label: label[:90]), max_size=12).map(lambda labels: options(*labels)),
        hint=texts,
        ask=st.just("settle"),
    )
    return st.lists(prompts, max_size=3).map(tuple)


replies = st.one_of(replies_of(gsm_prose), replies_of(prose))
limits = st.sampled_from([80, 120, 160, 182])


def body(page: str, number: int, pages: int) -> str:
    """A page without its lines for more and back, which it must have exactly where it should."""
    back, more = number > 0, number < pages - 1
    lines = page.split("\n")
    if back:
        assert lines.pop() == "00 rudi"
    if more:
        assert lines.pop() == "0 zaidi"
    return "\n".join(lines)


def squeezed(text: str) -> str:
    return text.replace(" ", "").replace("\n", "")


@given(replies, limits)
def test_every_screen_fits_and_no_character_is_lost(reply: Reply, septets: int) -> None:
    text, pages = sms(reply), screens(reply, septets, "zaidi", "rudi")
    encoding = measure(text).encoding
    bodies = [body(page, number, len(pages)) for number, page in enumerate(pages)]
    assert all(units(page, encoding) <= capacity(septets, encoding) for page in pages)
    assert squeezed("".join(bodies)) == squeezed(text)
    assert len(pages) == 1 or all(part.strip() for part in bodies)


@given(replies, limits)
def test_screens_tear_no_grapheme(reply: Reply, septets: int) -> None:
    text, pages = sms(reply), screens(reply, septets, "zaidi", "rudi")
    longest = max((units(c, Encoding.UCS2) for c in regex.findall(r"\X", text)), default=0)
    assume(longest < 19)  # the least a page of 80 septets has room for
    start = 0
    starts = {match.start() for match in regex.finditer(r"\X", text)}
    for number, page in enumerate(pages):
        part = body(page, number, len(pages))
        at = text.find(part, start)
        assert at in starts or not part
        assert not text[start:at].strip(" \n")
        start = at + len(part)


@given(st.lists(prose.map(lambda label: plain(" ".join(label.split())[:25], "sw")), max_size=30), limits)
def test_an_option_that_fits_a_page_is_on_one_with_its_number(labels: list[str], septets: int) -> None:
    reply = (Prompt("Mazungumzo yatatue nini kwanza?", "sw", options(*labels)),)
    text, pages = sms(reply), screens(reply, septets, "zaidi", "rudi")
    encoding = measure(text).encoding
    room = capacity(septets, encoding) - len("\n0 zaidi\n00 rudi")
    found = [line for number, page in enumerate(pages) for line in body(page, number, len(pages)).split("\n")]
    for line in text.split("\n")[1:]:
        assert units(line, encoding) > room or line.rstrip() in [one.rstrip() for one in found]


# Chats --------------------------------------------------------------------------------------------------------------


def test_chat_with_buttons() -> None:
    (message,) = chat((Prompt("Thank you.", "en"), REGION))
    assert message.text == "Thank you.\n\nWhere do you live?\nReply with a number."
    assert message.buttons == (
        (Button("1. North", "region:1"), Button("2. South", "region:2"), Button("3. East", "region:3")),
    )


def test_long_labels_have_a_row_each_and_the_text_lists_what_was_cut() -> None:
    long = Prompt(
        "Nini kwanza?", "sw", options("Maji", "Kurudi nyumbani kwa wote waliokimbia vita 👨‍👩‍👧‍👦", "Amani"), "", "q"
    )
    (message,) = chat((long,))
    assert [[button.label for button in row] for row in message.buttons] == [
        ["1. Maji"],
        ["2. Kurudi nyumbani kwa wote waliokimbia…"],
        ["3. Amani"],
    ]
    assert message.text.split("\n") == [
        "Nini kwanza?",
        "1. Maji",
        "2. Kurudi nyumbani kwa wote waliokimbia vita 👨‍👩‍👧‍👦",
        "3. Amani",
    ]


def test_a_scale_is_one_row_and_ten_options_are_two() -> None:
    scale = Prompt("?", "en", tuple(Option(str(n), str(n)) for n in range(1, 6)), "", "q")
    assert [len(row) for row in chat((scale,))[0].buttons] == [5]
    ten = Prompt("?", "en", tuple(Option(str(n), "") for n in range(1, 11)), "", "q")
    assert [len(row) for row in chat((ten,))[0].buttons] == [8, 2]


def test_a_chat_keeps_its_typography() -> None:
    assert chat((Prompt("Ng’ombe wangapi…\x07", "sw"),)) == (Chat("Ng’ombe wangapi…"),)


def test_more_options_than_buttons_are_listed() -> None:
    many = Prompt("Place?", "en", options(*(f"Place {n}" for n in range(1, 131))), "", "place")
    (message,) = chat((many,))
    assert sum(map(len, message.buttons)) == 100
    assert "130. Place 130" in message.text


def test_a_long_text_is_several_messages_and_the_last_has_the_buttons() -> None:
    messages = chat((Prompt("neno " * 1000, "sw", options("Ndiyo", "Hapana"), "", "q"),))
    assert [len(message.text) for message in messages] == [4094, 904]
    assert [len(message.buttons) for message in messages] == [0, 1]


@given(replies, st.sampled_from([50, 300, 4096]))
def test_chat_limits(reply: Reply, limit: int) -> None:
    messages = chat(reply, limit)
    assert all(len(message.text.encode("utf-16-le")) // 2 <= limit for message in messages)
    assert all(not message.buttons for message in messages[:-1])
    for message in messages[-1:]:
        buttons = [button for row in message.buttons for button in row]
        assert [parse_button(button.data) for button in buttons] == [("settle", o.key) for o in reply[-1].options]
        assert all(1 <= len(row) <= 8 for row in message.buttons)
        assert all(len(regex.findall(r"\X", button.label)) <= 40 for button in buttons)
        everything = squeezed("".join(one.text for one in messages))
        for button in buttons:
            number = re.escape(button.data.partition(":")[2])
            assert not button.label.endswith("…") or re.search(rf"{number}\.", everything)


@given(st.from_regex(r"[a-z][a-z0-9_.@/-]{0,39}", fullmatch=True), st.text(max_size=20))
def test_a_button_is_read_back(ask: str, key: str) -> None:
    assume(len(key.encode("utf-8", "surrogatepass")) <= 23)
    data = button_data(ask, key)
    assert len(data.encode()) <= 64
    assert parse_button(data) == (ask, key)


@pytest.mark.parametrize(("ask", "key"), [("a" * 41, "1"), ("région", "1"), ("a:b", "1"), ("a" * 40, "1" * 24)])
def test_what_does_not_fit_a_button_is_refused(ask: str, key: str) -> None:
    with pytest.raises(ValueError, match="button"):
        button_data(ask, key)


def test_a_button_of_somebody_else_is_no_error() -> None:
    assert parse_button("") == ("", "")
    assert parse_button("hello") == ("hello", "")
