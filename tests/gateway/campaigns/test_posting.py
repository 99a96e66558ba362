"""Pieces in public channels: through Telegram's SDK to a server on this machine, each once."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from channels import registry
from gateway.campaigns import shelf
from gateway.campaigns.errors import CampaignError
from gateway.campaigns.media import pictures
from gateway.campaigns.posting import Post, post
from gateway.store.campaign_tables import channel_posts
from tests.channels.setups import SETUPS
from tests.channels.test_sending import running
from tests.gateway.campaigns import made
from tests.gateway.campaigns.conftest import BRIDGE, Town


def a_post(chat: str = "@tamaniforum", piece: str = "closed") -> Post:
    shown = BRIDGE.piece(piece)
    assert shown is not None
    link = f"https://polls.example.org/c/bridge/{piece}"
    return Post(BRIDGE, shown, "en", "telegram", chat, link, "Write to your representative: WRITE > @baraza_bot")


def test_a_piece_goes_into_a_channel_once_with_its_picture_and_the_way_to_act(town: Town) -> None:
    with town.engine.begin() as connection:
        shelf.keep_file(connection, "bridge", "bridge.png", pictures(made.jpeg()))
    setup = SETUPS["telegram"]
    with running(setup) as provider:
        adapter = registry.adapter(setup.channel(provider.url))
        post(town.engine, adapter, a_post(), lambda: town.now, "tests")
        with pytest.raises(CampaignError, match="was put there before"):
            post(town.engine, adapter, a_post(), lambda: town.now, "tests")
        post(town.engine, adapter, a_post(piece="ask"), lambda: town.now, "tests")
        photo, text = provider.taken
    assert (photo.address, text.address) == ("@tamaniforum", "@tamaniforum")
    assert photo.fields["photo"].endswith(" bytes")
    assert photo.text.startswith("Two banks, one road\n\n")
    assert photo.text.endswith("/c/bridge/closed\nWrite to your representative: WRITE > @baraza_bot")
    assert [row.status for row in town.all(channel_posts)] == ["sent", "sent"]


def test_what_is_no_public_channel_is_not_written_to(town: Town) -> None:
    setup = SETUPS["telegram"]
    with running(setup) as provider:
        adapter = registry.adapter(setup.channel(provider.url))
        with pytest.raises(CampaignError, match="no public channel"):
            post(town.engine, adapter, a_post("-100" + "123"), lambda: town.now, "tests")
        assert provider.heard == 0


def test_what_was_refused_may_be_tried_again_and_what_nobody_knows_may_not(town: Town) -> None:
    def states() -> list[str]:
        with town.engine.connect() as connection:
            return list(connection.scalars(sa.select(channel_posts.c.status)))

    setup = SETUPS["telegram"]
    with running(setup) as provider:
        adapter = registry.adapter(setup.channel(provider.url))
        post(town.engine, adapter, a_post(piece="ask"), lambda: town.now, "tests")
        assert states() == ["sent"]
        with town.engine.begin() as connection:
            connection.execute(sa.update(channel_posts).values(status="failed"))
        post(town.engine, adapter, a_post(piece="ask"), lambda: town.now, "tests")
        with town.engine.begin() as connection:
            connection.execute(sa.update(channel_posts).values(status="unknown"))
        with pytest.raises(CampaignError, match="may have been put there"):
            post(town.engine, adapter, a_post(piece="ask"), lambda: town.now, "tests")
        assert provider.heard == 2
