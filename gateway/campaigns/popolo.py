"""Representatives as Popolo has them (https://www.popoloproject.com/specs): persons, organizations, posts, memberships,
areas, contact details. Read from JSON, checked, and laid out as one row a membership.

    read_popolo(content, file, rules) -> rows      raises SurveyError with everything that is wrong

A membership names its person by `person_id`, and its post by `post_id` or its area by `area_id`; it may hold the things
themselves instead (`person`, `post`, `area`). Of contact details the membership's own come first, then the post's and
the person's; a mail address is preferred to a telephone that takes SMS (`cell`, `sms`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from channels.adapter import Malformed
from channels.numbers import Countries, e164
from channels.text import clean
from surveys.gazetteer import Gazetteer, Place
from surveys.problem import MAX_PROBLEMS, Problem, SurveyError, did_you_mean

MOST_BYTES = 20 * 1024 * 1024
LONGEST = 120
MAIL = re.compile(r"[^\s@<>\"',;:]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
SMS_TYPES = ("cell", "sms", "mobile")
COLLECTIONS = ("persons", "organizations", "posts", "areas")


@dataclass(frozen=True, slots=True)
class Rules:
    """What rows are held against: the gazetteer that their areas are places of, `country` of numbers written without
    one, and the countries that may be written to."""

    gazetteer: Gazetteer
    country: str
    countries: Countries


@dataclass(frozen=True, slots=True)
class Row:
    """One representative. `contact` is a mail address or a number, by `way` (mail, sms)."""

    code: str
    name: str
    post: str
    organization: str
    place: str
    area: str
    way: str
    contact: str = field(repr=False)


def read_popolo(content: bytes, file: str, rules: Rules) -> tuple[Row, ...]:
    reading = _Reading(_parsed(content, file), file, rules)
    rows = tuple(reading.rows())
    if not rows and not reading.problems:
        reading.add("memberships", "there is none: each representative is the membership of a person in a post")
    if reading.problems:
        raise SurveyError(reading.problems)
    return rows


def _parsed(content: bytes, file: str) -> Mapping[str, Any]:
    def refuse(message: str, line: int = 1, column: int = 1) -> SurveyError:
        return SurveyError([Problem(file, line, column, message)])

    if len(content) > MOST_BYTES:
        raise refuse("the file is larger than 20 MB")
    try:
        data = json.loads(content)
    except json.JSONDecodeError as error:
        raise refuse(f"this is not JSON: {error.msg.lower()}", error.lineno, error.colno) from None
    except (UnicodeDecodeError, RecursionError):
        raise refuse("this is not JSON in UTF-8") from None
    except ValueError:
        raise refuse("a number in it is longer than any can be") from None
    if isinstance(data, list):  # of memberships alone, as some services give them
        data = {"memberships": data}
    if not isinstance(data, dict):
        raise refuse("this is no Popolo: a map with `persons`, `posts`, `areas` and `memberships`")
    return data


class _Reading:
    def __init__(self, data: Mapping[str, Any], file: str, rules: Rules) -> None:
        self.file = file
        self.rules = rules
        self.problems: list[Problem] = []
        self.memberships = self.listed(data, "memberships")
        self.known = {
            name: {str(one.get("id", "")): one for one in self.listed(data, name) if isinstance(one, dict)}
            for name in COLLECTIONS
        }
        self.seen: set[str] = set()

    def add(self, where: str, message: str) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(self.file, 1, 1, f"{where}: {message}"))

    def listed(self, data: Mapping[str, Any], name: str) -> Sequence[Any]:
        found = data.get(name, [])
        if not isinstance(found, list):
            self.add(name, "it must be a list")
            return ()
        return found

    def rows(self) -> Iterator[Row]:
        for number, one in enumerate(self.memberships):
            where = f"memberships[{number}]"
            if not isinstance(one, dict):
                self.add(where, "it must be a map")
            elif row := self.row(where, one):
                yield row

    def row(self, where: str, one: Mapping[str, Any]) -> Row | None:
        before = len(self.problems)
        person = self.linked(where, one, "person", "persons")
        post = self.linked(where, one, "post", "posts", needed=False)
        organization = self.linked(where, {**post, **one}, "organization", "organizations", needed=False)
        area = self.linked(where, {**post, **one}, "area", "areas")
        place = self.place(where, area) if area else None
        way, contact = self.contact(where, (one, post, person))
        code = clean(str(one.get("id") or f"{person.get('id', '')}/{post.get('id', '') or area.get('id', '')}"))[:128]
        if code in self.seen:
            self.add(where, f"the id '{code[:60]}' is here twice; give each its own")
        self.seen.add(code)
        name = _text(person, "name") or " ".join(
            filter(None, (_text(person, key) for key in ("given_name", "family_name")))
        )
        if person and not name:
            self.add(where, "its person has no `name`")
        if len(self.problems) > before or place is None:
            return None
        title = _text(post, "label") or _text(one, "role") or _text(one, "label") or _text(post, "role")
        return Row(
            code,
            name,
            title,
            _text(organization, "name"),
            place.id,
            _text(area, "name") or place.name(""),
            way,
            contact,
        )

    def linked(
        self, where: str, one: Mapping[str, Any], key: str, collection: str, *, needed: bool = True
    ) -> Mapping[str, Any]:
        """What a membership refers to, or holds itself; {} for nothing."""
        held, name = one.get(key), one.get(f"{key}_id")
        if isinstance(held, dict):
            return held
        if name is None:
            if needed:
                self.add(where, f"`{key}_id` is missing")
            return {}
        found = self.known[collection].get(str(name))
        if found is None:
            mend = did_you_mean(str(name), self.known[collection])
            self.add(where, f"`{key}_id` names '{str(name)[:60]}', which is none of `{collection}`{mend}")
        return found or {}

    def place(self, where: str, area: Mapping[str, Any]) -> Place | None:
        """The place of the gazetteer that an area is: by its id, its identifier, else by its name."""
        gazetteer = self.rules.gazetteer
        for key in ("id", "identifier"):
            name = _text(area, key)
            if place := gazetteer.get(name):
                return place
            if name and (place := next((one for one in gazetteer if one.code == name), None)):
                return place
        name = _text(area, "name")
        found = gazetteer.find(name) if name else ()
        if isinstance(found, Place):
            return found
        if found:
            several = ", ".join(one.id for one in found[:4])
            self.add(where, f"its area '{name[:60]}' may be {several}: give the area one of these as its `id`")
        else:
            self.add(where, f"its area '{name[:60]}' is no place of the gazetteer {gazetteer.name}")
        return None

    def contact(self, where: str, holders: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
        details = [
            (str(detail.get("type", "")).lower(), str(detail.get("value", "")).strip())
            for holder in holders
            if isinstance(several := holder.get("contact_details"), list)
            for detail in several
            if isinstance(detail, dict)
        ]
        details += [("email", _text(holder, "email")) for holder in holders if _text(holder, "email")]
        for kind, value in details:
            if kind == "email":
                if MAIL.fullmatch(value) and len(value) <= 254:
                    return "mail", value
                self.add(where, "its mail address is none; write one such as name@example.org")
                return "", ""
        for kind, value in details:
            if kind in SMS_TYPES:
                return "sms", self.number(where, value)
        self.add(where, "there is no way to reach them: `contact_details` with a `type` of email or cell")
        return "", ""

    def number(self, where: str, value: str) -> str:
        """No number is repeated in a problem."""
        try:
            number = e164(value, self.rules.country)
        except Malformed:
            self.add(where, "its number is none; write it with its country code")
            return ""
        if number not in self.rules.countries:
            self.add(where, "its number is of a country that settings.yaml does not serve; see `countries`")
        return number


def _text(holder: Mapping[str, Any], key: str) -> str:
    value = holder.get(key)
    return clean(str(value)).strip()[:LONGEST] if isinstance(value, str | int) else ""
