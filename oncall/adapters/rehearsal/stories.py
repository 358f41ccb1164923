"""Six guided stories of about a minute, for visitors who have never seen the line at work.

Each is a list of steps: what a visitor is told, and what the phones do. A step looks for what it needs and
says so when it is not there, because rules and rota belong to the hospital and may change under a story.
Deliberately not here: how a step finds a ringing phone or waits (stage.py).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from oncall.adapters.rehearsal.phones import Handset, Mode
from oncall.adapters.rehearsal.stage import NotSeen, Stage, hears

_NOBODY = re.compile("could not reach|no logramos", re.IGNORECASE)  # as advice.yaml words it
Act = Callable[[Stage], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Step:
    """`told` is what happens, in a visitor's words; `act` does it and returns what was seen."""

    told: str
    act: Act


@dataclass(frozen=True, slots=True)
class Story:
    key: str
    title: str
    blurb: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Played:
    is_done: bool
    note: str


async def play(story: Story, number: int, stage: Stage) -> Played:
    """Perform one step; the first clears the stage."""
    if number == 0:
        await stage.clear()
    try:
        return Played(True, await story.steps[number].act(stage))
    except NotSeen as missing:
        return Played(False, str(missing))


def _caller(stage: Stage) -> Handset:
    if stage.caller is None:
        raise NotSeen("Nobody has called yet. Start with the first step.")
    return stage.caller


def _clinician(stage: Stage) -> Handset:
    if stage.clinician is None:
        raise NotSeen("No clinician has been reached yet.")
    return stage.clinician


def _texts(words: str, language: str = "en") -> Act:
    async def act(stage: Stage) -> str:
        phone = stage.family(language)
        before = len(phone.inbox)
        stage.text(phone, words)
        await stage.see("the first answer", lambda: len(phone.inbox) > before)
        return f"The line answered {phone.owner} with the 911 line and what happens next."

    return act


def _rings_the_line(pick: Callable[[Stage], Handset]) -> Act:
    async def act(stage: Stage) -> str:
        phone = pick(stage)
        stage.carrier.calls.take_from(phone, None)
        await stage.see("the greeting", lambda: hears(phone))
        return f"{phone.owner} hears: “{phone.heard[-1]}”"

    return act


def _caller_presses(key: str, note: str) -> Act:
    async def act(stage: Stage) -> str:
        await stage.press(_caller(stage), key)
        await stage.breathe(1)
        return note

    return act


async def _page_rings(stage: Stage) -> str:
    phone = await stage.ringing_clinician(jumps=3)
    return f"{phone.owner} is paged by text, and the phone rings."


async def _next_tier_rings(stage: Stage) -> str:
    names = await stage.another_clinician(jumps=10)
    return f"Ringing now: {', '.join(names)}. Whoever rang before is rung again and again."


async def _clinician_takes_it(stage: Stage) -> str:
    phone = stage.clinician if stage.clinician and stage.clinician.ringing else await stage.ringing_clinician(3)
    await stage.answer(phone)
    digit = await stage.press_spoken_digit(phone)
    return f"{phone.owner} pressed {digit}. A voicemail or a pocket cannot do that."


async def _clinician_connects(stage: Stage) -> str:
    phone, caller = _clinician(stage), _caller(stage)
    await stage.press(phone, "1")
    await stage.answer(caller)
    await stage.see("the line's words to the caller", lambda: caller.in_call and hears(caller))
    return f"{phone.owner} pressed 1. The caller's phone shows the hospital's number, never the doctor's."


async def _they_talk(stage: Stage) -> str:
    phone, caller = _clinician(stage), _caller(stage)
    await stage.press(caller, "1")
    await stage.see("both on one line", lambda: phone.line and phone.line.ears)
    await stage.say(phone, "Hello, this is the pump doctor. Tell me what you see.")
    await stage.say(caller, "Gracias, doctora." if caller.language == "es" else "Thank you for calling so fast.")
    return "They hear each other. Only a key or the doctor's word counts as “family reached”."


async def _caller_hangs_up(stage: Stage) -> str:
    await stage.hang_up(_caller(stage))
    return "Nobody has to wait on the line: whoever takes it is connected by ringing back."


async def _all_sleep(stage: Stage) -> str:
    for phone in stage.clinicians():
        phone.mode = Mode.NO_ANSWER
    return "Every clinician's phone is on silent in another room."


async def _nobody_reached(stage: Stage) -> str:
    caller = _caller(stage)

    def told() -> str:
        return next((words for words in reversed(caller.inbox) if _NOBODY.search(words)), "")

    await stage.see("the text that nobody was reached", told, jumps=60)
    return f"{caller.owner} reads: “{told()}”"


async def _somebody_wakes(stage: Stage) -> str:
    for phone in stage.clinicians():
        phone.mode = Mode.NORMAL
    await stage.ringing_clinician(jumps=8)
    return await _clinician_takes_it(stage)


async def _voicemail_everywhere(stage: Stage) -> str:
    for phone in stage.clinicians():
        phone.mode = Mode.VOICEMAIL
    return "Every clinician's phone goes to voicemail tonight."


