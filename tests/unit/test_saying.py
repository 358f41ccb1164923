"""An approved phrase to the family: one entry with a name, one text in their language, by the holder alone."""

from __future__ import annotations

from dataclasses import replace

from oncall.core.case import commands as c
from oncall.core.case import entries as e
from oncall.core.case.case import ClockKind, FollowUp, Status
from oncall.core.case.codec import decode, encode
from oncall.core.case.messages import Channel, Purpose
from tests.support.builders import GO, MUM, TEN_AM, Done, Night


def held() -> Night:
    night = Night()
    night.texts(GO)
    night.acks("ana")
    return night


def send(night: Night, phrase: str, person: str = "ana") -> Done:
    return night.do(c.SendPhrase(night.id, person, phrase, "on the page"))


def test_a_phrase_is_a_text_to_the_family_and_an_entry_with_the_holders_name() -> None:
    night = held()
    done = send(night, "pick_up")
    [told] = [m for m in done.owed if m.purpose is Purpose.FAMILY]
    assert (told.channel, told.to) == (Channel.SMS, MUM)
    assert told.body.startswith("Dr Lee, pump team: I am calling you")
    assert night.all(e.PhraseSent) == [e.PhraseSent("ana", "pick_up", "I am ringing you now")]


def test_a_phrase_goes_out_in_the_familys_language() -> None:
    night = held()
    night.case = replace(night.case, language="es")
    [told] = [m for m in send(night, "pick_up").owed if m.purpose is Purpose.FAMILY]
    assert told.body.startswith("Dr Lee, equipo de la bomba")


def test_what_must_arrive_is_followed_by_a_call() -> None:
    night = held()
    for phrase, followed in (("clinic_calls", False), ("call_911", True)):
        [told] = [m for m in send(night, phrase).owed if m.purpose is Purpose.FAMILY]
        assert (night.case.clock(ClockKind.DELIVERY, told.id) is not None) is followed, phrase


def test_a_phrase_is_no_proof_that_the_family_was_reached() -> None:
    night = held()
    send(night, "pick_up")
    assert night.case.family_reached_at is None
    assert night.case.clock(ClockKind.FAMILY_REACHED) is not None


def test_only_the_holder_writes_to_the_family_and_only_what_is_approved() -> None:
    night = held()
    for phrase, person in (("pick_up", "dia"), ("made_up", "ana")):
        done = send(night, phrase, person)
        assert not [m for m in done.owed if m.purpose is Purpose.FAMILY]
    free = Night(TEN_AM)
    free.texts(GO)
    assert not [m for m in send(free, "pick_up").owed if m.purpose is Purpose.FAMILY]
    assert night.all(e.PhraseSent) == free.all(e.PhraseSent) == []


def test_a_closing_keeps_its_cause_and_what_is_still_to_be_done() -> None:
    night = held()
    task = FollowUp("ring the school", TEN_AM, "ben")
    night.do(c.Resolve(night.id, "ana", "phone advice", "calm", "catheter", task))
    assert night.case.status is Status.CLOSED
    assert night.case.closed is not None
    assert (night.case.closed.cause, night.case.closed.follow_up) == ("catheter", task)
    [entry] = night.all(e.Closed)
    assert decode(*encode(entry)) == entry


def test_a_closing_from_before_there_were_causes_is_read() -> None:
    old = '{"person":"ana","outcome":"phone advice","note":""}'
    assert decode("Closed", 1, old) == e.Closed("ana", "phone advice", "")
