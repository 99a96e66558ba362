"""Ways through a poll before anybody takes it: what would be sent and heard on the shortest, a typical and the longest.

walks(flow, language, weigh) -> Walks     surveys/walks/search.py: the search
Marks, heeded                             surveys/walks/heed.py: what later texts and conditions make of an answer
answers(...)                              surveys/walks/ways.py: which answers are worth trying

The messages are those of the engine itself. Nothing is drawn here that a seed does not fix: the same poll has the same
walks everywhere.
"""

from __future__ import annotations

from surveys.walks.search import LONG_ANSWER, MOST_STATES, NOW, RANDOM_WALKS, Turn, Walk, Walks, Weight, walks

__all__ = ["LONG_ANSWER", "MOST_STATES", "NOW", "RANDOM_WALKS", "Turn", "Walk", "Walks", "Weight", "walks"]
