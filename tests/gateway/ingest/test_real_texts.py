"""Real messages through an open question, where BARAZA_SHARED names a folder with them: each is stored as sent."""

from __future__ import annotations

import csv
import os
import warnings
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from channels.adapter import Inbound, Typed
from gateway.catalogues import load_catalogues
from gateway.ingest import handlers
from gateway.ingest.routing import Router
from gateway.ingest.rules import Rules
from gateway.store import schema
from gateway.store.keys import Vault
from surveys.engine import SurveyFlow
from surveys.load import load_survey
from tests.gateway.ingest.conftest import SMS, Gateway

POLL = """
name: needs
languages: [en]
title: {en: Needs}
sender: {en: A test}
keywords: {en: [NEEDS]}
consent: {version: "1", text: {en: Take part?}}
thanks: {en: Thank you.}
questions:
  - {id: needs, type: open, purpose: To know what is needed., text: {en: What do you need?}}
"""


def test_each_real_message_is_stored_as_it_was_sent(
    sqlite_engine: sa.Engine, vault: Vault, clock: Callable[[], datetime]
) -> None:
    shared = os.environ.get("BARAZA_SHARED")
    if not shared:
        warnings.warn("BARAZA_SHARED names no folder: the check on real messages did not run", stacklevel=1)
        pytest.skip("needs BARAZA_SHARED")
    with (Path(shared) / "data/sms/disaster_response_validation.csv").open(encoding="utf-8", newline="") as file:
        texts = [text for row in csv.DictReader(file) if (text := row["original"] or row["message"]).strip()]
    assert len(texts) > 2000
    survey = load_survey(POLL, "needs.yaml")
    catalogues = load_catalogues()
    router = Router({survey.name: SurveyFlow(survey, catalogues)}, catalogues)
    readers = {**handlers.READERS, "released": lambda *_of: ()}
    gateway = Gateway(sqlite_engine, vault, Rules(router, catalogues, handlers.HANDLERS, readers), clock)
    for step in ("NEEDS", "yes", ""):
        inbounds = [
            Inbound("tel", f"+9990001{who:05d}", Typed(step or text), provider_id=f"{step}{who}")
            for who, text in enumerate(texts)
        ]
        for start in range(0, len(inbounds), 50):
            gateway.intake.take(SMS, inbounds[start : start + 50])
    gateway.intake.close()
    assert gateway.count(schema.inbounds, schema.inbounds.c.error.is_not(None)) == 0
    content = sa.select(schema.inbounds.c.sealed_content).where(schema.inbounds.c.provider_id.regexp_match(r"^\d+$"))
    said = [vault.open_text(sealed, "inbound") for (sealed,) in gateway.rows(content.order_by(schema.inbounds.c.id))]  # type: ignore[arg-type]
    assert said == texts
    answers = gateway.rows(sa.select(schema.answers.c.sealed_text).order_by(schema.answers.c.id))
    answered = [vault.open_text(sealed, "answer") for (sealed,) in answers]  # type: ignore[arg-type]
    calls = [text for text in texts if text not in set(answered)]
    assert len(calls) <= 5, "messages that are a system word or a keyword as a whole"
    assert answered == [text for text in texts if text not in calls]
