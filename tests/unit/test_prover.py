"""What the prover sees: each property breaks on an edition that is broken on purpose, and says so in a sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from oncall.adapters.prover.asking import EngineDisagrees
from oncall.adapters.prover.declared import what_is_missing
from oncall.adapters.prover.properties import (
    Question,
    always_an_urgency,
    never_lower,
    red_flags_are_emergencies,
    unknown_is_no_better,
)
from oncall.adapters.prover.reaching import every_rule_is_reachable, every_urgent_outcome_pages
from oncall.core.triage.assessment import Condition, Urgency
from oncall.core.triage.safety import Worse
from oncall.core.triage.thresholds import Limit
from oncall.core.triage.vocabulary import Sign
from tests.support.proofs import rule, shipped_declared, with_rules


def test_a_rule_that_was_lowered_is_found_by_its_red_flag() -> None:
    asked = with_rules(lambda one: replace(one, urgency=Urgency.URGENT, advice=None) if one.id == "O-floppy" else one)
    assert red_flags_are_emergencies(asked).counter_examples[0] == (
        "With floppy present it is URGENT, by rule O-floppy; "
        "red flag RF-floppy says EMERGENCY: Floppy, or head control lost."
    )


def test_a_limit_that_was_raised_is_found_by_a_red_flag_with_a_number() -> None:
    declared = shipped_declared()
    hot = tuple(
        replace(limit, at_least=40.5) if limit.gives == "temperature_very_high" else limit
        for limit in declared.limits["measured"]["temperature_c"]
    )
    limits = {**declared.limits, "measured": {**declared.limits["measured"], "temperature_c": hot}}
    [sentence] = red_flags_are_emergencies(Question(replace(declared, limits=limits))).counter_examples
    assert sentence.startswith("With temperature c 40")
    assert " it is URGENT, by rule W-fever and W-fever-high; red flag RF-40 says EMERGENCY" in sentence


def test_a_not_in_a_clinical_rule_is_found_as_a_sign_that_lowers() -> None:
    calmed = Condition(all=("hard_to_wake",), none=("thanks_only",))
    asked = with_rules(lambda one: replace(one, when=calmed) if one.id == "O-hard-to-wake" else one)
    [sentence] = never_lower(asked).counter_examples
    assert sentence == (
        "With hard to wake present it is EMERGENCY; adding thanks makes it ROUTINE, "
        "by rule F-not-for-us, and O-hard-to-wake no longer holds."
    )


def test_an_emergency_with_a_milder_advice_than_what_it_adds_to_is_found() -> None:
    asked = with_rules(lambda one: replace(one, advice="call_911") if one.id == "W-itch" else one)
    sentence = never_lower(asked).counter_examples[0]
    assert " it is URGENT (call 911); adding " in sentence
    assert " makes it EMERGENCY (go now), by rule " in sentence


def test_a_gap_between_two_limits_is_found_as_a_number_that_lowers() -> None:
    declared = shipped_declared()
    name = "days_to_low_reservoir_alarm"
    near = (Limit("refill_overdue", at_most=-0.001), Limit("low_date_near", at_least=0, at_most=7))
    context = {**declared.limits["context"], name: near}
    broken = replace(
        declared,
        limits={**declared.limits, "context": context},
        reading=replace(declared.reading, limits=context),
    )
    [sentence] = never_lower(Question(broken)).counter_examples
    assert " present and days to low reservoir alarm " in sentence
    assert "instead, which is worse, makes it SAME_DAY, by rule D-" in sentence


def test_a_direction_that_the_limits_contradict_is_found() -> None:
    declared = shipped_declared()
    worse = {**declared.worse, "alarm": {**declared.worse["alarm"], "days_of_drug": Worse.HIGHER}}
    assert any(
        "alarm: days of drug" in told for told in never_lower(Question(replace(declared, worse=worse))).counter_examples
    )


def test_a_rule_for_missing_numbers_that_is_milder_than_riddles_is_found() -> None:
    asked = with_rules(lambda one: one, rule("T-unknown", Urgency.SAME_DAY, Condition(all=("supply_unknown",))))
    sentences = unknown_is_no_better(asked).counter_examples
    assert sentences
    assert all(told.endswith("unknown it is SAME_DAY, which is lower.") for told in sentences)


def test_a_sign_that_lost_its_rule_is_found_beside_an_office_matter() -> None:
    asked = with_rules(lambda one: None if one.id == "X-rash" else one)
    [sentence] = always_an_urgency(asked).counter_examples
    assert "rash" in sentence
    assert "present it is ROUTINE, by rule F-" in sentence


def test_a_rule_that_cannot_fire_is_found_and_one_that_changes_nothing_is_remarked_on() -> None:
    never = rule("T-never", Urgency.URGENT, Condition(all=("itching",), none=("itching",)))
    idle = replace(rule("T-idle", Urgency.URGENT, Condition(all=("itching", "rash"))), leans={})
    outcome = every_rule_is_reachable(
        with_rules(lambda one: one if one.id in ("W-itch", "X-rash") else None, never, idle)
    )
    assert outcome.counter_examples == (
        "No combination of findings makes rule T-never fire: T-never is made up for a test.",
    )
    assert [told.split()[1] for told in outcome.remarks] == ["T-idle"]


def test_a_policy_that_begins_late_is_found() -> None:
    declared = shipped_declared()
    emergency, *others = declared.policies
    late = replace(emergency, steps=(replace(emergency.steps[0], after=timedelta(minutes=1)), *emergency.steps[1:]))
    outcome = every_urgent_outcome_pages(Question(replace(declared, policies=(late, *others))))
    assert outcome.counter_examples == ("EMERGENCY begins with a step after 0:01:00, so at first nobody is paged.",)


def test_a_device_sign_whose_name_the_night_does_not_know_is_found() -> None:
    declared = shipped_declared()
    buzz = Sign("buzzing_side", "buzzing at the side", "device")
    rules = replace(
        declared.rules,
        signs={**declared.rules.signs, buzz.code: buzz},
        rules=(*declared.rules.rules, rule("T-buzz", Urgency.SAME_DAY, Condition(all=(buzz.code,)))),
    )
    [sentence] = every_urgent_outcome_pages(Question(replace(declared, rules=rules))).counter_examples
    assert sentence.startswith(
        "With buzzing at the side present it is SAME_DAY, by rule T-buzz; at night it would wait"
    )


def test_formulas_that_the_engine_does_not_confirm_prove_nothing() -> None:
    asked = with_rules(lambda one: None if one.id == "X-rash" else one)
    asked.declared = shipped_declared()
    with pytest.raises(EngineDisagrees):
        always_an_urgency(asked)


def test_nothing_is_proved_without_red_flags_or_directions() -> None:
    declared = shipped_declared()
    assert what_is_missing(declared) is None
    assert "red-flags.yaml" in (what_is_missing(replace(declared, red_flags=())) or "")
    aimless = replace(declared, worse={**declared.worse, "measured": {}})
    assert "measured heart_rate" in (what_is_missing(aimless) or "")
