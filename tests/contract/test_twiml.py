"""Every answer that the telephony adapter can give to a call, looked at for what must never be in one."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

from oncall.adapters.telephony import twiml
from oncall.core.case.calls import Say, Turn

SAYS = (Say("en", "Hello."), Say("es", "Hola."))
TURNS = (
    Turn(SAYS),
    Turn(SAYS, ask="menu", speech=True),
    Turn(SAYS, ask="accept"),
    Turn(SAYS, ask="keys"),
    Turn(SAYS, hold=True),
    Turn(SAYS, dial="+16175550142"),
    Turn(SAYS, join="c1"),
)
ANSWERS = [
    *(twiml.family_turn(turn, 1, 0) for turn in TURNS),
    *(twiml.staff_turn(turn, "c1.0123456789ab", 1, "+16175550101") for turn in TURNS),
    *(twiml.family_leg_turn(turn, "c1.0123456789ab", 1) for turn in TURNS),
    twiml.waiting_in_room(Turn(SAYS), "staff"),
    twiml.spoken(Turn(SAYS)),
    twiml.hang_up(),
]


def elements() -> list[ElementTree.Element]:
    return [element for answer in ANSWERS for element in ElementTree.fromstring(answer).iter()]


def test_nothing_is_ever_recorded() -> None:
    """Bridges are never recorded (RULINGS 5): no verb and no attribute asks for it."""
    assert "Record" not in {element.tag for element in elements()}
    assert not [name for element in elements() for name in element.attrib if "record" in name.lower()]


def test_nobody_leaving_ends_a_conference_for_the_others() -> None:
    rooms = [element for element in elements() if element.tag == "Conference"]
    assert len(rooms) == 3
    assert {room.get("endConferenceOnExit") for room in rooms} == {"false"}
    assert {room.get("statusCallbackEvent") for room in rooms} == {"join leave"}


def test_a_page_begins_after_two_seconds_and_is_said_with_gaps_of_two() -> None:
    """A greeting or a sleepy hand at the ear would swallow the first word (peers' voicemails do)."""
    says = (Say("en", "EMERGENCY."),) * 3
    [gather] = ElementTree.fromstring(twiml.staff_turn(Turn(says, ask="accept"), "c1.0", 1, "+16175550101"))
    assert [element.tag for element in gather] == ["Pause", "Say"] * 3
    assert {element.get("length") for element in gather if element.tag == "Pause"} == {"2"}


def test_every_verb_is_one_that_the_carrier_knows() -> None:
    known = {"Response", "Say", "Pause", "Gather", "Dial", "Number", "Conference", "Redirect", "Hangup"}
    assert {element.tag for element in elements()} <= known
