"""Interviews that came as a file, as an operator takes them in."""

from __future__ import annotations

import json
import shutil
import subprocess
import uuid
from pathlib import Path
from typing import Any

import pytest

from gateway import settings
from gateway.lifecycle import open_poll
from gateway.polls import read_polls
from gateway.store import migrate
from gateway.store.database import connect
from gateway.store.envelopes import public_key
from gateway.store.opening import open_store
from tests import commands
from tests.gateway.ingest.sealing import sealed_to
from tests.opening import NOW

ROOT = Path(__file__).resolve().parents[3]


class Here:
    """A gateway with one open poll, and a phone that seals to it."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self.folder, self.environ = folder, environ
        engine = connect(environ["DATABASE_URL"])
        migrate.upgrade(engine)
        engine.dispose()
        store = open_store(settings.load(environ))
        drafts, _, _ = read_polls(folder / "config")
        self.survey = drafts[0]
        open_poll(store.engine, self.survey, NOW, "tests")
        with store.engine.begin() as connection:
            self.key = public_key(connection, store.vault, NOW)
        store.engine.dispose()

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        return commands.run(["survey", *words], self.folder, self.environ)

    def saved(self, *changes: dict[str, Any]) -> Path:
        """A file of a phone with an interview for each of these."""
        envelopes = []
        for change in changes:
            name = str(uuid.uuid4())
            content = {
                "format": 1,
                "id": name,
                "survey": self.survey.name,
                "hash": self.survey.hash,
                "wave": 1,
                "language": "en",
                "seed": 1,
                "consent": "no",
                "given": [],
                **change,
            }
            envelopes.append(json.loads(sealed_to(self.key, name, content).dumps()))
        file = self.folder / "saved.json"
        file.write_text(json.dumps({"format": "baraza interviews 1", "interviews": envelopes}))
        return file


@pytest.fixture
def here(tmp_path: Path, wrapping_key: str) -> Here:
    config = tmp_path / "config"
    (config / "surveys").mkdir(parents=True)
    shutil.copy(ROOT / "config" / "surveys" / "ussd_pulse.yaml", config / "surveys")
    (config / "settings.yaml").write_text("languages: [en, sw]\ncountry: KE\n")
    (config / "channels.yaml").write_text("channels: {web: {adapter: web, medium: web}}\n")
    environ = {
        "BARAZA_CONFIG": str(config),
        "BARAZA_KEYS": wrapping_key,
        "BARAZA_KEY_FILE": str(tmp_path / "keys.json"),
        "DATABASE_URL": f"sqlite:///{tmp_path}/baraza.db",
        "PUBLIC_BASE_URL": "https://polls.example.org",
        "BARAZA_WEB_SIGNING": "s" * 32,
    }
    return Here(tmp_path, environ)


def test_a_file_is_taken_once_however_often_it_comes(here: Here) -> None:
    file = here.saved({}, {}, {"hash": "0" * 12})
    first = here("import-interviews", str(file))
    assert first.returncode == 0, first.stderr
    assert first.stdout.splitlines()[0] == "2 taken, 1 put aside, 0 were here before."
    assert "this version of the poll is not known" in first.stdout
    again = json.loads(here("import-interviews", str(file), "--json").stdout)
    assert [one["status"] for one in again] == ["taken", "taken", "aside"]
    assert here("import-interviews", str(file)).stdout.startswith("0 taken, 0 put aside, 3 were here before.")


def test_what_came_is_listed_and_what_lies_aside_is_tried_again(here: Here) -> None:
    assert here("interviews").stdout == "No phone sent an interview yet.\n"
    here("import-interviews", str(here.saved({}, {"hash": "0" * 12})))
    listed = here("interviews").stdout
    assert f"ussd_pulse@{here.survey.hash}" in listed
    assert "aside, this version of the poll is not known (sent by command line" in listed
    assert here("interviews", "--again").stdout.startswith("0 taken, 1 put aside")
    assert [row["status"] for row in json.loads(here("interviews", "--json").stdout)] == ["taken", "aside"]


@pytest.mark.parametrize(
    "content", ["", "words", "[]", '{"format": "another", "interviews": []}', '{"interviews": [1]}']
)
def test_another_file_is_refused_in_one_sentence(here: Here, content: str) -> None:
    file = here.folder / "other.json"
    file.write_text(content)
    done = here("import-interviews", str(file))
    assert done.returncode == 1
    assert "is no file that the polling app saved" in done.stderr
    assert "Traceback" not in done.stderr
