"""The line tells people to dial 911 and never dials it, whoever asks and however it is written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oncall.adapters.handbook.reading import HandbookFaults
from oncall.adapters.telephony import twiml
from oncall.adapters.telephony.fallback import fallback_files
from oncall.adapters.telephony.twilio_pager import TwilioPager
from oncall.config import config_from
from oncall.core.case.calls import Turn
from oncall.core.case.messages import Channel, Lane, Message, Outcome, Progress, Purpose, Verdict
from oncall.core.emergency_numbers import NEVER_DIALLED, NeverDialled
from tests.support.builders import GO, HOSPITAL, Night, facts, phone, ward_staff
from tests.support.ward import Ward, shipped, ward_config

SPELLINGS = ("+1911", "911", "+44999", "+1 9-8-8")


@pytest.mark.parametrize("shown_as", ["911", "+1911", "+1988"])
async def test_a_text_that_shows_an_emergency_number_pages_and_is_not_answered(ward: Ward, shown_as: str) -> None:
    await ward.phone("mum of Leo").texts("he is stiff and so itchy", shown_as=shown_as)
    await ward.pass_time("4m")
    assert ward.phone("ana").inbox
    assert [text.to for text in ward.carrier.texts.all.values() if "911" in text.to or "988" in text.to] == []
    await ward.is_sound()  # the carrier would have raised an alarm


async def test_a_call_that_shows_an_emergency_number_pages_and_is_not_called_back(ward: Ward) -> None:
    mum = ward.phone("mum of Leo")
    await mum.calls(shown_as="+1911")
    await ward.pass_time("10s")
    await mum.hangs_up()
    await ward.pass_time("5m")
    assert ward.phone("ana").inbox
    await ward.is_sound()


def test_a_page_that_is_owed_to_an_emergency_number_fails_at_its_attempt_and_the_next_tier_comes() -> None:
    staff = ward_staff()
    night = Night(facts=facts(staff=staff | {"ana": replace(staff["ana"], phones=(phone("+1911"),))}))
    night.texts(GO)
    for state in night.messages(Purpose.PAGE, person="ana"):
        done = night.attempts(state.message.id)
        assert not done.decision.answer["owed"]
        failed = night.case.message(state.message.id)
        assert failed is not None
        assert (failed.progress, failed.code) == (Progress.FAILED, NEVER_DIALLED)
    assert night.messages(Purpose.PAGE, person="dia"), "nobody is missing in silence (law 6)"


@pytest.mark.parametrize("number", SPELLINGS)
@pytest.mark.parametrize("channel", [Channel.SMS, Channel.VOICE])
async def test_the_pager_refuses_it_for_good_and_asks_nobody(number: str, channel: Channel) -> None:
    pager = TwilioPager("AC" + "0" * 32, "token", "http://127.0.0.1:9", "+16175550101", "http://127.0.0.1:9")
    message = Message("c1.1", "c1", channel, Purpose.PAGE, Lane.EMERGENCY, number, "words")
    try:
        assert await pager.send(message, 1) == Outcome(Verdict.REFUSED_FOR_GOOD, code=NEVER_DIALLED)
    finally:
        await pager.close()


@pytest.mark.parametrize("number", SPELLINGS)
def test_no_document_for_the_carrier_dials_it(number: str) -> None:
    with pytest.raises(NeverDialled):
        twiml.staff_turn(Turn((), dial=number), "m", 0, "+16175550101")
    with pytest.raises(NeverDialled):
        fallback_files(shipped().advice, replace(HOSPITAL, operator=number))


@pytest.mark.parametrize("number", SPELLINGS)
@pytest.mark.parametrize("place", ["hospital.operator", "telephony.line"])
def test_the_configuration_does_not_take_it(number: str, place: str) -> None:
    part, name = place.split(".")
    values = ward_config("http://127.0.0.1:1", "http://127.0.0.1:1").model_dump()
    values[part][name] = number
    with pytest.raises(HandbookFaults) as refused:
        config_from(values)
    assert "an emergency number, which the line must never dial" in str(refused.value)
