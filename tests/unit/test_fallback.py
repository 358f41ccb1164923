"""The static fallback as the carrier reads it: plain documents that need nothing of ours."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest

from oncall.adapters.telephony.fallback import fallback_files, text_document, voice_document
from oncall.core.case.wording import spoken_number
from oncall.core.emergency_numbers import NeverDialled
from oncall.core.people import Hospital
from tests.support.builders import HOSPITAL
from tests.support.ward import shipped

ADVICE = shipped().advice


def elements(document: str) -> list[tuple[str, dict[str, str], str]]:
    root = ElementTree.fromstring(document)
    assert root.tag == "Response"
    return [(one.tag, one.attrib, one.text or "") for one in root]


def test_the_voice_fallback_says_911_in_two_languages_and_dials_the_operator() -> None:
    english, spanish, dial = elements(fallback_files(ADVICE, HOSPITAL)["voice.xml"])
    number = spoken_number("911")
    assert english == ("Say", {"language": "en-US"}, ADVICE.say("voice_store_refused", "en", emergency_spoken=number))
    assert spanish == ("Say", {"language": "es-US"}, ADVICE.say("voice_store_refused", "es", emergency_spoken=number))
    assert "9 1 1" in english[2]
    assert "9 1 1" in spanish[2]
    assert dial == ("Dial", {"timeout": "60"}, HOSPITAL.operator), "the operator sees the family's own number"


def test_the_text_fallback_answers_in_two_languages() -> None:
    blanks = {"emergency": "911", "operator": HOSPITAL.operator}
    assert elements(fallback_files(ADVICE, HOSPITAL)["text.xml"]) == [
        ("Message", {}, ADVICE.say("text_store_refused", "en", **blanks)),
        ("Message", {}, ADVICE.say("text_store_refused", "es", **blanks)),
    ]


def test_no_fallback_names_an_address_of_ours() -> None:
    files = fallback_files(ADVICE, replace(HOSPITAL, public_url="https://line.hospital.example"))
    assert "line.hospital.example" not in files["voice.xml"] + files["text.xml"]
    assert "http" not in files["voice.xml"] + files["text.xml"]
    assert HOSPITAL.line in files["README.txt"]


def test_what_hospitals_are_called_and_said_is_escaped() -> None:
    texts = {**ADVICE.texts, "voice_store_refused": {"en": "<Dial>&", "es": "]]>"}}
    said = [text for tag, _, text in elements(voice_document(replace(ADVICE, texts=texts), HOSPITAL)) if tag == "Say"]
    assert said == ["<Dial>&", "]]>"]


@pytest.mark.parametrize("operator", ["911", "+1911", "+44 999"])
def test_no_fallback_dials_or_names_an_emergency_number_as_the_operator(operator: str) -> None:
    hospital: Hospital = replace(HOSPITAL, operator=operator)
    for document in (voice_document, text_document):
        with pytest.raises(NeverDialled):
            document(ADVICE, hospital)
