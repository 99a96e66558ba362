"""A poll to begin with: everything that each one has, with what to write marked and explained."""

from __future__ import annotations

from surveys.xlsform.marks import TO_WRITE

_BLANK = """\
# A poll to begin with. A check points at what is still to write: write it, and take the words in capitals out.
# Lines that begin with # are remarks, like this one.
name: {name}
# The languages people may choose, the first one first. For two: languages: [en, sw], and each text as a map:
#   title: {{en: Water in the camps, sw: Maji kambini}}
languages: [en]
title: "{mark} what the poll is called"
sender: "{mark} who asks, as people know you"
# The words that people send to begin. Short, and easy to type.
keywords: [{keyword}]
consent:
  version: "1"
  text: >-
    {{sender}} {mark} asks what, and for whom. How many questions. A reply costs your usual SMS price. To leave, send
    STOP. SMS is not secret. Take part?
thanks: "{mark} what is said at the end"

questions:
  - id: region
    type: one-of
    purpose: "{mark} why this is asked"
    text: Where do you live?
    options:
      - {{id: north, label: North}}
      - {{id: south, label: South}}
  - id: first
    type: open
    purpose: "{mark} why this is asked"
    text: "{mark} what the talks must settle first?"
"""


def blank(name: str) -> str:
    """The text of a new poll of this name. A check points at each thing that is still to write."""
    return _BLANK.format(mark=TO_WRITE, name=name, keyword=name.replace("_", "")[:12].upper())
