from __future__ import annotations

import json
import os
import stat
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.store.keys import (
    KeyFileError,
    SealError,
    Vault,
    add_data_key,
    add_hmac_key,
    create_key_file,
    destroy,
    generate_wrapping_key,
    load_key_file,
    parse_wrapping_keys,
    rewrap,
)

VAULT = Vault("a key file", {1: bytes(32)}, {1: bytes(32)})


@pytest.fixture
def wrapping() -> tuple[bytes, ...]:
    return parse_wrapping_keys(generate_wrapping_key())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "secret" / "keys.json"


# Sealing ------------------------------------------------------------------------------------------------------------


@given(st.text(st.characters()), st.sampled_from(["address", "answer", "conversation"]))
def test_what_was_sealed_opens_as_it_was(text: str, purpose: str) -> None:
    sealed = VAULT.seal(text, purpose)
    assert VAULT.open_text(sealed, purpose) == text
    assert len(sealed) == 3 + 12 + len(text.encode("utf-8", "surrogatepass")) + 16


def test_half_a_surrogate_pair_is_kept() -> None:
    assert VAULT.open_text(VAULT.seal("\ud83d", "answer"), "answer") == "\ud83d"


def test_the_same_text_is_never_sealed_alike() -> None:
    assert len({VAULT.seal("1", "answer") for _ in range(1000)}) == 1000


def test_a_seal_opens_for_its_purpose_only() -> None:
    with pytest.raises(SealError, match="does not open as address"):
        VAULT.open(VAULT.seal("+254700000001", "answer"), "address")


@given(st.data())
def test_any_changed_bit_is_noticed(data: st.DataObject) -> None:
    sealed = bytearray(VAULT.seal("+254700000001", "address"))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(SealError) as refused:
        VAULT.open(bytes(sealed), "address")
    assert "2547" not in str(refused.value)


@given(st.integers(0, 40))
def test_what_was_cut_short_is_noticed(length: int) -> None:
    with pytest.raises(SealError):
        VAULT.open(VAULT.seal("+254700000001", "address")[:length], "address")


def test_a_fingerprint_finds_without_telling() -> None:
    found = VAULT.fingerprint("tel", "+254700000001")
    assert found == VAULT.fingerprint("tel", "+254700000001")
    others = [("tel", "+254700000002"), ("telegram", "+254700000001"), ("te", "l+254700000001")]
    assert len({found, *(VAULT.fingerprint(kind, value) for kind, value in others)}) == 4
    assert b"2547" not in found
    assert len(found) == 2 + 32


def test_threads_share_a_vault() -> None:
    def many(number: int) -> bool:
        return all(
            VAULT.open_text(VAULT.seal(f"{number}/{i}", "answer"), "answer") == f"{number}/{i}" for i in range(300)
        )

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(many, range(8))) == [True] * 8


# The key file -------------------------------------------------------------------------------------------------------


def test_a_new_key_file_is_private_and_holds_no_key_in_the_clear(path: Path, wrapping: tuple[bytes, ...]) -> None:
    vault = create_key_file(path, wrapping)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert files(path.parent) == ["keys.json"]
    document = json.loads(path.read_text())
    assert document["id"] == vault.file
    assert Counter(entry["kind"] for entry in document["keys"]) == {"data": 1, "hmac": 1}
    assert load_key_file(path, wrapping).open_text(vault.seal("yes", "answer"), "answer") == "yes"


def test_two_key_files_have_nothing_in_common(tmp_path: Path, wrapping: tuple[bytes, ...]) -> None:
    one, other = (create_key_file(tmp_path / name, wrapping) for name in ("one", "other"))
    assert one.file != other.file
    assert one.fingerprint("tel", "+254700000001") != other.fingerprint("tel", "+254700000001")
    with pytest.raises(SealError):
        other.open(one.seal("yes", "answer"), "answer")


def test_a_key_file_is_never_overwritten(path: Path, wrapping: tuple[bytes, ...]) -> None:
    create_key_file(path, wrapping)
    before = path.read_bytes()
    with pytest.raises(KeyFileError, match="is there already"):
        create_key_file(path, wrapping)
    assert path.read_bytes() == before
    assert files(path.parent) == ["keys.json"]


def damage(path: Path) -> None:
    path.write_text(path.read_text().replace('"format": 1', '"format": 9'))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        pytest.param(Path.unlink, "is missing: restore it", id="missing"),
        pytest.param(lambda path: path.chmod(0o640), r"mode 0640\): run chmod 600", id="readable by others"),
        pytest.param(lambda path: path.write_bytes(path.read_bytes()[:99]), "is damaged", id="cut short"),
        pytest.param(lambda path: path.write_text("[]"), "is damaged", id="something else"),
        pytest.param(damage, "is damaged", id="unknown format"),
    ],
)
def test_a_key_file_that_cannot_be_used_says_why(
    path: Path, wrapping: tuple[bytes, ...], spoil: object, said: str
) -> None:
    create_key_file(path, wrapping)
    spoil(path)  # type: ignore[operator] # a function of the table above
    with pytest.raises(KeyFileError, match=said) as refused:
        load_key_file(path, wrapping)
    assert one_sentence(str(refused.value))
    assert str(path) in str(refused.value)


