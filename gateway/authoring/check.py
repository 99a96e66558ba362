"""Everything that is wrong with polls and what belongs to them, at once, each with its place and mend.

    look(config) -> Folder                     what polls are held against, read once
    check(folder, files) -> Report             files, or all of the folder
    check_poll(source, file, folder, before)   one poll, as it is typed

Errors keep a poll from being opened; notes don't: a text without a translation, a limit that nothing is held against.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from channels.adapter import Channel
from gateway.authoring.costs import over_limits, unheld
from gateway.authoring.dialogues import read_dialogues
from gateway.authoring.folder import read_channels
from gateway.authoring.preview import ANYWHERE
from gateway.authoring.prices import FILE as PRICES
from gateway.authoring.prices import Prices, read_prices, unknown_channels
from gateway.catalogues import load_catalogues
from gateway.gazetteers import read_gazetteers
from gateway.polls import TESTS, poll_files
from surveys.clashes import clashes
from surveys.codebook import load_codebook
from surveys.engine import SurveyFlow
from surveys.gazetteer import Gazetteer
from surveys.load import load_survey, untranslated
from surveys.model import Survey
from surveys.problem import Problem, SurveyError, did_you_mean
from surveys.reader import read
from surveys.texts import Texts
from surveys.translation import without_catalogue
from surveys.xlsform.marks import to_write

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Folder:
    """What polls are held against. `named` are all channels of channels.yaml, `channels` those that are enabled.
    `problems` is what is wrong with it; what can't be read counts as empty."""

    config: Path
    texts: Texts
    gazetteers: Mapping[str, Gazetteer]
    codebooks: frozenset[str]
    channels: tuple[Channel, ...]
    named: frozenset[str]
    prices: Prices
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """What is to be said of one file. `survey` is None where it is no poll, or can't be used."""

    file: str
    survey: Survey | None
    errors: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """`folder` is what is wrong with what belongs to no poll: gazetteers, codebooks, channels, known, prices."""

    files: tuple[Checked, ...]
    folder: tuple[Problem, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        return (*self.folder, *(problem for one in self.files for problem in one.errors))

    @property
    def notes(self) -> tuple[Problem, ...]:
        return tuple(problem for one in self.files for problem in one.notes)


def look(config: Path) -> Folder:
    """Read what polls are held against."""
    problems: list[Problem] = []

    def kept(make: Callable[[], Read], otherwise: Read) -> Read:
        try:
            return make()
        except SurveyError as error:
            problems.extend(error.problems)
            return otherwise

    gazetteers, unread = read_gazetteers(config)
    problems += unread
    codebooks, unclear = _codebooks_in(config)
    problems += unclear
    none: tuple[tuple[Channel, ...], frozenset[str]] = ((), frozenset())
    channels, known = kept(lambda: read_channels(config), none)
    prices = kept(lambda: read_prices(config), Prices())
    if prices.rows and known:
        file = config / PRICES
        problems += unknown_channels(file.read_bytes(), str(file), dict.fromkeys(known))
    texts = load_catalogues(config)
    return Folder(config, texts, gazetteers, codebooks, channels, known, prices, tuple(problems))


def _codebooks_in(config: Path) -> tuple[frozenset[str], list[Problem]]:
    """The names of the codebooks; one that can't be read counts under its file's."""
    names: set[str] = set()
    problems: list[Problem] = []
    for path in sorted((config / "codebooks").glob("*.yaml")):
        try:
            names.add(load_codebook(path.read_bytes(), str(path)).name)
        except SurveyError as error:
            names.add(path.stem)
            problems += error.problems
    return frozenset(names), problems


def check(folder: Folder, files: Sequence[Path] = ()) -> Report:
    """Check these files; without any, all of the folder with all that belongs to them."""
    if not files:
        everything = tuple(_all(folder))
        return Report(everything, (*folder.problems, *_told(folder.config, everything, strays=True)))
    others = {path.resolve(): path for path in poll_files(folder.config / "surveys")}
    found = []
    for path in files:
        if path.name.endswith(TESTS):
            found.append(_tests(path))
            continue
        before = [loaded for key, other in others.items() if key != path.resolve() and (loaded := _load(other, folder))]
        found.append(check_poll(path.read_bytes(), str(path), folder, before))
        if (beside := path.with_name(path.stem + TESTS)).is_file() and beside not in files:
            found.append(_tests(beside))
    return Report(tuple(found), (*folder.problems, *_told(folder.config, found)))


def _told(config: Path, found: Iterable[Checked], *, strays: bool = False) -> Iterator[Problem]:
    """What is wrong with what is written of how these polls' results are told; `strays`: also with files of none."""
    if not (config / "results").is_dir():
        return
    from gateway.results.telling import wrong  # noqa: PLC0415 - loads what counts, and few have such files

    surveys = [one.survey for one in found if one.survey]
    names = {survey.name for survey in surveys}
    strays = strays and bool(names)
    yield from (one for one in wrong(config, surveys) if strays or Path(one.file).stem in names)


def check_poll(
    source: str | bytes, file: str, folder: Folder, before: Sequence[Survey], *, limits: bool = True
) -> Checked:
    """One poll. `before` are the polls that are there already: their keywords and answers come first. Without
    `limits` nobody walks through it to hold it against its own, which takes a second where it has any."""
    marked = to_write(source if isinstance(source, str) else source.decode("utf-8", "replace"), file)
    try:
        survey = load_survey(source, file, folder.gazetteers)
    except SurveyError as error:
        return Checked(file, None, tuple(sorted({*error.problems, *marked})))
    channels = folder.channels or ANYWHERE
    errors = [
        *marked,
        *_taken(survey, file, before),
        *clashes(survey, file, before, folder.texts),
        *_codebooks(survey, file, folder.codebooks),
        *_channels(survey, file, folder.named),
        *(over_limits(SurveyFlow(survey, folder.texts), channels, folder.prices, file) if limits else ()),
    ]
    notes = [
        *survey.notes,
        *untranslated(survey, file),
        *without_catalogue(survey, folder.texts, file),
        *unheld(survey, channels, folder.prices, file),
    ]
    return Checked(file, survey, tuple(sorted(set(errors))), tuple(sorted(set(notes))))


def _all(folder: Folder) -> Iterator[Checked]:
    before: list[Survey] = []
    surveys = folder.config / "surveys"
    for path in poll_files(surveys):
        checked = check_poll(path.read_bytes(), str(path), folder, before)
        if checked.survey is not None:
            before.append(checked.survey)
        yield checked
    for path in sorted(surveys.glob(f"*{TESTS}")):
        yield _tests(path)


def _tests(path: Path) -> Checked:
    poll = path.with_name(path.name.removesuffix(TESTS) + ".yaml")
    errors: tuple[Problem, ...] = ()
    try:
        read_dialogues(path.read_bytes(), str(path))
    except SurveyError as error:
        errors = error.problems
    if not poll.is_file():
        errors = (*errors, Problem(str(path), 1, 1, f"there is no poll {poll.name} that this tests; name it after one"))
    return Checked(str(path), None, errors)


def _load(path: Path, folder: Folder) -> Survey | None:
    try:
        return load_survey(path.read_bytes(), str(path), folder.gazetteers)
    except SurveyError:
        return None


def _taken(survey: Survey, file: str, before: Iterable[Survey]) -> Iterator[Problem]:
    if any(other.name == survey.name for other in before):
        message = f"another poll is named {survey.name} too; give this one its own name"
        yield read(survey.source, file).problem(("name",), message)


def _channels(survey: Survey, file: str, known: frozenset[str]) -> Iterator[Problem]:
    """Keywords for channels that channels.yaml does not have. Without that file nothing can be told."""
    missing = {name for one in survey.restrict.values() for name in one.channels} - known
    if not missing or not known:
        return
    document = read(survey.source, file)
    for path in document.values:
        if path[:1] == ("restrict",) and (name := str(document.at(path))) in missing:
            yield document.problem(path, f"there is no channel '{name}' in channels.yaml{did_you_mean(name, known)}")


def _codebooks(survey: Survey, file: str, known: frozenset[str]) -> Iterator[Problem]:
    """Questions whose codebook is not there."""
    missing = {question.codebook for question in survey.questions} - {"", *known}
    if not missing:
        return
    document = read(survey.source, file)
    for path in document.values:
        if path[-1:] == ("codebook",) and (name := document.at(path)) in missing:
            yield document.problem(path, f"there is no codebook '{name}'{did_you_mean(str(name), known)}")
