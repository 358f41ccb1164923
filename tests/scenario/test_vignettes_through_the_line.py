"""The development vignettes as real signed texts, calls and alarms through the running service.

Each ends as ruled: EMERGENCY and URGENT page the primary on call, SAME_DAY by day is a text to him, ROUTINE is a task
that wakes nobody. What the vignette knows of the patient is put into the register as dates, so that the facts reach
triage the way they do in life.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from oncall.adapters.rehearsal.sample_ward import BRIDGE_TOKEN
from oncall.core.case.case import Case, Status
from oncall.core.triage.assessment import Leaning, Urgency
from oncall.service.cases.past_cases import reread
from tests.support.ward import TEN_AM, Ward, open_ward

FILE = Path(__file__).parents[1] / "examples" / "vignettes_dev.yaml"
VIGNETTES = YAML(typ="safe").load(FILE.read_text(encoding="utf-8"))
NUMBER, PATIENT, SERIAL = "+16175550160", "vera", "SAMPLE160"
QUESTIONS = {  # what the vignette's prompts ask, as our own questions; the keys differ where RULINGS 5 says so
    "hard to wake": ("waking_breathing", {}),
    "hard for them to breathe": ("waking_breathing", {}),
    "seizure": ("seizure_confusion_floppy", {}),
    "temperature": ("temperature", {}),
    "muscles": ("muscles", {"3": "4", "4": "3"}),
    "itch or tingle": ("itch", {}),
    "make a beep": ("beep", {}),
    "last 3 days": ("recent_change", {}),
    "late or missed": ("late_refill", {}),
    "red, puffy": ("wound_neck_head", {}),
}


@pytest.mark.parametrize("vignette", VIGNETTES, ids=lambda vignette: vignette["id"])
async def test_a_vignette_ends_as_ruled(vignette: dict[str, Any]) -> None:
    async with open_ward(TEN_AM, internal=True) as ward:
        await enrol(ward, vignette.get("patient_context") or {})
        case = await send(ward, vignette)
        urgency = case.pace if case.pace is not None else Urgency.ROUTINE
        assert urgency >= Urgency[vignette["expected_min_urgency"].upper()], case.assessment
        if "max_urgency" in vignette:
            assert urgency <= Urgency[vignette["max_urgency"].upper()], case.assessment
        assert set(suspected(case)) & set(listed(vignette["expected_suspicion"]))
        assert_as_ruled(ward, case, urgency)
        await assert_the_same_when_read_again(ward, case)
        await ward.is_sound()


async def assert_the_same_when_read_again(ward: Ward, case: Case) -> None:
    """What a replay under the rules in force makes of it (`oncall rules replay`)."""
    rulebook = ward.house.handbooks.current().rulebook
    again = await reread(ward.house.journal, case.id, rulebook, rulebook)
    assert again is not None
    assert case.assessment is not None
    assert (again.was, again.becomes) == (case.assessment.urgency, case.assessment.urgency)


def assert_as_ruled(ward: Ward, case: Case, urgency: Urgency) -> None:
    primary = [ward.phone(who) for who in ("ana", "ben", "cho")]
    paged = [text for phone in primary for text in phone.inbox if "pump call #" in text]
    if urgency is Urgency.ROUTINE:
        assert case.status is Status.WAITING
        assert paged == []
    else:
        assert case.status is Status.PAGING
        assert urgency.name.replace("_", " ") in paged[-1].split(" pump")[0]
        assert len([phone for phone in primary if phone.inbox]) == 1, "one person is primary"


def suspected(case: Case) -> list[str]:
    leanings = case.assessment.leanings if case.assessment else (Leaning.NONE,)
    both = {Leaning.CANNOT_TELL: ["withdrawal", "overdose"]}
    return [word for leaning in leanings for word in both.get(leaning, [leaning.value])]


def listed(told: str | list[str]) -> list[str]:
    return [told] if isinstance(told, str) else told


async def send(ward: Ward, vignette: dict[str, Any]) -> Case:
    phone = ward.phone(NUMBER)
    match vignette["channel"]:
        case "sms":
            for message in vignette["messages"]:
                await phone.texts(message)
        case "voice_transcript":
            await phone.calls()
            await phone.says(" ".join(vignette["messages"]))
        case "ivr_keys":
            await key_through(ward, vignette["messages"])
        case "pump_alarm":
            told = {**vignette["messages"], "device_serial": SERIAL}
            async with ward.client() as client:
                headers = {"Authorization": f"Bearer {BRIDGE_TOKEN}"}
                async with client.post(f"{ward.internal_url}/v1/alarms", json=told, headers=headers) as answer:
                    assert answer.status == 201
            await ward.settle()
    return await ward.only_case()


async def key_through(ward: Ward, lines: list[str]) -> None:
    """Ring the line, choose "a beep or anything else", and answer our questions as the vignette answered its own."""
    phone = ward.phone(NUMBER)
    await phone.calls()
    answers = answers_of(lines)
    while (keys := keys_for(await ward.only_case(), answers)) is not None:
        if keys:
            await phone.presses(keys)
        else:
            await ward.pass_time("6s")
    await phone.hangs_up()


def keys_for(case: Case, answers: dict[str, str]) -> str | None:
    """What to press where the call is; nothing is silence, None is the end of what the vignette answers."""
    node = case.calls[-1].node
    asked = "wound_neck_head" if node == "wound" else case.asked
    if node == "questions":
        keys = answers.get(asked or "")
        return keys and keys + ("#" if len(keys) > 1 else "")
    roads = {"menu": "3", "which": "3", "tell": "#", "number": "1", "stay": "1", "same": "1", "called_911": ""}
    return answers.get("wound_neck_head", "") if node == "wound" else roads.get(node)


def answers_of(lines: list[str]) -> dict[str, str]:
    """Our question codes with the keys to press; of two prompts that are one question here, the worse answer."""
    answers: dict[str, str] = {}
    for line in lines:
        prompt, key = line.removeprefix("PROMPT: ").split(" | KEY: ")
        code, keys = next((given for words, given in QUESTIONS.items() if words in prompt), (None, {}))
        if code is not None and key.strip().isdigit():
            pressed = keys.get(key.strip(), key.strip())
            answers[code] = pressed if answers.get(code, "2") == "2" else answers[code]
        elif code is not None and ":" in key:
            answers[code] = key.split(":")[0].strip()
    tight_or_itchy = answers.get("muscles") == "1" or answers.get("itch") == "1"
    return {"stiff_hot_itch": "1" if tight_or_itchy else "2"} | answers  # one core question here, several there


async def enrol(ward: Ward, context: dict[str, Any]) -> None:
    """One family whose register says what the vignette's context says."""
    now = ward.clock.now()
    today = now.date()

    def ago(days: str, hours: str | None = None) -> Any:
        if hours is not None and hours in context:
            return now - timedelta(hours=context[hours])
        return now - timedelta(days=context[days]) if days in context else None

    def ahead(key: str) -> Any:
        return today + timedelta(days=round(context[key])) if key in context else None

    def years(key: str) -> Any:
        return today - timedelta(days=round(context[key] * 365.25 + 30)) if key in context else None

    refilled = ago("days_since_refill", "hours_since_refill")
    surgery = ago("days_since_surgery")
    patient = {
        "id": PATIENT,
        "name": "Vera Sample",
        "label": "V.S.",
        "serial": SERIAL,
        "model": context.get("pump_model"),
        "diagnosis": context.get("diagnosis"),
        "born_on": years("age_years"),
        "implanted_on": years("pump_age_years"),
        "last_refill_at": refilled,
        "last_refill_on": refilled.date() if refilled else None,
        "refill_booked_on": ahead("refill_booked_in_days"),
        "low_reservoir_on": ahead("days_to_low_reservoir_alarm"),
        "last_surgery_on": surgery.date() if surgery else None,
        "last_dose_change_at": ago("-", "hours_since_dose_change"),
        "last_mri_at": ago("-", "hours_since_mri"),
    }
    await ward.house.register.put_plain(
        {
            "patients": [patient],
            "family_phones": [{"number": NUMBER, "relation": "mother"}],
            "patient_phones": [{"patient": PATIENT, "number": NUMBER}],
        },
        "test",
    )
