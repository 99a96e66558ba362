"""The web application. Outside the demo only the hooks, /s, the probes and the ways in answer who is not signed in."""

from __future__ import annotations

import gc
from typing import Any

from a2wsgi import WSGIMiddleware
from flask import Flask

from gateway.actors.seeing import Sight
from gateway.assembly import Assembly
from gateway.web import (
    access,
    account,
    actor_digest,
    actor_import,
    actor_names,
    actor_notes,
    actor_voices,
    actor_words,
    actors,
    agreement,
    broadcasts,
    campaign_results,
    campaigns,
    coding,
    composing,
    concerns,
    dashboard,
    do,
    drafting,
    form,
    groups,
    guard,
    here,
    initiatives,
    interviewing,
    keeping,
    life,
    live,
    moderation,
    operations,
    orders,
    outcomes,
    pages,
    polling,
    polls,
    probes,
    quotes,
    rehearsing,
    results,
    spaces,
    submissions,
    taking_part,
)
from gateway.web.desk import Desk
from gateway.web.hooks import Hooks
from gateway.web.texts import texts

LARGEST = 64 * 1024
"""Bytes of a request's body. The largest that a provider sends, a Telegram update, has some ten thousand."""


PAGE_THREADS = 8
"""Pages drawn at a time. They wait for the database; the hooks don't wait for them."""


def create_app(assembly: Assembly) -> Flask:
    """The application over these parts. Style sheets lie under /s, the one tree of pages that always answers."""
    settings = assembly.settings
    app = Flask(__name__, static_url_path="/s/static")
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST,
        MAX_FORM_MEMORY_SIZE=LARGEST,
        MAX_FORM_PARTS=200,
        HTTPS=settings.public_base_url.startswith("https:"),
    )
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    pages.prepare(app)
    csrf = guard.install(app, assembly.accounts, settings.proxies)
    app.register_blueprint(access.blueprint(assembly.accounts))
    app.register_blueprint(account.blueprint(assembly.accounts))
    app.register_blueprint(dashboard.blueprint(assembly))
    newest = live.latest(assembly)
    app.register_blueprint(results.blueprint(assembly, newest, actor_digest.more(assembly)))
    app.register_blueprint(outcomes.blueprint(assembly))
    app.register_blueprint(quotes.blueprint(assembly))
    app.register_blueprint(orders.blueprint(assembly))
    app.register_blueprint(moderation.blueprint(assembly))
    for coordinating in (submissions, concerns, initiatives, do, here, groups, agreement, spaces):
        app.register_blueprint(coordinating.blueprint(assembly))
    app.register_blueprint(coding.blueprint(assembly))
    sight = Sight(assembly.engine, assembly.vault)
    for of_the_map in (
        actors.blueprint(assembly, sight),
        actor_words.blueprint(sight),
        actor_voices.blueprint(assembly, sight, newest),
        actor_notes.blueprint(assembly, sight),
        actor_digest.blueprint(assembly),
        actor_names.blueprint(assembly),
        actor_import.blueprint(assembly),
    ):
        app.register_blueprint(of_the_map)
    app.register_blueprint(interviewing.blueprint(assembly))
    desk = Desk(assembly)
    app.register_blueprint(polls.blueprint(assembly, desk))
    app.register_blueprint(life.blueprint(assembly, desk))
    app.register_blueprint(drafting.blueprint(desk))
    app.register_blueprint(rehearsing.blueprint(desk))
    app.register_blueprint(broadcasts.blueprint(assembly))
    app.register_blueprint(operations.blueprint(assembly))
    app.register_blueprint(form.blueprint(assembly))
    app.register_blueprint(campaigns.blueprint(assembly))
    app.register_blueprint(campaign_results.blueprint(assembly))
    app.register_blueprint(composing.blueprint(assembly))
    app.register_blueprint(taking_part.blueprint(assembly))
    app.register_blueprint(keeping.blueprint(assembly))
    app.register_blueprint(polling.blueprint(assembly))
    app.register_blueprint(probes.blueprint(assembly))
    if settings.demo or settings.metrics_tokens:
        app.register_blueprint(probes.metrics(assembly))
    if settings.phones:
        from gateway.web import phones  # noqa: PLC0415 - in the demo only

        app.register_blueprint(phones.blueprint(assembly))
    if settings.demo:
        from gateway.web import demo  # noqa: PLC0415 - in the demo only

        app.register_blueprint(demo.blueprint(assembly, newest))
    for name in guard.OWN_PROOF:
        if name in app.blueprints:
            csrf.exempt(app.blueprints[name])
    guard.check(app)
    return app


def settle() -> None:
    """Once the parts of a web process are made: nobody who asks first waits for the texts of pages, and what lives as
    long as the process is not gone through for garbage while somebody waits."""
    texts()
    gc.freeze()


def create_server(assembly: Assembly) -> Hooks:
    """The whole web process as an ASGI application: the hooks, and the pages behind them in threads of their own."""
    pages: Any = create_app(assembly)  # the two libraries write WSGI's types differently
    settle()
    return Hooks(assembly.front, WSGIMiddleware(pages, workers=PAGE_THREADS), LARGEST)
