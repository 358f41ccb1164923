"""The contact card of the line: every number that it sends from, so that a phone shows who calls and may ring through.

One vCard for all telephones: version 3.0, and every line of it also means the same in 4.0 (decisions/0018). It names
the hospital and its own numbers, nobody else. Deliberately not here: the note's words (rules/advice.yaml).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence

from aiohttp import web

from oncall.adapters.web.given import GIVEN
from oncall.core.people import Hospital
from oncall.core.triage.advice import SPOKEN, Advice

FAMILY, CLINICIAN = "card", "page_card"  # the sentences of rules/advice.yaml
_TITLES = {FAMILY: "Pump line", CLINICIAN: "PUMP PAGE"}
_LONGEST = 75  # octets of a line, without its ending (RFC 2426 2.6, RFC 6350 3.2)


def contact_card(kind: str, hospital: Hospital, numbers: Sequence[str], advice: Advice) -> str:
    """A card as one file. `kind` is FAMILY or CLINICIAN; an edition without that sentence gives no note."""
    title = f"{_TITLES[kind]}, {hospital.name}"
    tongues = [tongue for tongue in SPOKEN if tongue in advice.texts.get(kind, {})]
    note = "\n".join(advice.say(kind, tongue, emergency=hospital.emergency_number) for tongue in tongues)
    lines = [
        "BEGIN:VCARD",
        "VERSION:3.0",
        f"UID:urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{hospital.public_url}/{kind}')}",
        f"FN:{_escaped(title)}",
        f"N:{_escaped(title)};;;;",
        f"ORG:{_escaped(hospital.name)}",
        *(f"TEL;TYPE=WORK,VOICE:{number}" for number in numbers),
        *([f"NOTE:{_escaped(note)}"] if note else []),
        "END:VCARD",
    ]
    return "".join(part + "\r\n" for line in lines for part in _folded(line))


async def show_contact(request: web.Request) -> web.Response:
    """The families' card, for a link in a text."""
    given = request.app[GIVEN]
    card = contact_card(FAMILY, given.hospital, given.senders, given.handbooks.current().advice)
    headers = {"Content-Disposition": 'attachment; filename="contact.vcf"'}
    return web.Response(text=card, content_type="text/vcard", charset="utf-8", headers=headers)


def _escaped(value: str) -> str:
    for sign in "\\,;":
        value = value.replace(sign, f"\\{sign}")
    return value.replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """Pieces of at most 75 octets, never cut inside a character; each after the first begins with a space."""
    piece, room = "", _LONGEST
    for char in line:
        size = len(char.encode())
        if size > room:
            yield piece
            piece, room = " ", _LONGEST - 1
        piece, room = piece + char, room - size
    yield piece
