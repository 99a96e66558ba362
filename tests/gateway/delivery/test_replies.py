"""A reply comes back from the outbox as it was put in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.store.replies import dumps, loads
from surveys.prompt import Option, Prompt

texts = st.text(st.characters(exclude_categories=["Cs"]))
prompts = st.builds(
    Prompt, texts, texts, st.lists(st.builds(Option, texts, texts), max_size=4).map(tuple), texts, texts
)


@given(st.lists(prompts, max_size=3).map(tuple))
def test_what_is_written_is_what_is_read(reply: tuple[Prompt, ...]) -> None:
    assert loads(dumps(reply).encode().decode()) == reply


@pytest.mark.parametrize("text", ["", "{", "3", "[3]", '[["secret"]]', "null"])
def test_anything_else_is_refused_without_quoting_it(text: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        loads(text)
    assert "secret" not in str(caught.value)
