"""The public pages of coordination: what happens near a place, what people raise, and what became of it.

/here                    what is planned, near a place or anywhere
/here/concerns           what people raise, by support
/here/<code>             one initiative or concern, and how to take part

No script, no cookie; nothing tells who joined or supports.
"""

from __future__ import annotations

from flask import Blueprint, abort, g, render_template, request

from channels.adapter import Medium
from gateway.assembly import Assembly
from gateway.coordination import site
from gateway.coordination.concerns import in_language
from gateway.coordination.groups import kinds_behind
from gateway.store.database import reading
from gateway.web.groups import KINDS
from surveys.flows.coordination.effects import BAND
from surveys.flows.coordination.words import place_name, when
from surveys.gazetteer import Place


def blueprint(assembly: Assembly) -> Blueprint:
    here = Blueprint("here", __name__)
    settings = assembly.settings.coordination

    def shown(template: str, **values: object) -> str:
        language = g.language.code
        return render_template(
            template,
            text=lambda texts: in_language(texts, language),
            spoken=lambda texts: language if language in texts else next(iter(texts), language),
            where=lambda place: place_name(assembly.places, place, language),
            when=lambda at: when(at, language, settings.timezone),
            word=lambda meaning: assembly.texts.word(meaning, language),
            numbers=dict.fromkeys(
                channel.sender
                for channel in assembly.settings.channels.values()
                if channel.medium is Medium.SMS and channel.sender and channel.name in assembly.adapters
            ),
            width="reading",
            **values,
        )

    @here.before_request
    def there_is_coordination() -> None:
        if not settings.gazetteer:
            abort(404)

    @here.get("/here")
    def page() -> str:
        typed = request.args.get("place", "")[:200]
        found = assembly.places.get(typed) or (assembly.places.find(typed) if typed.strip() else ())
        near = found if isinstance(found, Place) else None
        several = () if isinstance(found, Place) else found
        with reading(assembly.engine) as connection:
            planned = site.upcoming(connection, assembly.places, assembly.clock(), near.id if near else "")
        labels = assembly.places.labels(several, g.language.code)
        return shown(
            "here.html",
            typed=near.name(g.language.code) if near else typed,
            near=near,
            several=list(zip(several, labels, strict=True)),
            unknown=bool(typed.strip()) and near is None and not several,
            planned=() if typed.strip() and near is None else planned,
        )

    @here.get("/here/concerns")
    def concerns() -> str:
        with reading(assembly.engine) as connection:
            raised = site.concerns_shown(connection)
        return shown("here_concerns.html", raised=raised, band=BAND)

    @here.get("/here/<code>")
    def one(code: str) -> str:
        with reading(assembly.engine) as connection:
            now = assembly.clock()
            initiative = site.initiative(connection, code, now)
            concern = None if initiative else site.concern_shown(connection, code)
            planned = site.serving(connection, code, now) if concern else []
            behind = kinds_behind(connection, code) if concern else []
        if initiative is None and concern is None:
            abort(404)
        return shown(
            "here_one.html",
            initiative=initiative,
            concern=concern,
            planned=planned,
            behind=behind,
            kinds=KINDS,
            band=BAND,
        )

    return here
