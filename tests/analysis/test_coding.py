"""Keywords, the model, and when it abstains."""

from __future__ import annotations

import random
import unicodedata
from dataclasses import replace

import pytest

from analysis.coding import By, Coder
from analysis.evaluate import evaluate
from analysis.keywords import Keywords, fold
from analysis.learning import LEAST_ROWS, Model, train
from surveys.codebook import Code, Codebook

WORDS = {
    "water": ["the well is dry", "clean water for us", "no water in the village", "water pump broken"],
    "land": ["they took our land", "land and farms", "give back the farm", "borders of the land"],
    "jobs": ["work for the youth", "we have no jobs", "jobs and pay", "no work no income"],
}


def sample(many: int, seed: int = 1) -> tuple[list[str], list[tuple[str, ...]]]:
    draw = random.Random(seed)
    texts, labels = [], []
    for place in range(many):
        code = draw.choice(sorted(WORDS))
        texts.append(f"{draw.choice(['please', 'first', 'we say', ''])} {draw.choice(WORDS[code])} {place % 7}".strip())
        labels.append((code,))
    return texts, labels


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Water first", ("water",)),
        ("WATERS and farmland? farms", ("water", "land")),
        ("ｗａｔｅｒ", ("water",)),  # full-width
        ("underwater", ()),  # only where a word starts
        ("نريد الماء", ("water",)),  # the article is written onto the word
        ("والمِيَاه", ("water",)),  # and vowel marks are left out
        ("ارضنا", ("land",)),  # alef without its hamza
        ("wa\u200bter", ("water",)),
        ("", ()),
    ],
)
def test_keywords(codebook: Codebook, text: str, codes: tuple[str, ...]) -> None:
    assert Keywords(codebook.codes)(text) == codes


def test_folding_keeps_marks_that_make_other_words() -> None:
    assert fold("ọ̀rọ̀") != fold("oro")
    assert fold("ọ̀rọ̀") == fold(unicodedata.normalize("NFD", "ọ̀rọ̀"))


def test_without_coded_answers_keywords_work_alone(codebook: Codebook) -> None:
    coded = Coder(codebook)(["clean water", "hello"])
    assert [(one.codes, one.by) for one in coded] == [(("water",), By.KEYWORDS), ((), By.NOTHING)]


def test_a_control_code_is_found_by_its_keywords_where_no_theme_is(codebook: Codebook) -> None:
    noise = Code("noise", {}, "d", {"en": ("asdf",)}, {"en": ()})
    coder = Coder(replace(codebook, special=(noise,)), {"asdf": ("land",)})
    coded = coder(["asdf ghjk", "asdf water"])
    assert [(one.codes, one.by) for one in coded] == [((), By.NOTHING), (("water",), By.KEYWORDS)]


def test_too_few_coded_answers_train_nothing() -> None:
    texts, labels = sample(LEAST_ROWS - 1)
    assert train(texts, labels) is None


def test_abstains_on_what_it_has_not_learned() -> None:
    texts, labels = sample(200)
    model = train(texts, labels)
    assert model is not None
    known, unknown = model.guess(["they took our land", "zzz qqq xxx"])
    assert known.codes == ("land",)
    assert known.sure
    assert not unknown.sure
    assert model.report.right >= 0.95


def test_never_sure_of_noise() -> None:
    draw = random.Random(3)
    texts = ["".join(draw.choices("abcdefgh ", k=30)) for _ in range(200)]
    labels = [(draw.choice("xy"),) for _ in texts]
    model = train(texts, labels)
    assert model is not None
    assert all(not guess.sure for guess in model.guess(texts[:20]))
    assert model.report.sureness > 1


def test_same_input_same_output() -> None:
    texts, labels = sample(120)
    one, other = train(texts, labels), train(texts, labels)
    assert one is not None
    assert other is not None
    assert one.report == other.report
    assert (one.probabilities(texts) == other.probabilities(texts)).all()


@pytest.mark.parametrize("several", [False, True])
def test_a_model_is_the_same_when_read_from_its_arrays(*, several: bool) -> None:
    texts, labels = sample(120)
    if several:
        labels = [(*row, "all") for row in labels]
    model = train(texts, labels)
    assert model is not None
    again = Model.of_arrays(model.arrays())
    assert again.guess([*texts, "never seen"])[0].codes == model.guess(texts)[0].codes
    assert abs(again.probabilities(texts) - model.probabilities(texts)).max() < 1e-4
    assert again.report == model.report
    with pytest.raises(ValueError, match="no model"):
        Model.of_arrays({"said": model.arrays()["offsets0"]})


def test_several_codes_and_none_are_learned() -> None:
    texts, labels = sample(200)
    other, more = sample(200, seed=2)
    both = [f"{one} {two}" for one, two in zip(texts, other, strict=True)]
    codes = [tuple(sorted({*one, *two})) for one, two in zip(labels, more, strict=True)]
    nothing = [f"good morning everybody {place % 5}" for place in range(60)]
    held = [*codes[150:], *[()] * 20]
    found = evaluate(
        [*both[:150], *nothing[:40]],
        [*codes[:150], *[()] * 40],
        [*both[150:], *nothing[40:]],
        held,
    )
    assert found.micro_f1 > 0.9
    assert found.tested == 70


def test_what_people_coded_stands(codebook: Codebook) -> None:
    coded = Coder(codebook, {"clean water": ("land",), "hello": (), "old": ("gone",)})
    assert [(one.codes, one.by) for one in coded(["clean water", "hello", "old"])] == [
        (("land",), By.PEOPLE),
        ((), By.NOTHING),
        ((), By.NOTHING),  # a code that the codebook no longer has
    ]


def test_what_people_coded_is_not_what_the_machine_would_have_given(codebook: Codebook) -> None:
    coder = Coder(codebook, {"clean water": ("land",), "hello": ()})
    assert [one.machine for one in coder(["clean water", "hello", "our farm"])] == [("water",), (), ("land",)]


def test_a_model_says_what_it_made_of_each_text_unseen() -> None:
    texts, labels = sample(200)
    model = train(texts, [("x",) if place % 2 else ("y",) for place in range(200)])
    assert model is not None
    assert not any(guess.sure for guess in model.unseen), "what was learned by heart is not known"
    learnt = train(texts, labels)
    assert learnt is not None
    assert sum(guess.codes == label for guess, label in zip(learnt.unseen, labels, strict=True)) > 150
