"""Reports move a message forward by rank, in whatever order they come; on both databases."""

from itertools import permutations

import pytest
import sqlalchemy as sa

from channels.adapter import Report, Sent, Status
from gateway.delivery import outbox, reports, settling
from gateway.store.schema import early_reports
from tests.gateway.delivery.parts import Outbox


def report(box: Outbox, *statuses: Status, provider_id: str = "p1", channel: str = "sms") -> None:
    with box.engine.begin() as connection:
        arrived = [Report(provider_id, status, error=status.name) for status in statuses]
        reports.apply_reports(connection, channel, arrived, box.clock())


def sent(box: Outbox) -> int:
    """A row that the provider took as "p1"."""
    (number,) = box.post()
    with box.engine.begin() as connection:
        (row,) = outbox.lease(connection, "sms", "one", box.clock(), 1, 60)
        settling.record(connection, "sms", "one", [settling.sent(row, Sent("p1"))], box.clock())()
    return number


def waiting(box: Outbox) -> int:
    with box.engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(early_reports)) or 0


@pytest.mark.parametrize("order", list(permutations([Status.SENT, Status.DELIVERED, Status.SENDING])))
def test_the_order_of_reports_does_not_matter(box: Outbox, order: tuple[Status, ...]) -> None:
    number = sent(box)
    for status in order:
        report(box, status)
    assert box.status(number) is Status.DELIVERED
    assert box.row(number).error == "DELIVERED"


def test_several_reports_at_once(box: Outbox) -> None:
    number = sent(box)
    report(box, Status.DELIVERED, Status.SENT)
    assert box.status(number) is Status.DELIVERED


def test_reports_belong_to_their_channel(box: Outbox) -> None:
    number = sent(box)
    report(box, Status.FAILED, channel="other")
    assert box.status(number) is Status.SENT
    assert waiting(box) == 1


def test_a_report_without_an_id_says_nothing(box: Outbox) -> None:
    report(box, Status.DELIVERED, provider_id="")
    assert waiting(box) == 0


def test_early_reports_wait_and_the_furthest_counts(box: Outbox) -> None:
    report(box, Status.DELIVERED, Status.SENT)
    assert waiting(box) == 2
    number = sent(box)
    assert box.status(number) is Status.DELIVERED
    assert waiting(box) == 0


def test_reports_that_missed_their_send_are_applied_later_and_old_ones_dropped(box: Outbox) -> None:
    number = sent(box)
    with box.engine.begin() as connection:
        connection.execute(
            sa.insert(early_reports),
            [
                {"channel": "sms", "provider_id": name, "status": Status.DELIVERED.value, "at": box.clock()}
                for name in ("p1", "nobody's")
            ],
        )
        reports.apply_stranded(connection, box.clock(), 60)
    assert (box.status(number), waiting(box)) == (Status.DELIVERED, 1)
    box.clock.advance(seconds=61)
    with box.engine.begin() as connection:
        reports.apply_stranded(connection, box.clock(), 60)
    assert waiting(box) == 0


def test_without_a_report_a_message_becomes_unreported_and_a_late_one_counts(box: Outbox) -> None:
    number = sent(box)
    for seconds, expected in ((59, Status.SENT), (2, Status.UNREPORTED)):
        box.clock.advance(seconds=seconds)
        with box.engine.begin() as connection:
            reports.mark_unreported(connection, "sms", box.clock(), 60)
        assert box.status(number) is expected
    report(box, Status.SENT)
    assert box.status(number) is Status.UNREPORTED
    report(box, Status.DELIVERED)
    assert box.status(number) is Status.DELIVERED


def test_any_report_settles_an_unknown_message(box: Outbox) -> None:
    (number,) = box.post(status=Status.UNKNOWN.value, provider_id="p1")
    report(box, Status.SENT)
    assert box.status(number) is Status.SENT


def test_a_report_with_our_own_id_brings_the_id_of_a_send_that_broke_off(box: Outbox) -> None:
    (number,) = box.post(status=Status.UNKNOWN.value)
    with box.engine.begin() as connection:
        for channel in ("other", "sms"):
            arrived = [Report("p1", Status.SENT, outbound=number)]
            reports.apply_reports(connection, channel, arrived, box.clock())
    assert box.status(number) is Status.SENT
    report(box, Status.DELIVERED)  # later ones need it no more
    assert box.status(number) is Status.DELIVERED
    assert waiting(box) == 1  # the other channel's


def test_a_report_with_our_own_id_does_not_rename_a_message(box: Outbox) -> None:
    number = sent(box)
    with box.engine.begin() as connection:
        reports.apply_reports(connection, "sms", [Report("p2", Status.FAILED, outbound=number)], box.clock())
    assert box.status(number) is Status.SENT
    assert box.row(number).provider_id == "p1"
