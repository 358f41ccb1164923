"""Past cases under other rules: the same night read twice, and nothing else about it changed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from oncall.adapters.handbook.publishing import past_changes
from oncall.core.reports import Finding, Heard
from oncall.core.triage.assessment import Condition, Rule, Ruleset, Urgency
from oncall.core.triage.rulebook import Rulebook
from oncall.service.cases.past_cases import PastCase, reread, reread_all
from tests.support.ward import Ward, open_ward, shipped

ALARM = {"event": "device_alarm", "alarm_class": "critical", "device_model": "SynchroMed II", "device_serial": "X1"}


def no_emergencies() -> Rulebook:
    """The shipped rules with every EMERGENCY taken down to URGENT."""
    rules = shipped().rulebook.rules
    milder = (replace(rule, urgency=rule.urgency and min(rule.urgency, Urgency.URGENT)) for rule in rules.rules)
    return replace(shipped().rulebook, rules=Ruleset(tuple(milder), rules.signs, "draft", rules.asked))


async def read_again(ward: Ward, draft: Rulebook) -> PastCase:
    case = await ward.only_case()
    found = await reread(ward.house.journal, case.id, shipped().rulebook, draft)
    assert found is not None
    assert found.code == case.code
    return found


async def a_text(ward: Ward) -> None:
    await ward.phone("mum of Leo").texts("she is itchy all over and so stiff, no rash")


async def a_text_and_a_keyed_answer(ward: Ward) -> None:
    await ward.phone("mum of Leo").texts("she is a bit itchy")
    await ward.phone("mum of Leo").texts("1")


async def a_menu_key(ward: Ward) -> None:
    await ward.phone("mum of Leo").calls()
    await ward.phone("mum of Leo").presses("1")


async def spoken_words(ward: Ward) -> None:
    await ward.phone("mum of Leo").calls()
    await ward.phone("mum of Leo").says("she will not wake up")


async def a_nurses_call(ward: Ward) -> None:
    answers = (Finding("itching", Heard.PRESENT, "asked by the nurse"),)
    await ward.house.intake.take_new_call("+16175550171", "stiff as a board, hard to wake", answers, "Nurse Kim")


async def two_reports_of_one_case(ward: Ward) -> None:
    await ward.phone("mum of Leo").texts("when is our appointment?")
    await ward.phone("mum of Leo").texts("now he is not breathing")


HAPPENED = [a_text, a_text_and_a_keyed_answer, a_menu_key, spoken_words, a_nurses_call, two_reports_of_one_case]


@pytest.mark.parametrize("happened", HAPPENED, ids=lambda happened: happened.__name__.replace("_", " "))
async def test_a_case_is_what_it_was_and_becomes_what_the_draft_says(happened) -> None:
    """The rules in force give the night's own urgency again; without emergencies in the rules it is one lower."""
    async with open_ward() as ward:
        await happened(ward)
        case = await ward.only_case()
        assert case.assessment is not None
        assert case.assessment.urgency is Urgency.EMERGENCY
        found = await read_again(ward, no_emergencies())
        assert (found.was, found.becomes) == (Urgency.EMERGENCY, Urgency.URGENT)
        assert found.rules_before
        assert set(found.rules_before) <= {rule.id for rule in shipped().rulebook.rules.rules}


async def test_an_alarm_is_read_by_the_drafts_own_tables() -> None:
    async with open_ward() as ward:
        await ward.house.intake.take_alarms([ALARM], "gateway", "1", b"")
        tables = shipped().rulebook.alarms
        quiet = replace(tables.unknown_pump, values={**tables.unknown_pump.values, "alarm_class": {"critical": ()}})
        pumps = tuple(replace(pump, values={**pump.values, "alarm_class": {"critical": ()}}) for pump in tables.pumps)
        deaf = replace(shipped().rulebook, alarms=replace(tables, pumps=pumps, unknown_pump=quiet))
        found = await read_again(ward, deaf)
        assert "A-critical" in found.rules_before
        assert "A-critical" not in found.rules_after


async def test_what_is_no_alarm_at_all_stays_unreadable() -> None:
    async with open_ward() as ward:
        await ward.house.intake.take_unreadable("gateway", None, b"{not json", "no JSON")
        found = await read_again(ward, shipped().rulebook)
        assert found.was is found.becomes is Urgency.URGENT


async def test_what_the_record_said_then_is_carried_over() -> None:
    """A draft that acts on a fact of the record finds it in the journal."""
    async with open_ward() as ward:
        await ward.phone("mum of Leo").texts("he is a little sleepy")
        whose = await ward.house.intake.whose(ward.phone("mum of Leo").number, "now")
        code = whose.context[0].code
        stern = Rule("draft", "", Condition(all=(code,)), {}, Urgency.EMERGENCY, None, "")
        rules = shipped().rulebook.rules
        ruleset = Ruleset((*rules.rules, stern), rules.signs, "draft", rules.asked)
        found = await read_again(ward, replace(shipped().rulebook, rules=ruleset))
        assert "draft" in found.rules_after
        assert found.becomes is Urgency.EMERGENCY


async def test_words_that_the_draft_does_not_know_any_more_are_not_carried_over() -> None:
    """Else no change of the words could ever be seen."""
    async with open_ward() as ward:
        await ward.phone("+16175550171").texts("she is not breathing")
        deaf = replace(shipped().rulebook.lexicon, tongues={"es": shipped().rulebook.lexicon.tongues["es"]})
        found = await read_again(ward, replace(shipped().rulebook, lexicon=deaf))
        assert (found.was, found.becomes) == (Urgency.EMERGENCY, Urgency.URGENT)


async def test_cases_are_told_by_code_and_never_by_words_lowered_emergencies_first() -> None:
    async with open_ward() as ward:
        await ward.phone("mum of Leo").texts("she is itchy all over and so stiff, no rash")
        await ward.phone("+16175550171").texts("can we move friday's appointment?")
        journal = ward.house.journal
        ids = [case.id for case in await ward.open_cases()]
        past = await reread_all(journal, ids, shipped().rulebook, no_emergencies())
        assert len(past) == 2
        [change] = past_changes(past)
        assert change.said in {case.code for case in await ward.open_cases()}
        assert change.lowers_emergency
        assert "itchy" not in repr(change)
