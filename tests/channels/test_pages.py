"""docs/channels holds what the adapters say of themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from channels import registry
from channels.adapter import Medium
from channels.africastalking import REFUSALS as AFRICASTALKING
from channels.twilio import REFUSALS as TWILIO

DOCS = Path(__file__).parents[2] / "docs" / "channels"
HEADINGS = ("## What it needs", "## Hooks", "## Limits", "## What was checked, and how")


def matrix() -> str:
    """What every adapter can do, as the table in docs/channels/README.md."""
    names = registry.names()
    known = [registry.capabilities(name) for name in names]
    events = sorted({event for one in known for event in one.events})
    kinds = sorted({kind for one in known for kind in one.carries})
    rows: list[list[str]] = [
        ["", *(f"[{name}]({name}.md)" for name in names)],
        ["---", *("---" for _ in names)],
        *([f"medium `{medium}`", *(_yes(medium in one.media) for one in known)] for medium in Medium),
        *([f"hook `{event}`", *(_yes(event in one.events) for one in known)] for event in events),
        *([f"chats take a {kind}", *(_yes(kind in one.carries) for one in known)] for kind in kinds),
        ["proved by", *("a signature or secret" if one.signed else "a token in the path" for one in known)],
        ["delivery reports", *(_yes(one.reports) for one in known)],
        ["address", *(f"`{one.address_kind}`" for one in known)],
        ["secrets", *(", ".join(f"`{secret}`" for secret in one.secrets) for one in known)],
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _yes(there: bool) -> str:
    return "yes" if there else ""


def test_the_matrix_is_what_the_adapters_say() -> None:
    assert matrix().count("\n") > 10
    assert matrix() in (DOCS / "README.md").read_text("utf-8"), f"the table should be:\n{matrix()}"


def test_pages_and_adapters_are_the_same() -> None:
    assert {page.stem for page in DOCS.glob("*.md")} - {"README"} == set(registry.names())


@pytest.mark.parametrize("name", registry.names())
def test_a_page_has_its_headings_and_hooks(name: str) -> None:
    page = (DOCS / f"{name}.md").read_text("utf-8")
    assert [heading for heading in HEADINGS if heading not in page.splitlines()] == []
    capabilities = registry.capabilities(name)
    for event in capabilities.events:
        assert any(f"{before}{event}{after}" in page for before in "/`" for after in "`? "), event
    for secret in capabilities.secrets:
        assert f"BARAZA_<CHANNEL>_{secret.upper()}" in page


def test_codes_are_described() -> None:
    pages = {name: (DOCS / f"{name}.md").read_text("utf-8") for name in ("africastalking", "twilio")}
    assert len(AFRICASTALKING) > 5
    assert [code for code in AFRICASTALKING if str(code) not in pages["africastalking"]] == []
    assert len(TWILIO) > 3
    assert [code for code in TWILIO if code not in pages["twilio"]] == []
