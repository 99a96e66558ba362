"""A country's places with names in two scripts: which place a misspelt name finds.

The places and the slips are made by rule, so that they are nobody's and always the same. A name is two to four
syllables out of eighteen consonants and five vowels, drawn with a fixed seed, no two names less than three letters
apart; the Arabic one is the same syllables in Arabic letters. Each slip is one of those that people make on phones: a
letter left out, doubled, swapped with its neighbour, or replaced by one beside it on the keyboard; in half of the
cases of the Arabic name.
"""

from __future__ import annotations

import random

from rapidfuzz.distance import OSA

from surveys.gazetteer import Gazetteer, Place

PLACES, TYPED = 240, 400
CONSONANTS = dict(zip("bdfghjklmnrstwyz", "بدفغهجكلمنرستويز", strict=True)) | {"sh": "ش", "kh": "خ"}
VOWELS = dict(zip("aeiou", ("ا", "ي", "ي", "و", "و"), strict=True))
BESIDE = {
    "a": "sq",
    "b": "vn",
    "d": "sf",
    "e": "wr",
    "g": "fh",
    "i": "uo",
    "k": "jl",
    "l": "ko",
    "m": "n",
    "n": "bm",
    "o": "ip",
    "r": "et",
    "s": "ad",
    "t": "ry",
    "u": "yi",
    "ب": "يل",
    "ت": "نا",
    "ن": "مت",
    "ر": "ؤو",
    "و": "ةر",
    "س": "شي",
}


def names(draw: random.Random) -> tuple[str, str]:
    latin, arabic = "", ""
    for _ in range(draw.randint(2, 4)):
        consonant, vowel = draw.choice(sorted(CONSONANTS)), draw.choice(sorted(VOWELS))
        latin, arabic = latin + consonant + vowel, arabic + CONSONANTS[consonant] + VOWELS[vowel]
    return latin.capitalize(), arabic


def country(draw: random.Random) -> Gazetteer:
    """Districts, and the towns in them, each with a name in Latin and one in Arabic letters."""
    made: list[Place] = []
    while len(made) < PLACES:
        latin, arabic = names(draw)
        if len(arabic) >= 5 and all(
            OSA.distance(latin.lower(), one.names[""].lower()) > 2 and OSA.distance(arabic, one.names["ar"]) > 2
            for one in made
        ):
            parent = "" if len(made) < 20 else f"p{draw.randrange(20)}"
            made.append(Place(f"p{len(made)}", {"": latin, "ar": arabic}, (), parent, "town" if parent else "district"))
    return Gazetteer("made", made)


def slipped(name: str, draw: random.Random) -> str:
    at = draw.randrange(1, len(name))
    match draw.randrange(4):
        case 0:
            return name[:at] + name[at + 1 :]
        case 1:
            return name[:at] + name[at] + name[at:]
        case 2:
            at = min(at, len(name) - 2)
            return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
        case _:
            return name[:at] + draw.choice(BESIDE.get(name[at], "x")) + name[at + 1 :]


def test_the_place_that_was_meant_is_among_the_first_two_for_95_of_100_misspelt_names() -> None:
    draw = random.Random(20260501)
    places = country(draw)
    found = 0
    for number in range(TYPED):
        meant = draw.choice(list(places))
        typed = slipped(meant.names["ar" if number % 2 else ""], draw)
        offered = places.find(typed)
        first_two = (offered,) if isinstance(offered, Place) else offered[:2]
        found += meant in first_two
    assert len(places) == PLACES
    assert found / TYPED >= 0.95, f"{found} of {TYPED}"
