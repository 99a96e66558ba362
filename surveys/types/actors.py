"""Questions of an interview guide: which actor, how two are tied, what one thinks, has, wants."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from surveys.cast import INDIVIDUAL, KINDS, LONGEST_NAME, NOBODY, Cast
from surveys.flow import Draft, Value
from surveys.match import normalise
from surveys.prompt import Option, Prompt
from surveys.types.base import SKIPPED, Answer, More, Scene, Type, Understood, Wrong
from surveys.types.closed import ManyOf, OneOf
from surveys.types.words import Open

FEW = 9
"""So many actors are listed at once; of more, people write a part of the name."""


def cast_of(scene: Scene) -> Cast:
    found: Cast = scene.facts.get("actors", NOBODY)
    return found


class Actor(Type):
    """One actor: the code of one that is known, or [name, kind, reason] of one that is new.

    Where no names may be read, actors appear as their codes, and nobody new can be named. Who is near is listed by
    number and chosen, also where it is only one: nothing is taken for a name but a name in full. Needs the fact
    `actors`. The draft is {"of": codes, "typed": text} where somebody must be chosen, {"new": name} where it is asked
    what a new one is, with {"kind": "individual"} where it is asked why that one is mapped.
    """

    open: ClassVar[bool] = True
    steady: ClassVar[bool] = False
    needs: ClassVar[frozenset[str]] = frozenset({"actors"})

    def prompt(self, scene: Scene, draft: Draft = None) -> Prompt:
        question, language, say = self.question, scene.language, self.texts.say
        match draft:
            case {"new": name, "kind": _}:
                text = say("actor_reason", language, name=_plain(name))
                return Prompt(text, language, (), "", question.id, "text")
            case {"new": name}:
                text = say("actor_kind", language, name=_plain(name))
            case {"of": _}:
                text = say("which_one", language)
            case _:
                text = question.text[language]
        options = [label for _, label in self.options(scene, draft)]
        hint = "" if isinstance(draft, dict) else self.hint(scene)
        numbered = tuple(Option(str(number), label) for number, label in enumerate(options, 1))
        return Prompt(text, language, numbered, hint, question.id, "option" if isinstance(draft, dict) else "actor")

    def hint(self, scene: Scene) -> str:
        cast, question = cast_of(scene), self.question
        key = "hint_actor_code" if not cast.named else "hint_actor_new" if question.new else "hint_actor"
        return question.hint[scene.language] if question.hint else self.texts.say(key, scene.language)

    def options(self, scene: Scene, draft: Draft) -> list[tuple[Any, str]]:
        """What can be chosen by its number: what it means, and what is read."""
        cast, say, language = cast_of(scene), self.texts.say, scene.language
        match draft:
            case {"new": _, "kind": _}:
                return []
            case {"new": name}:
                return [([name, kind, ""], say(f"kind_{kind}", language)) for kind in KINDS]
            case {"of": codes, "typed": typed}:
                found = [(code, _plain(cast.called(code))) for code in codes if cast.get(code)]
                new = [({"new": typed}, say("actor_new", language, name=_plain(typed)))] if self.is_new(scene) else []
                return [*found, *new, ("", say("none_of_these", language))]
        few = [one for one in cast.known if one.code not in self.taken(scene)]
        listed = [(one.code, _plain(cast.called(one.code))) for one in few] if len(few) <= FEW else []
        skip = [] if self.question.required else [(None, say("no_more" if self.question.apart else "skip", language))]
        return [*listed, *skip]

    def is_new(self, scene: Scene) -> bool:
        return self.question.new and cast_of(scene).named

    def taken(self, scene: Scene) -> set[str]:
        """Who was named before in answer to questions that want somebody else: codes, and new ones as matched."""
        values = [scene.answers.get(name) for name in self.question.apart]
        return {normalise(value[0]) if isinstance(value, list) else str(value) for value in values if value}

    def skips(self, text: str) -> bool:
        return super().skips(text) or (not self.question.required and self.texts.means(text, "done"))

    def read(self, text: str, scene: Scene, draft: Draft = None) -> Understood:
        options = self.options(scene, draft)
        key = normalise(text)
        if isinstance(draft, dict) and "kind" in draft:
            reason = text.strip()
            return Answer([draft["new"], draft["kind"], reason]) if reason else Wrong("wrong_text", {})
        labels = [normalise(label) for _, label in options]
        place = int(key) if key.isdecimal() and len(key) < 3 else labels.index(key) + 1 if key in labels else 0
        if 1 <= place <= len(options):
            return self.chosen(options[place - 1][0], scene)
        if place or (isinstance(draft, dict) and "new" in draft):
            return Wrong("wrong_option", {"last": len(options)})
        return self.named(text, scene)

    def press(self, key: str, scene: Scene, draft: Draft = None) -> Answer | More | None:
        options = self.options(scene, draft)
        if not key.isdecimal() or not 1 <= int(key) <= len(options):
            return None
        found = self.chosen(options[int(key) - 1][0], scene)
        return None if isinstance(found, Wrong) else found

    def chosen(self, value: Any, scene: Scene) -> Answer | More | Wrong:
        match value:
            case None:
                return SKIPPED
            case "":
                return More(None)
            case {"new": _}:
                return More(value)
            case [name, kind, ""] if kind == INDIVIDUAL:
                return More({"new": name, "kind": kind})
        return self.other_than(value, scene)

    def named(self, text: str, scene: Scene) -> Understood:
        cast, typed = cast_of(scene), " ".join(text.split())
        if code := cast.exactly(typed):
            return self.other_than(code, scene)
        near = cast.near(typed, self.taken(scene))
        if len(typed) > LONGEST_NAME:
            return Wrong("too_long", {"maximum": LONGEST_NAME})
        if near or (self.is_new(scene) and normalise(typed)):
            return More({"of": near, "typed": typed})
        return Wrong("wrong_actor" if cast.named else "wrong_actor_code", {})

    def other_than(self, value: Value, scene: Scene) -> Answer | Wrong:
        same = normalise(value[0]) if isinstance(value, list) else value
        return Wrong("actor_twice", {}) if same in self.taken(scene) else Answer(value)

    def admit(self, value: Value, scene: Scene) -> Answer | None:
        match value:
            case str():
                found = cast_of(scene).get(value) is not None
            case [name, kind, reason]:
                found = self.is_new(scene) and bool(normalise(name)) and len(name) <= LONGEST_NAME
                found = found and kind in KINDS and (bool(reason.strip()) or kind != INDIVIDUAL)
            case _:
                found = False
        admitted = self.other_than(value, scene) if found else None
        return admitted if isinstance(admitted, Answer) else None

    def show(self, value: Value, language: str) -> str:
        return value[0] if isinstance(value, list) else str(value)

    def told(self, value: Value, scene: Scene) -> str:
        return cast_of(scene).called(value)


class _Recalling(Type):
    """Says what the same reporter said last time, where names may be read."""

    steady: ClassVar[bool] = False
    needs: ClassVar[frozenset[str]] = frozenset({"actors"})

    def prompt(self, scene: Scene, draft: Draft = None) -> Prompt:
        asked = super().prompt(scene, draft)
        last = self.last(scene)
        said = self.texts.say("last_time", scene.language, said=_plain(last)) if last else ""
        return replace(asked, hint="\n".join(filter(None, (asked.hint, said))))

    def last(self, scene: Scene) -> str:
        report, cast = self.question.report, cast_of(scene)
        if report is None or not cast.named:
            return ""
        named = [scene.answers.get(name) for name in (report.actor, report.other) if name]
        value = cast.last.get((report.kind, report.about, *map(str, named)))
        return self.show(value, scene.language) if value else ""


class Tie(_Recalling, OneOf):
    """The type of a tie, none, or unknown."""


class Attitude(_Recalling, OneOf):
    """From support to oppose, or unknown."""


class Power(ManyOf):
    """The kinds of power that an actor has."""


class Remark(_Recalling, Open):
    """What an actor wants, needs, fears or holds dear, in words."""


def _plain(text: str) -> str:
    """A name that came from people is no template."""
    return text.translate(_NO_HOLES)


_NO_HOLES = str.maketrans("{}", "()")
