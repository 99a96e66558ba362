"""What pages show of results: the newest release of each poll; nothing is counted while somebody waits for a page."""

from __future__ import annotations

from analysis.findings import Digest
from gateway.assembly import Assembly
from gateway.results import newest
from gateway.results.quotes import with_quotes
from gateway.store.database import reading
from gateway.web.findings import Latest
from surveys.model import Survey


def latest(assembly: Assembly) -> Latest:
    def read(survey: Survey) -> Digest | None:
        with reading(assembly.engine) as connection:
            found = newest.latest(connection, survey.name)
            return found and with_quotes(connection, assembly.vault, survey, found)

    return read
