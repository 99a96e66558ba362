"""The demonstration's place: what phones and pages find in it."""

from __future__ import annotations

from gateway.coordination import groups, provisions, site
from gateway.demo.place import come_together
from gateway.store.database import reading
from tests.web.conftest import make_assembly

__all__ = ["make_assembly"]


def test_the_place_has_concerns_initiatives_a_coalition_and_an_agreement(
    make_assembly, tmp_path, sqlite_url, wrapping_key
) -> None:  # type: ignore[no-untyped-def]  # fixtures
    assembly = make_assembly()
    environment = {
        "BARAZA_CONFIG": str(tmp_path / "config"),
        "BARAZA_KEYS": wrapping_key,
        "BARAZA_KEY_FILE": str(tmp_path / "keys.json"),
        "DATABASE_URL": sqlite_url,
        "PUBLIC_BASE_URL": "http://localhost",
        "BARAZA_WEB_SIGNING": "a-signing-key-of-these-tests",
        **{f"BARAZA_PHONE_{kind}_HOOK_TOKEN": "token" for kind in ("SMS", "USSD", "CHAT")},
    }
    come_together(environment)
    with reading(assembly.engine) as connection:
        assert len(site.concerns_shown(connection)) == 3
        assert len(site.upcoming(connection, assembly.places, assembly.clock(), "garuna")) == 3
        (together,) = groups.public_coalitions(connection)
        assert len(together.groups) == 2
        assert [len(one.initiatives) for one in provisions.progress(connection)] == [1, 1]
