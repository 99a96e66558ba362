"""The pages of the demonstration: everything side by side, live results, and the digest. They exist only there."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, abort, g, render_template
from markupsafe import Markup

from analysis import render
from analysis.findings import Digest
from analysis.render.language import language as speak
from analysis.render.words import summary
from channels.text import measure
from gateway.assembly import Assembly
from gateway.web import phones
from gateway.web.findings import Latest, digest_page, results_of, title_of
from gateway.web.pages import home, say
from surveys.model import Survey


@dataclass(frozen=True, slots=True)
class Poll:
    """A survey in the page's language. `keyword` starts it by text."""

    name: str
    title: str
    source: str


def blueprint(assembly: Assembly, latest: Latest) -> Blueprint:
    demo = Blueprint("demo", __name__)
    minimum = assembly.settings.minimum_cell

    def found(name: str) -> Survey:
        survey = assembly.polls.named(name)
        if survey is None:
            abort(404)
        return survey

    @demo.get("/")
    def page() -> str:
        polls = [
            Poll(one.name, one.title.get(g.language.code) or next(iter(one.title.values())), one.source)
            for one in assembly.polls.opened
        ]
        first = assembly.polls.opened[0]
        return render_template(
            "home.html",
            surveys=polls,
            results=Markup(results_of(first, latest(first), minimum)),  # noqa: S704 - rendered by Jinja, which escapes
            digest=Markup(_digest(first, latest(first))),  # noqa: S704 - as above
            minimum=minimum,
            **phones.context(assembly),
        )

    @demo.get("/results/<survey>")
    def results(survey: str) -> str:
        poll = found(survey)
        inner = Markup(results_of(poll, latest(poll), minimum, everything=True))  # noqa: S704 - as above
        return render_template(
            "results_page.html", title=title_of(poll), results=inner, home=home(), survey=poll, width="reading"
        )

    @demo.get("/results/<survey>/live")
    def results_fragment(survey: str) -> str:
        poll = found(survey)
        return results_of(poll, latest(poll), minimum)

    @demo.get("/results/<survey>/all")
    def results_all(survey: str) -> str:
        poll = found(survey)
        return results_of(poll, latest(poll), minimum, everything=True)

    @demo.get("/digest/<survey>")
    def digest(survey: str) -> Response:
        release = latest(found(survey))
        if release is None:
            abort(404)
        return digest_page(release)

    @demo.get("/digest/<survey>/short")
    def digest_fragment(survey: str) -> str:
        poll = found(survey)
        return _digest(poll, latest(poll))

    demo.add_url_rule("/", "home", page)
    return demo


def _digest(survey: Survey, release: Digest | None) -> str:
    words = speak(g.language.code)
    if release is None:
        return render_template("digest.html", survey=survey.name, release=None)
    sms = render.sms(release, g.language.code)
    size = measure(sms)
    return render_template(
        "digest.html",
        survey=survey.name,
        release=release,
        sms=sms,
        cost=say("{units} characters, {encoding}", units=size.units, encoding=size.encoding)
        + ", "
        + (say("1 SMS") if size.segments == 1 else say("{n} SMS", n=size.segments)),
        parts=[
            (words.say(heading), [sentence.text for sentence in sentences])
            for heading, sentences in summary(release, words).items()
        ],
    )
