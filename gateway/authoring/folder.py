"""What an author's folder holds besides polls: the channels, without their secrets."""

from __future__ import annotations

from pathlib import Path

from channels.adapter import Channel
from gateway.settings import ChannelsFile
from surveys.problem import SurveyError
from surveys.reader import read
from surveys.validate import Findings, validate


def read_channels(config: Path) -> tuple[tuple[Channel, ...], frozenset[str]]:
    """The enabled channels, and the names of all. None where there is no channels.yaml. Raises SurveyError."""
    path = config / "channels.yaml"
    if not path.is_file():
        return (), frozenset()
    findings = Findings(read(path.read_bytes(), str(path)))
    file = validate(ChannelsFile, findings)
    if file is None or findings.problems:
        raise SurveyError(findings.problems)
    channels = tuple(
        Channel(
            name, one.adapter, one.medium, one.sender, screen=one.screen, start=one.start, language=one.language or ""
        )
        for name, one in file.channels.items()
        if one.enabled
    )
    return channels, frozenset(file.channels)
