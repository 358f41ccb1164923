"""The contact card read back by a reader of another house (vobject): what a telephone will show."""

from __future__ import annotations

from dataclasses import replace

import pytest
import vobject

from oncall.adapters.web.contact_card import CLINICIAN, FAMILY, contact_card
from tests.support.builders import HOSPITAL
from tests.support.ward import LINE, OPERATOR, PHONE_BOOK, Ward, shipped

ADVICE = shipped().advice
NUMBERS = ("+16175550101", "+16175550103")
AWKWARD = replace(HOSPITAL, name='Niños; "Lakeside", \\East 🏥\nWing ' + "ñ" * 90)


@pytest.mark.parametrize("version", ["3.0", "4.0"])
@pytest.mark.parametrize("kind", [FAMILY, CLINICIAN])
@pytest.mark.parametrize("hospital", [HOSPITAL, AWKWARD], ids=["usual", "awkward"])
def test_a_card_names_the_hospital_all_numbers_and_both_languages(version, kind, hospital) -> None:
    """Each line means the same in both versions; only the number of the version differs."""
    card = contact_card(kind, hospital, NUMBERS, ADVICE).replace("VERSION:3.0", f"VERSION:{version}")
    read = vobject.readOne(card, validate=version == "3.0")
    assert read.version.value == version
    assert [tel.value for tel in read.tel_list] == list(NUMBERS)
    assert read.fn.value.endswith(f", {hospital.name}")
    assert read.n.value.family == read.fn.value
    assert read.org.value == [hospital.name]
    notes = [ADVICE.say(kind, tongue, emergency="911") for tongue in ("en", "es")]
    assert read.note.value == "\n".join(notes)


@pytest.mark.parametrize("hospital", [HOSPITAL, AWKWARD], ids=["usual", "awkward"])
def test_no_line_is_longer_than_75_octets_and_none_is_cut_inside_a_character(hospital) -> None:
    lines = contact_card(FAMILY, hospital, NUMBERS, ADVICE).encode().split(b"\r\n")
    assert lines[:2] == [b"BEGIN:VCARD", b"VERSION:3.0"]
    assert lines[-2:] == [b"END:VCARD", b""]
    for line in lines:
        assert len(line) <= 75
        assert "\ufffd" not in line.decode(errors="replace")
        assert b"\n" not in line


def test_the_two_cards_are_two_contacts_and_each_stays_the_same_contact() -> None:
    family, clinician = (contact_card(kind, HOSPITAL, NUMBERS, ADVICE) for kind in (FAMILY, CLINICIAN))
    more = contact_card(FAMILY, HOSPITAL, (*NUMBERS, "+16175550104"), ADVICE)
    uids = [vobject.readOne(card).uid.value for card in (family, clinician, more)]
    assert uids[0] != uids[1]
    assert uids[0] == uids[2]
    assert vobject.readOne(family).fn.value != vobject.readOne(clinician).fn.value


def test_an_edition_from_before_the_card_gives_a_card_without_a_note() -> None:
    texts = {key: said for key, said in ADVICE.texts.items() if key != FAMILY}
    read = vobject.readOne(contact_card(FAMILY, HOSPITAL, NUMBERS, replace(ADVICE, texts=texts)))
    assert "note" not in read.contents
    assert read.tel.value == NUMBERS[0]


async def test_the_public_door_gives_the_families_card_and_nobodys_data(ward: Ward) -> None:
    async with ward.client() as client, client.get(f"{ward.house.hospital.public_url}/contact.vcf") as answer:
        card = await answer.text()
        assert answer.status == 200
        assert answer.content_type == "text/vcard"
        assert answer.headers["Content-Disposition"] == 'attachment; filename="contact.vcf"'
    assert [tel.value for tel in vobject.readOne(card).tel_list] == [LINE]
    others = set(PHONE_BOOK.values()) - {LINE, OPERATOR}
    assert not [number for number in others if number in card]
