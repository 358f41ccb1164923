"""Sentences built to mislead: worries put as questions, signs behind thanks, past and present in one breath."""

from __future__ import annotations

import pytest

from oncall.core.triage.assessment import Urgency
from tests.examples.shipped_rules import judged

EMERGENCIES = [
    "should i worry that hes floppy and wont wake up",
    "what should i do, she is so stiff and burning up",
    "is it normal for him to be this sleepy after the refill",
    "he used to be loose but now hes stiff as a board",
    "she had the pump put in 3 weeks ago and her legs are rigid and she is itchy",
    "thanks for the refill yesterday. he's been throwing up and is really drowsy",
    "when should I be concerned? he's slept 16 hours and is hard to wake",
    "his sister says he's not breathing right",
    "my husband is confused and hot",
    "no seizures but hes jerking all over and wont answer me",
    "he's never been like this, can't hold his head up",
    "if i shake him he wakes a little then goes right back out",
    "does this sound like withdrawal? itchy legs tight",
    "not sure if this is an emergency but her lips are blue",
    "she's usually wobbly but today she cant stand or hold her head up",
    "everything was fine last month, now she's itching and her legs are tight",
    "can you call me, he's stiff and has a fever, appointment is tuesday",
    "going to reschedule because he is limp and sleepy today",
    "he says he cant feel his legs and cant move them since the dose went up",
    "i gave tylenol and the fever came down but shes shaking and stiff",
    "the itching went away after his pill but his legs are still locked",
    "Is 104.1 too high",
    "his dog died. also he is stiff as a board and sweating",
    "mi hijo no tiene fiebre pero no despierta",
    "como se si tiene abstinencia? esta tieso y con comezon",
    "el mes pasado estaba bien y ahora esta rigido y con fiebre",
    "gracias por la cita, pero esta muy dormido y no sostiene la cabeza",
    "le duele la cabeza, tiene fiebre, y el cuello tieso",
    "sera normal que este tan dormido despues de la recarga",
    "si lo muevo grita, esta tieso y sudando",
    "she cant find her words and her mouth droops",
    "no le salen las palabras desde la manana",
    "the er took the pump out and now hes itching",
    "his pupils are different sizes since lunch",
    "tiene la mollera hinchada y llora",
    "they said part of the refill went under the skin",
]
URGENT = [
    "is it normal that she itches",
    "he was stiff this morning",
    "should we come in? his pump beeped",
    "my daughter seems off but she says shes fine",
    "fever of 101 yesterday, none today",
    "she had spasms last night but theyre gone",
    "stopped scratching after the benadryl",
    "we're out of his baclofen tablets",
    "low date was friday",
    "the pump doctor told us to watch for itching and now he is scratching",
    "someone at school said he looked pale",
    "just wondering, is a beep every hour bad? hers does that",
    "lol the pump is singing again",
    "how do i know if his incision is infected? its kind of red",
    "he's hot",
    "his back hurts where the tube goes",
    "no me gusta como respira",
    "la bomba pito una vez",
]
OFFICE = [
    "Hi, is the office open Monday",
    "please send the note to the school",
    "thank you dr lee",
    "we will be there at 2",
    "I need to update our insurance card",
    "can i bring his brother to the appointment",
    "how long does a refill take",
    "is there a waitlist for earlier appointments",
    "my daughter wants to know if she can get her ears pierced with the pump",
    "whats the wifi password at clinic",
    "Hello, I would like to ask about the invoice",
    "gracias, nos vemos el lunes",
    "quisiera saber el horario de la clinica",
    "does the pump set off metal detectors",
    "hi this is the school, we need the emergency contact form",
    "happy new year to the team!",
    "can we get a refill of his miralax prescription",
    "who won the game last night lol",
    "can you send the visit summary to his pediatrician",
    "im running 10 min late",
    "just confirming no changes needed before the visit",
    "do you validate parking",
    "do we need a babysitter training for the pump? what should she look for",
    "i cant find the words to thank you all",
    "gracias, no encuentro palabras para agradecer",
]


@pytest.mark.parametrize("text", EMERGENCIES)
def test_an_emergency_told_in_a_misleading_way_is_still_one(text: str) -> None:
    assert judged(text).urgency is Urgency.EMERGENCY


@pytest.mark.parametrize("text", URGENT)
def test_a_single_sign_told_in_a_misleading_way_still_pages(text: str) -> None:
    assert judged(text).urgency >= Urgency.URGENT


@pytest.mark.parametrize("text", OFFICE)
def test_an_office_matter_wakes_nobody(text: str) -> None:
    assert judged(text, days_to_low_reservoir_alarm=50).urgency <= Urgency.SAME_DAY
