"""A cell never holds more than its limit, and is full when that many have completed: with real threads and processes'
worth of intakes, on both databases."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import sqlalchemy as sa

from gateway import lifecycle
from gateway.ingest.intake import Intake
from gateway.store.keys import Vault
from gateway.store.poll_tables import quota_cells, quota_places
from tests.conftest import Clock
from tests.gateway.life.conftest import Life, written


def quotas(*cells: tuple[str, str, int]) -> str:
    rows = "\n".join(f'  - {{id: {name}, when: "{when}", limit: {limit}}}' for name, when, limit in cells)
    return f"quotas:\n{rows}"


def taken(life: Life) -> list[int]:
    return [int(str(row[0])) for row in life.rows(sa.select(quota_cells.c.taken).order_by(quota_cells.c.cell))]


def test_a_full_cell_ends_kindly_and_others_go_on(life: Life) -> None:
    life.open(written(quotas=quotas(("north", "region == north", 1))))
    assert life.answers("1", who=1).startswith("Is there enough")
    said = life.answers("1", who=2)
    assert "Is there" not in said
    assert life.counts() == {"started": 1, "quota-full": 1}
    assert life.answers("2", who=3).startswith("Is there enough")
    assert "You have answered" in life.say("WATER", who=2)


def test_a_person_may_belong_to_many_cells_at_once(life: Life) -> None:
    life.open(written(quotas=quotas(*((f"cell{place}", "region == north", 1) for place in range(40)))))
    assert life.answers("1", who=1).startswith("Is there enough")
    assert taken(life) == [1] * 40


def test_a_place_comes_back_when_the_interview_is_not_completed_and_the_next_one_takes_it(life: Life) -> None:
    life.open(written("expires: 1h", quotas=quotas(("north", "region == north", 1))))
    life.answers("1", who=1)
    assert taken(life) == [1]
    life.clock.advance(hours=2)
    assert life.follow_up().run() == 1
    assert taken(life) == [0]
    assert life.answers("1", "yes", "3", who=2).startswith("Thank you")
    assert taken(life) == [1]
    life.clock.advance(hours=2)
    life.follow_up().run()
    assert taken(life) == [1]
    life.answers("1", who=3)
    assert life.counts() == {"break-off": 1, "completed": 1, "quota-full": 1}


def test_forgetting_gives_the_place_back(life: Life) -> None:
    life.open(written(quotas=quotas(("north", "region == north", 1))))
    life.answers("1", who=1)
    life.say("FORGET ME")
    life.say("yes")
    assert taken(life) == [0]
    assert life.counts() == {"break-off": 1}


def test_of_two_that_turn_out_to_be_one_person_the_later_gives_its_place_back(life: Life) -> None:
    life.open(written(quotas=quotas(("north", "region == north", 2))))
    for who in (1, 2):
        assert life.answers("1", "yes", "3", who=who).startswith("Thank you")
    code = life.say("LINK", who=1).split()[-1]
    assert life.say(f"LINK {code}", who=2).startswith("Done")
    assert taken(life) == [1]
    assert life.answers("1", "yes", "3", who=3).startswith("Thank you")


def test_a_fix_and_a_new_version_keep_the_counts_of_cells_that_stay_the_same(life: Life) -> None:
    cell = ("north", "region == north", 1)
    life.open(written(quotas=quotas(cell)))
    life.answers("1", "yes", "3", who=1)
    life.open(written(quotas=quotas(("north", "region  ==  north", 1)), enough="Is there any water?"))
    life.open(written(quotas=quotas(cell), more="  - {id: more, type: yes-no, text: Clean?, purpose: to know}"))
    life.answers("1", who=2)
    assert life.counts() == {"completed": 1, "quota-full": 1}
    # Another condition is another cell.
    life.open(written(quotas=quotas(("north", "region in (north, south)", 1))))
    assert life.answers("1", who=3).startswith("Is there")


def test_another_wave_has_places_of_its_own(life: Life) -> None:
    poll = written(quotas=quotas(("north", "region == north", 1)))
    life.open(poll)
    life.answers("1", "yes", "3", who=1)
    life.does(lifecycle.close)
    life.open(poll, invite="fresh")
    assert life.answers("1", "yes", "3", who=2).startswith("Thank you")


def test_three_hundred_people_at_once_and_exactly_the_limit_completes(life: Life) -> None:
    """Eight processes' worth of intakes; two cells that everybody needs, so that batches can meet in both orders."""
    cells = (("all", "region in (north, south)", 25), ("sure", "days >= 0", 25))
    life.open(written(quotas=quotas(*cells)))
    intakes = [life.intake_of_a_process() for _ in range(8)]
    lock = threading.Lock()
    ended: Counter[str] = Counter()

    def person(who: int) -> None:
        intake: Intake = intakes[who % len(intakes)]
        intake.patience = 120.0
        said = ""
        for text in ("WATER", "yes", "12"[who % 2], "yes", "3"):
            said = life.say(text, who, intake)
            if "?" not in said:
                break
        with lock:
            ended["thanked" if said.startswith("Thank you. Farewell") else "turned away"] += 1

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(person, range(300)))
    for intake in intakes:
        intake.close()
    assert ended == {"thanked": 25, "turned away": 275}
    assert life.counts() == {"completed": 25, "quota-full": 275}
    assert taken(life) == [25, 25]
    assert len(life.rows(sa.select(quota_places.c.conversation).distinct())) == 25


def test_a_batch_that_the_database_ends_for_a_deadlock_is_done_again(
    postgres_engine: sa.Engine, vault: Vault, clock: Clock, tmp_path: Path
) -> None:
    life = Life(postgres_engine, vault, clock)
    life.engine_config = tmp_path
    life.intake = life.intake_of_a_process()
    life.intake.patience = 60.0
    life.open(written(quotas=quotas(("one", "region == north", 9), ("two", "region in (north, south)", 9))))
    life.answers("1", who=1)
    life.answers(who=2)
    row = sa.update(quota_cells).values(taken=quota_cells.c.taken)
    with postgres_engine.begin() as other, ThreadPoolExecutor(1) as thread:
        other.execute(row.where(quota_cells.c.cell.startswith("one:")))
        said = thread.submit(life.say, "1", 2)  # has the first cell, and waits for the second
        waiting = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        while not other.scalar(waiting):
            pass
        other.execute(row.where(quota_cells.c.cell.startswith("two:")))  # the one who waited first is ended
        other.commit()
        assert said.result().startswith("Is there enough")
    life.intake.close()
    assert taken(life) == [2, 2]
