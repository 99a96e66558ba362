"""The house is held to its rules: rooms, lengths of files, words, and what is pinned."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("surveys", "channels", "analysis", "gateway")
LONGEST = 400
LONGEST_TEST = 500  # a table of cases reads best whole

# Files that are longer, and why that reads better than two.
LONGER = {
    "requirements.lock": "written by a program",
    "LICENSE": "a text of others",
}

# Words that the vocabulary (docs/developer/architecture.md) has another one for.
SYNONYMS = ("msisdn", "questionnaire", "enduser", "pollster", "webhook_handler")


def tracked(*suffixes: str) -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / line for line in listed.splitlines() if line.endswith(suffixes) and (ROOT / line).is_file()]


def in_rooms() -> list[Path]:
    files = [file for file in tracked(".py") if file.relative_to(ROOT).parts[0] in ROOMS]
    assert len(files) > 60
    return files


def test_rooms_keep_to_their_imports() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    assert re.search(r"Contracts: [1-9]\d* kept, 0 broken", done.stdout), done.stdout[-500:]
    looked_at = re.search(r"Analyzed (\d+) files", done.stdout)
    assert looked_at is not None
    assert int(looked_at[1]) >= len(in_rooms())


def test_files_are_about_one_thing() -> None:
    files = tracked(".py", ".html", ".css", ".js", ".md", ".lock", "LICENSE")
    assert len(files) > 100
    lengths = {str(file.relative_to(ROOT)): len(file.read_text().splitlines()) for file in files}
    limits = {name: LONGEST_TEST if name.startswith("tests/") else LONGEST for name in lengths}
    too_long = {name: length for name, length in lengths.items() if length > limits[name] and name not in LONGER}
    assert too_long == {}
    assert [name for name in LONGER if lengths.get(name, 0) <= LONGEST] in ([], ["LICENSE"])


def test_one_word_for_one_thing() -> None:
    found = [
        (str(file.relative_to(ROOT)), word)
        for file in in_rooms()
        for word in SYNONYMS
        if re.search(rf"\b\w*{word}\w*\b", file.read_text(), re.IGNORECASE)
    ]
    assert found == []


def test_modules_say_what_they_are() -> None:
    silent = [
        str(file.relative_to(ROOT))
        for file in in_rooms()
        if file.stat().st_size and not re.match(r'(#.*\n)*"""', file.read_text())
    ]
    assert silent == []


def test_ignores_carry_their_reason() -> None:
    """`noqa` and `type: ignore` name their rule; why stands behind it, or in a comment within the three lines above."""
    mark = re.compile(r"#\s*(?:noqa|type: ignore)")
    reason = re.compile(r"# noqa: [A-Z]+\d+(?:, ?[A-Z]+\d+)*\s+-\s+\w|# type: ignore\[[\w,-]+\]\s+#\s+\w")
    seen, bare = 0, []
    for file in in_rooms():
        lines = file.read_text().splitlines()
        for number, line in enumerate(lines):
            if mark.search(line):
                seen += 1
                above = any(before.strip().startswith("# ") for before in lines[max(0, number - 3) : number])
                if not (reason.search(line) or above):
                    bare.append(f"{file.relative_to(ROOT)}:{number + 1}")
    assert seen
    assert bare == []


def test_everything_installed_is_pinned_with_hashes() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    pins = re.findall(r"^([a-z0-9.-]+)(?:\[[\w,]+\])?==[^ ]+.*\\\n    --hash=sha256:[0-9a-f]{64}", lock, re.MULTILINE)
    assert len(pins) == len(re.findall(r"^[a-z0-9]", lock, re.MULTILINE)) > 50
    assert "://" not in lock
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = [*project["dependencies"], *project["optional-dependencies"]["dev"], "setuptools"]
    names = {re.split(r"[\[<>=;]", name)[0].lower().replace("_", "-") for name in needed}
    assert sorted(names - set(pins)) == []


def test_every_target_of_the_makefile_says_what_it_does() -> None:
    text = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z]+):", text, re.MULTILINE))
    assert {"demo", "test", "check", "bench", "faults", "lock"} <= targets
    assert targets == set(re.findall(r"^([a-z]+):.*## \w", text, re.MULTILINE))