async def _machine_hears(stage: Stage) -> str:
    await stage.see("a voicemail answering", lambda: any(p.voicemail for p in stage.clinicians()), jumps=4)
    phone = next(p for p in stage.clinicians() if p.voicemail)
    return f"{phone.owner}'s voicemail heard “{phone.voicemail[-1]}” and could press nothing. Not acknowledged."


async def _text_thanks(stage: Stage) -> str:
    caller = _caller(stage)
    rings = [len(phone.bubbles) for phone in stage.clinicians()]
    before = len(caller.inbox)
    stage.text(caller, "thank you so much, he is asleep now")
    await stage.see("the answer", lambda: len(caller.inbox) > before)
    await stage.breathe(3)
    quiet = rings == [len(phone.bubbles) for phone in stage.clinicians()]
    return "Filed and answered. " + ("No phone rang." if quiet else "A clinician was told as well.")


async def _closes(stage: Stage) -> str:
    phone = _clinician(stage)
    for one in (_caller(stage), phone):
        await stage.hang_up(one)
    phone, code = stage.phone_with_code(phone, "74")
    before = len(phone.inbox)
    stage.text(phone, code)
    await stage.see("the line's receipt", lambda: len(phone.inbox) > before)
    return f"{phone.owner} texted {code}: closed, phone advice. Only a named person can close a case."


_TAKEN = (
    Step("A pump doctor answers and presses the digit that was spoken.", _clinician_takes_it),
    Step("She presses 1: take it and connect me to the family.", _clinician_connects),
    Step("They talk, over the hospital's number.", _they_talk),
)
_CLOSED = Step("They hang up, and the doctor closes the case with its outcome.", _closes)
_RING_OFF = Step("She hangs up; the line rings her back.", _caller_hangs_up)

STORIES: tuple[Story, ...] = (
    Story(
        "itchy",
        "Itchy and stiff at 3 am",
        "A family texts. The page goes out before any question is asked.",
        (
            Step(
                "A family texts: he is so itchy and stiff, his alarm is beeping.",
                _texts("he is so itchy and stiff, his alarm is beeping"),
            ),
            Step("The doctor on call is paged, by text and by phone.", _page_rings),
            *_TAKEN,
            _CLOSED,
        ),
    ),
    Story(
        "nobody",
        "Nobody answers",
        "Silence is an answer too: the circle widens until a person takes it.",
        (
            Step("It is a bad night: no clinician hears the phone.", _all_sleep),
            Step(
                "A family texts: she is very sleepy and hard to wake.",
                _texts("she is very sleepy and hard to wake"),
            ),
            Step("The first doctor's phone rings, unheard.", _page_rings),
            Step("Time passes. More people are rung, and nobody stops ringing.", _next_tier_rings),
            Step("The promised time comes: the family is told what to do now.", _nobody_reached),
            Step("At last somebody wakes, answers and presses the digit.", _somebody_wakes),
            Step("She presses 1 and is connected.", _clinician_connects),
            Step("They talk.", _they_talk),
            _CLOSED,
        ),
    ),
    Story(
        "voicemail",
        "Voicemail picks up",
        "Delivered, ringing and voicemail are not heard. Only a pressed digit is.",
        (
            Step("Every clinician's phone goes to voicemail.", _voicemail_everywhere),
            Step(
                "A family texts: two tone alarm, legs like boards.",
                _texts("two tone alarm and his legs are like boards"),
            ),
            Step("The voicemail answers, hears the page and can press nothing.", _machine_hears),
            Step("The line rings on, and a doctor answers in person.", _somebody_wakes),
            Step("She presses 1 and is connected.", _clinician_connects),
            Step("They talk.", _they_talk),
            _CLOSED,
        ),
    ),
    Story(
        "spanish",
        "A Spanish caller",
        "911 first, in both languages; the doctor knows the language before speaking.",
        (
            Step("A grandmother calls. She speaks Spanish.", _rings_the_line(lambda stage: stage.family("es"))),
            Step("She presses 9 for Spanish.", _caller_presses("9", "From here on the line speaks Spanish.")),
            Step("She presses 2: stiff, itchy or hot.", _caller_presses("2", "The page is on its way already.")),
            _RING_OFF,
            *_TAKEN,
            _CLOSED,
        ),
    ),
    Story(
        "hospital",
        "A doctor in another ED",
        "Key 8 works from the first second: no family questions, straight to a doctor.",
        (
            Step("An emergency doctor elsewhere calls the line.", _rings_the_line(Stage.emergency_department)),
            Step(
                "She presses 8: hospital staff.",
                _caller_presses("8", "Primary and attending are rung together, with no family questions."),
            ),
            _RING_OFF,
            *_TAKEN,
            _CLOSED,
        ),
    ),
    Story(
        "thanks",
        "A thank-you after close",
        "Gratitude wakes nobody, and a 0 still reaches the doctor.",
        (
            Step(
                "A family texts: the pump beeps, one tone.",
                _texts("his pump beeps, one tone every few seconds"),
            ),
            *_TAKEN,
            _CLOSED,
            Step("The family texts: thank you so much, he is asleep now.", _text_thanks),
        ),
    ),
)


def story(key: str) -> Story | None:
    return next((one for one in STORIES if one.key == key), None)