def test_a_wrong_wrapping_key_is_told(path: Path, wrapping: tuple[bytes, ...]) -> None:
    create_key_file(path, wrapping)
    with pytest.raises(KeyFileError, match="No key in BARAZA_KEYS opens the key file") as refused:
        load_key_file(path, parse_wrapping_keys(generate_wrapping_key()))
    assert one_sentence(str(refused.value))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "BARAZA_KEYS holds no key."),
        (" , ", "BARAZA_KEYS holds no key."),
        ("short", "Key 1 in BARAZA_KEYS is not the urlsafe base64 of 32 bytes."),
        (f"{'A' * 43}=, not base64!", "Key 2 in BARAZA_KEYS is not the urlsafe base64 of 32 bytes."),
    ],
)
def test_wrapping_keys_that_are_none(text: str, said: str) -> None:
    with pytest.raises(KeyFileError) as refused:
        parse_wrapping_keys(text)
    assert str(refused.value) == said


def test_wrapping_keys_are_read_with_spaces_and_without_padding() -> None:
    key = generate_wrapping_key()
    assert len(parse_wrapping_keys(f" {key} , {key.rstrip('=')}")) == 2


# Rotation -----------------------------------------------------------------------------------------------------------


def test_a_new_data_key_seals_and_the_old_one_still_opens(path: Path, wrapping: tuple[bytes, ...]) -> None:
    before = create_key_file(path, wrapping)
    old = before.seal("yes", "answer")
    assert add_data_key(path, wrapping) == 2
    after = load_key_file(path, wrapping)
    new = after.seal("yes", "answer")
    assert (old[1:3], new[1:3]) == (b"\0\1", b"\0\2")
    assert after.open_text(old, "answer") == after.open_text(new, "answer") == "yes"
    assert after.file == before.file
    with pytest.raises(SealError, match="data key 2, which was not in the key file"):
        before.open(new, "answer")


def test_under_a_new_hmac_key_what_the_old_one_stored_is_found(path: Path, wrapping: tuple[bytes, ...]) -> None:
    stored = create_key_file(path, wrapping).fingerprint("tel", "+254700000001")
    assert add_hmac_key(path, wrapping) == 2
    vault = load_key_file(path, wrapping)
    newest, oldest = vault.fingerprints("tel", "+254700000001")
    assert newest == vault.fingerprint("tel", "+254700000001") != stored
    assert oldest == stored


def test_the_wrapping_key_can_be_rotated(path: Path, wrapping: tuple[bytes, ...]) -> None:
    sealed = create_key_file(path, wrapping).seal("yes", "answer")
    fresh = parse_wrapping_keys(generate_wrapping_key())
    rewrap(path, fresh + wrapping)
    assert load_key_file(path, fresh).open_text(sealed, "answer") == "yes"
    with pytest.raises(KeyFileError, match="No key in BARAZA_KEYS"):
        load_key_file(path, wrapping)


def test_a_rotation_that_is_killed_at_any_point_loses_no_key(path: Path, wrapping: tuple[bytes, ...]) -> None:
    """A child does it again and again and is killed each time; whatever it leaves opens with both wrapping keys."""
    sealed = create_key_file(path, wrapping).seal("yes", "answer")
    fresh = parse_wrapping_keys(generate_wrapping_key())
    for delay in range(12):
        child = os.fork()
        if child == 0:
            try:
                while True:
                    rewrap(path, fresh + wrapping)
                    add_data_key(path, wrapping + fresh)
            finally:
                os._exit(1)
        threading.Event().wait(0.002 * delay)
        os.kill(child, 9)
        os.waitpid(child, 0)
        assert load_key_file(path, fresh + wrapping).open_text(sealed, "answer") == "yes"
    rewrap(path, fresh + wrapping)
    assert load_key_file(path, fresh).open_text(sealed, "answer") == "yes"
    assert files(path.parent) == ["keys.json"]


def test_a_wrong_wrapping_key_changes_nothing(path: Path, wrapping: tuple[bytes, ...]) -> None:
    create_key_file(path, wrapping)
    before = path.read_bytes()
    for change in (rewrap, add_data_key, add_hmac_key):
        with pytest.raises(KeyFileError, match="No key in BARAZA_KEYS"):
            change(path, parse_wrapping_keys(generate_wrapping_key()))
    assert path.read_bytes() == before


def test_two_who_add_a_key_at_once_both_succeed(path: Path, wrapping: tuple[bytes, ...]) -> None:
    create_key_file(path, wrapping)
    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(lambda _: add_data_key(path, wrapping), range(8)))
    assert sorted(numbers) == list(range(2, 10))


# The wipe -----------------------------------------------------------------------------------------------------------


def test_destroying_leaves_nothing_of_the_keys(path: Path, wrapping: tuple[bytes, ...]) -> None:
    create_key_file(path, wrapping)
    path.with_name(".keys.json.0123456789abcdef").write_bytes(path.read_bytes())  # a change that was interrupted
    with path.open("rb") as still_open:
        before = still_open.read()
        assert destroy(path)
        still_open.seek(0)
        after = still_open.read()
    assert files(path.parent) == []
    assert len(after) == len(before)
    assert b"wrapped" not in after
    with pytest.raises(KeyFileError, match="is missing"):
        load_key_file(path, wrapping)


def test_destroying_what_is_not_there(path: Path) -> None:
    assert not destroy(path)


def files(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def one_sentence(text: str) -> bool:
    return text.endswith(".") and "\n" not in text
