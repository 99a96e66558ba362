"""Code schemes become codebooks; each code has its fate in the report."""

from __future__ import annotations

import json
import os
import warnings
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.coda import Scheme, import_scheme
from surveys.codebook import load_codebook
from surveys.load import SurveyError
from surveys.xlsform.report import Fate


def code(text: str, kind: str = "Normal", **more: Any) -> dict[str, Any]:
    return {"CodeID": f"code-{text}", "CodeType": kind, "DisplayText": text, "StringValue": text, **more}


SCHEME = {
    "SchemeID": "Scheme-1",
    "Name": "Need for Peace",
    "Version": "0.0.0.1",
    "Codes": [
        code("water"),
        code("a say for women", StringValue="women_say", MatchValues=["women", "woman", "1"]),
        code("25", NumericValue=25),
        code("الماء", StringValue="الماء"),
        code("water"),
        code("", StringValue=""),
        code("NC (not coded)", "Control", ControlCode="NC", StringValue="NC"),
        code("STOP", "Control", ControlCode="STOP"),
        code("greeting", "Meta", MetaCode="greeting"),
        "nonsense",
    ],
}


def imported(scheme: object) -> Scheme:
    return import_scheme(json.dumps(scheme).encode(), "scheme.json")


def test_a_scheme_becomes_a_codebook() -> None:
    made = imported(SCHEME)
    book = load_codebook(made.yaml, "codes.yaml")
    assert book.name == "need_for_peace"
    assert [(one.id, one.names["en"], one.keywords["en"]) for one in book.codes] == [
        ("water", "water", ()),
        ("women_say", "a say for women", ("women", "woman")),
        ("c25", "25", ()),
        ("c4", "الماء", ()),
    ]
    assert made.codes == 4
    assert made.yaml.count("TO WRITE:") == 4


def test_each_code_has_its_fate() -> None:
    entries = imported(SCHEME).entries
    assert [entry.row for entry in entries] == list(range(1, 11))
    fates = [entry.fate for entry in entries]
    assert fates[:4] == [Fate.IMPORTED, Fate.ADAPTED, Fate.ADAPTED, Fate.ADAPTED]
    assert [entry.row for entry in entries if entry.fate is Fate.REFUSED] == [5, 6, 10]
    assert all(entry.mend for entry in entries if entry.fate is Fate.REFUSED)
    assert "not coded" in entries[6].text
    assert "the person has left" in entries[7].text
    assert "meta code" in entries[8].text


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (b"{", "this is not JSON"),
        (b"[]", "no code scheme of Coda"),
        (b'{"Codes": {}}', "no code scheme of Coda"),
        (b'{"Codes": []}', "no code of the scheme says what people mean"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b" " * (1024 * 1024 + 1), "larger than 1 MiB"),
        (json.dumps({"Codes": [code("x")] * 501}).encode(), "more than 500 codes"),
    ],
)
def test_what_is_no_scheme_gets_one_sentence(source: bytes, sentence: str) -> None:
    with pytest.raises(SurveyError) as refused:
        import_scheme(source, "scheme.json")
    assert sentence in str(refused.value)
    assert len(refused.value.problems) == 1


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
_FIELDS = ("CodeType", "ControlCode", "DisplayText", "StringValue", "MatchValues", "CodeID")


@given(st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(_FIELDS, _JSON)) | _JSON, max_size=6))
def test_any_codes_give_a_codebook_or_a_sentence(codes: list[Any]) -> None:
    try:
        made = imported({"Name": "x", "Codes": codes})
    except SurveyError:
        return
    assert len(made.entries) == len(codes)
    assert len(load_codebook(made.yaml, "x").codes) == made.codes


def test_schemes_of_a_real_project() -> None:
    """With BARAZA_SHARED only: the files are other people's, and stay out of this project."""
    shared = os.environ.get("BARAZA_SHARED")
    if not shared:
        warnings.warn("BARAZA_SHARED names no folder: the check on real code schemes did not run", stacklevel=1)
        pytest.skip("needs BARAZA_SHARED")
    folder = Path(shared) / "data" / "codebooks"
    files = sorted(folder.glob("*.json"))
    assert len(files) > 2
    for file in files:
        made = import_scheme(file.read_bytes(), file.name)
        assert made.codes > 1
        assert not [entry for entry in made.entries if entry.fate is Fate.REFUSED]
