"""The spool: what it says is stored is on disk, in order, sealed, and handed over once."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from gateway.store.keys import Vault
from gateway.store.spool import SEGMENT, UNREADABLE, Spool
from tests.conftest import find_program

Opened = Callable[[], Spool]


@pytest.fixture
def opened(tmp_path: Path, vault: Vault) -> Iterator[Opened]:
    """Opens the spool of one folder, as each process of a host does."""
    spools: list[Spool] = []

    def open_one() -> Spool:
        spools.append(Spool(tmp_path / "spool", vault))
        return spools[-1]

    yield open_one
    for spool in spools:
        spool.close()


def put(spool: Spool, *records: bytes) -> None:
    for done in [spool.put(record) for record in records]:
        done.result(30)


def replayed(spool: Spool) -> list[bytes]:
    found: list[bytes] = []
    assert spool.replay(found.extend) == len(found)
    return found


def segments(spool: Spool) -> list[Path]:
    return sorted(spool.folder.glob("*.spool"))


def test_what_was_put_comes_back_once_and_in_order(opened: Opened) -> None:
    spool = opened()
    assert not spool.holds()
    records = [f"record {number}".encode() for number in range(1000)]
    put(spool, *records)
    assert spool.holds()
    assert spool.size() > 0
    assert replayed(spool) == records
    assert not spool.holds()
    assert spool.size() == 0
    assert replayed(spool) == []


def test_processes_of_one_host_share_one_order(opened: Opened) -> None:
    one, other = opened(), opened()
    for number in range(50):
        put(one if number % 3 else other, str(number).encode())
    assert other.holds()
    assert [int(record) for record in replayed(other)] == list(range(50))
    assert not one.holds()


def test_it_lies_sealed_and_for_nobody_else(opened: Opened) -> None:
    spool = opened()
    put(spool, b"canary")
    assert b"canary" not in segments(spool)[0].read_bytes()
    assert segments(spool)[0].stat().st_mode & 0o077 == 0
    assert spool.folder.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("torn", [b"\0\0", b"\0\0\1\0half", b"\0" * 512])
def test_what_a_crash_left_half_written_is_cut_off(opened: Opened, torn: bytes) -> None:
    put(opened(), b"first")
    again = opened()
    with segments(again)[0].open("ab") as stream:
        stream.write(torn)
    put(again, b"second")
    assert replayed(again) == [b"first", b"second"]


def test_a_half_written_record_alone_is_nothing(opened: Opened) -> None:
    spool = opened()
    put(spool, b"first")
    with segments(spool)[0].open("ab") as stream:
        stream.write(b"\0\0\1\0half")
    assert replayed(spool) == [b"first"]
    assert not spool.holds()


def test_a_replay_that_fails_leaves_the_rest_and_what_it_did_not_finish(opened: Opened) -> None:
    spool = opened()
    put(spool, *(str(number).encode() for number in range(600)))
    seen: list[bytes] = []

    def act(records: Sequence[bytes]) -> None:
        if seen:
            raise RuntimeError
        seen.extend(records)

    with pytest.raises(RuntimeError):
        spool.replay(act)
    rest = replayed(opened())
    assert [int(record) for record in rest[-1:]] == [599]
    assert [*dict.fromkeys(seen + rest)] == [str(number).encode() for number in range(600)]


def test_what_comes_during_a_replay_is_replayed_behind_it(opened: Opened) -> None:
    spool, other = opened(), opened()
    put(spool, b"0")
    seen: list[bytes] = []

    def act(records: Sequence[bytes]) -> None:
        seen.extend(records)
        if len(seen) < 5:
            put(other, str(len(seen)).encode())

    assert spool.replay(act) == 5
    assert seen == [b"0", b"1", b"2", b"3", b"4"]
    assert not spool.holds()


def test_one_process_at_a_time_replays(opened: Opened) -> None:
    spool, other = opened(), opened()
    put(spool, b"0")
    others: list[int] = []
    spool.replay(lambda _: others.append(other.replay(lambda _: None)))
    assert others == [0]


def test_a_large_spool_goes_in_segments(opened: Opened) -> None:
    spool, other = opened(), opened()
    records = [bytes([number]) * (SEGMENT // 4) for number in range(12)]
    for number, record in enumerate(records):
        put(other if number % 5 == 4 else spool, record)
    assert len(segments(spool)) >= 3
    assert replayed(spool) == records


def test_a_record_of_another_key_is_kept_aside_and_its_neighbours_go_on(opened: Opened, tmp_path: Path) -> None:
    stranger = Spool(tmp_path / "spool", Vault("other", {1: bytes(32)}, {1: bytes(32)}))
    spool = opened()
    put(spool, b"before")
    put(stranger, b"lost for now")
    stranger.close()
    put(spool, b"after")
    assert replayed(spool) == [b"before", b"after"]
    assert (spool.folder / UNREADABLE).stat().st_size > 0
    assert not spool.holds()


def test_a_full_disk_is_told_and_leaves_what_was_stored(opened: Opened) -> None:
    """A limit on the size of files stands for the disk: the kernel writes as much as fits, and refuses the rest."""
    spool = opened()
    put(spool, b"first")
    size = segments(spool)[0].stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20, hard))
        with pytest.raises(OSError, match="File too large"):
            spool.put(b"x" * 100).result(30)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert segments(spool)[0].stat().st_size == size
    put(spool, b"second")
    assert replayed(spool) == [b"first", b"second"]


def test_many_threads_share_the_disk(opened: Opened) -> None:
    spool = opened()
    threads = [
        threading.Thread(target=put, args=(spool, *(f"{who}:{number}".encode() for number in range(50))))
        for who in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = [record.decode().split(":") for record in replayed(spool)]
    assert len(found) == 400
    for who in range(8):
        assert [int(number) for of, number in found if int(of) == who] == list(range(50))


PROCESS = """
import sys
from pathlib import Path
from gateway.store.keys import Vault
from gateway.store.spool import Spool

spool = Spool(Path("spool"), Vault("f", {1: bytes(32)}, {1: bytes(32)}))
for number in range(3):
    spool.put(b"x").result()
    sys.stdout.write(f"told {number}\\n")
    sys.stdout.flush()
"""


def test_it_is_on_disk_before_it_is_told(tmp_path: Path) -> None:
    """Safety 11, as the kernel sees it: an fsync returns between the last write of the record and the word of it."""
    trace = tmp_path / "trace"
    traced = [find_program("strace", "strace"), "-f", "-o", str(trace), "-e", "trace=pwrite64,fsync,write"]
    environ = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    subprocess.run([*traced, sys.executable, "-c", PROCESS], check=True, capture_output=True, cwd=tmp_path, env=environ)
    marks = ("pwrite64(", "fsync(", '"told')
    order = [mark for line in trace.read_text().splitlines() for mark in marks if mark in line]
    assert order.count('"told') == 3
    for place in (place for place, mark in enumerate(order) if mark == '"told'):
        last_write = max(number for number, mark in enumerate(order[:place]) if mark == "pwrite64(")
        assert "fsync(" in order[last_write:place]
