"""Keyword flows: one file each. Those here answer the system words, in every language and in any state."""

from __future__ import annotations

from collections.abc import Mapping

from surveys.flow import Flow
from surveys.flows.forget import ForgetMe
from surveys.flows.help import Help
from surveys.flows.language import Language
from surveys.flows.link import Link
from surveys.flows.mine import Mine
from surveys.flows.results import Results
from surveys.flows.start import Come
from surveys.flows.stop import Leave
from surveys.model import Survey
from surveys.texts import Texts


def system_flows(texts: Texts, surveys: tuple[Survey, ...], *, menu: bool = False) -> Mapping[str, Flow]:
    """The flow of each system word, by its meaning in the catalogues. `surveys` are the open ones and `menu` says that
    there are keyword flows, for HELP."""
    return {
        "stop": Leave(texts),
        "start": Come(texts),
        "help": Help(texts, surveys, menu=menu),
        "language": Language(texts, surveys),
        "mine": Mine(texts),
        "forget": ForgetMe(texts),
        "link": Link(texts),
        "results": Results(texts),
    }
