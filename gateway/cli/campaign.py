"""baraza campaign: check what is written, put it out, take it back."""

from __future__ import annotations

import os
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from gateway import settings
from gateway.assembly import assemble
from gateway.campaigns import posting, shelf
from gateway.campaigns.errors import CampaignError
from gateway.campaigns.posting import Post
from gateway.catalogues import load_catalogues
from gateway.cli import output
from gateway.polls import load_polls
from gateway.store.database import reading
from gateway.store.opening import open_store
from surveys.keywords import Keywords, flow_keywords, survey_keywords, system_keywords
from surveys.problem import SurveyError

BY = "command line"


@click.group()
def campaign() -> None:
    """Check campaigns, put them out and take them back."""


@campaign.command()
@click.argument("name")
@output.as_json
def check(name: str, *, as_json: bool) -> None:
    """Say what is wrong with config/campaigns/NAME.yaml and its files, and what they come to."""
    config = Path(os.environ.get("BARAZA_CONFIG") or "config")
    try:
        one = shelf.read(config, name)
        made = shelf.files_of(config, one)
    except SurveyError as error:
        if as_json:
            output.data([asdict(problem) for problem in error.problems])
            raise SystemExit(1) from None
        raise
    rows = [
        (file, form.form, f"{len(form.content) // 1024 or 1} KiB") for file, forms in made.items() for form in forms
    ]
    if as_json:
        output.data({"name": one.name, "languages": one.languages, "files": rows})
        return
    output.table(rows)
    click.echo(f"{one.name}: {len(one.pieces)} pieces in {', '.join(one.languages)}; nothing is wrong.")


@campaign.command()
@click.argument("name")
def publish(name: str) -> None:
    """Put config/campaigns/NAME.yaml out, or its new version in the place of the old."""
    here = settings.load(os.environ)
    one = shelf.read(here.config, name)
    made = shelf.files_of(here.config, one)
    engine, texts = open_store(here).engine, load_catalogues(here.config)
    polls = (word for survey in load_polls(here.config, engine).opened for word in survey_keywords(survey))
    shelf.check_words(one, Keywords([*system_keywords(texts), *flow_keywords(texts), *polls]))
    with engine.begin() as connection:
        shelf.publish(connection, one, made, datetime.now(UTC), BY)
    click.echo(f"{name} is out: {here.public_base_url}/c/{name}")


@campaign.command()
@click.argument("name")
def withdraw(name: str) -> None:
    """Take a campaign back: nothing of it is shown any more."""
    with open_store(settings.load(os.environ)).engine.begin() as connection:
        if not shelf.withdraw(connection, name, datetime.now(UTC), BY):
            raise CampaignError(f"{name[:64]} is not out: `baraza campaign list` says what is.")
    click.echo(f"{name} was taken back.")


@campaign.command()
@click.argument("name")
@click.argument("piece")
@click.option("--to", "chat", required=True, metavar="@CHANNEL", help="The public channel; the bot must be its admin.")
@click.option("--channel", "through", default="telegram", show_default=True, help="The channel whose bot writes.")
@click.option("--language", default="", help="In which of its languages; the first one if not said.")
def post(name: str, piece: str, chat: str, through: str, language: str) -> None:
    """Put a PIECE of a campaign that is out into a public channel of a chat, once."""
    assembly = assemble(settings.load(os.environ), wake=lambda _: None)
    try:
        with reading(assembly.engine) as connection:
            one = shelf.find(connection, name)
        shown = one.piece(piece) if one is not None else None
        if one is None or shown is None:
            raise CampaignError(f"No piece {piece[:64]} of {name[:64]} is out: `baraza campaign list` says what is.")
        poster = assembly.adapters.get(through)
        if poster is None or poster.channel.adapter != "telegram":
            raise CampaignError(f"{through[:64]} is no channel of Telegram: name one with --channel.")
        if language and language not in one.languages:
            raise CampaignError(f"{name} is not in {language[:16]}: it is in {', '.join(one.languages)}.")
        spoken = language or one.languages[0]
        way = assembly.texts.say("campaign_read", spoken, text="", write=assembly.texts.word("write", spoken)).strip()
        link = f"{assembly.settings.public_base_url}/c/{name}/{piece}?language={spoken}"
        what = Post(one, shown, spoken, through, chat, link, f"{way} > @{poster.channel.sender.lstrip('@')}")
        posting.post(assembly.engine, poster, what, assembly.clock, BY)
    finally:
        assembly.close()
    click.echo(f"{piece} is in {chat}.")


@campaign.command("list")
@output.as_json
def list_(*, as_json: bool) -> None:
    """The campaigns that were ever out, and how they stand."""
    found = shelf.listed(open_store(settings.load(os.environ)).engine)
    if as_json:
        output.data([asdict(one) for one in found])
        return
    output.table((one.name, one.status, f"{one.changed_at:%Y-%m-%d %H:%M}", one.by) for one in found)
    if not found:
        click.echo("There is no campaign yet.")
