"""Every node of the declared call, walked from the data: a page goes out, 0 and * work, nobody is left in silence.

The roads are read from rules/calls.yaml itself, so a node that is added is walked too. Deliberately not here: what
single answers mean (test_family_calls).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from oncall.core.case.call_graph import PAGING, STATE, Node, Takes
from oncall.core.case.case import Case, Status
from tests.support.ward import Phone, Ward, open_ward, shipped

GRAPH = shipped().calls
ADVICE = shipped().advice
QUESTIONS = {question.code: question for question in shipped().rulebook.questions}
SILENCE, WORDS_A_MINUTE = "", 150
SPECIAL = {GRAPH.redial, GRAPH.hidden, GRAPH.danger}  # reached by ringing again, by a hidden number, by a sign


def roads() -> dict[str, tuple[str, ...]]:
    """The shortest way to each node from the first question: keys, and silences. Not through "911 was called", after
    which nobody is asked anything."""
    found: dict[str, tuple[str, ...]] = {GRAPH.start: ()}
    queue = [GRAPH.start]
    while queue:
        name = queue.pop(0)
        for step, to in steps_from(GRAPH.nodes[name]):
            if to not in found:
                found[to] = (*found[name], step)
                queue += [] if to == GRAPH.danger else [to]
    return found


def steps_from(node: Node) -> Iterator[tuple[str, str]]:
    yield from ((key, choice.to) for key, choice in node.keys.items())
    yield from ((key, choice.to) for key, choice in GRAPH.always.items())
    if node.then:
        yield SILENCE, node.unread or node.then


ROADS = roads()
NODES = sorted(GRAPH.nodes)
NUMBERS = {name for name, node in GRAPH.nodes.items() if node.takes in (Takes.NUMBER, Takes.EXTENSION)}
LISTENING = [name for name in NODES if GRAPH.nodes[name].takes not in (Takes.WAIT, Takes.END)]


async def where(ward: Ward) -> str:
    return (await ward.only_case()).calls[-1].node


async def stand_at(ward: Ward, name: str) -> Phone:
    """Walk a caller to this node."""
    mum = ward.phone("mum of Leo")
    if name == GRAPH.redial:
        await mum.calls()
        await mum.presses("2")
        await mum.hangs_up()
        await mum.calls()
    elif name == GRAPH.hidden:
        await mum.calls(shown_as="anonymous")
        await mum.presses("2")
        while await where(ward) != name:
            await ward.pass_time("3s")
    else:
        await mum.calls()
        for step in ROADS[name]:
            await takes(ward, mum, step)
    assert await where(ward) == name
    return mum


async def takes(ward: Ward, phone: Phone, step: str) -> None:
    before = await where(ward)
    if step:
        await phone.presses(step)
    for _ in range(8):
        if await where(ward) != before:
            return
        await ward.pass_time("2s")


def test_every_node_is_reached_from_the_first_question_or_by_ringing_again() -> None:
    assert set(NODES) <= {*ROADS, *SPECIAL}


@pytest.mark.parametrize("name", NODES)
async def test_a_page_is_out_after_one_step_wherever_the_caller_goes(name: str) -> None:
    async with open_ward() as ward:
        began = ward.clock.now()
        await stand_at(ward, name)
        if name == GRAPH.start:
            await ward.pass_time("20s")
        assert ward.phone("ana").inbox
        assert (ward.clock.now() - began).total_seconds() <= 60
        assert (await ward.only_case()).status is Status.PAGING


@pytest.mark.parametrize("name", NODES)
async def test_hanging_up_at_any_node_leaves_a_page_and_a_running_clock(name: str) -> None:
    async with open_ward() as ward:
        mum = await stand_at(ward, name)
        mum.new_texts()
        await mum.hangs_up()
        case = await ward.only_case()
        assert ward.phone("ana").inbox
        assert case.status is Status.PAGING
        assert case.due_at is not None
        cut_off = any("cut off" in text or "CALL 911 NOW" in text for text in mum.new_texts())
        hidden = case.phone is None
        assert cut_off == (not GRAPH.nodes[name].settled and not hidden)
        await ward.is_sound()


@pytest.mark.parametrize("name", LISTENING)
async def test_two_silences_at_any_node_page_and_lead_on(name: str) -> None:
    async with open_ward() as ward:
        mum = await stand_at(ward, name)
        await ward.pass_time("12s")
        assert ward.phone("ana").inbox
        assert mum.handset.in_call, "we never hang up first"
        assert await where(ward) != name


@pytest.mark.parametrize("name", LISTENING)
async def test_zero_at_any_node_asks_for_a_person(name: str) -> None:
    async with open_ward() as ward:
        mum = await stand_at(ward, name)
        await mum.presses("0")
        await ward.pass_time("6s")
        case = await ward.only_case()
        assert case.has_said("asked_for_person")
        assert ward.phone("ana").inbox
        assert "paging Dr" in mum.heard


@pytest.mark.parametrize("name", LISTENING)
async def test_star_at_any_node_says_it_again_and_files_nothing(name: str) -> None:
    async with open_ward() as ward:
        mum = await stand_at(ward, name)
        said = mum.handset.heard[-1]
        times = mum.handset.heard.count(said)
        reports = len((await ward.only_case()).reports)
        await mum.presses("*")
        if name in NUMBERS:
            await ward.pass_time("5s")  # a number may go on
        assert mum.handset.heard.count(said) == times + 1
        assert len((await ward.only_case()).reports) == reports
        assert await where(ward) == name


@pytest.mark.parametrize("name", [name for name in LISTENING if name not in NUMBERS])
async def test_nine_at_any_node_says_it_in_spanish(name: str) -> None:
    async with open_ward() as ward:
        mum = await stand_at(ward, name)
        heard = len(mum.handset.heard)
        await mum.presses("9")
        case: Case = await ward.only_case()
        assert case.language == "es"
        assert await where(ward) == name
        assert re.search(r"[¿áéíóúñ]|prima|llame", " ".join(mum.handset.heard[heard:]))


def sentences(node: Node, language: str) -> list[str]:
    spoken = [ADVICE.texts[key][language] for key in node.say if key not in (STATE, PAGING)]
    asked = QUESTIONS[node.question].spoken[language] if node.question else None
    return [*spoken, *([asked] if asked else [])]


@pytest.mark.parametrize("name", NODES)
def test_the_same_keys_are_spoken_in_both_languages_and_each_has_a_road(name: str) -> None:
    node = GRAPH.nodes[name]
    spoken = [set(re.findall(r"\b[1-8]\b", " ".join(sentences(node, tongue)))) for tongue in ("en", "es")]
    assert spoken[0] == spoken[1]
    if node.takes is Takes.KEY and node.question is None:
        assert set(node.keys) == spoken[0] - set(GRAPH.always)


@pytest.mark.parametrize("name", NODES)
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_prompt_takes_at_most_eight_seconds(name: str, language: str) -> None:
    blanks = {
        "emergency_spoken": "9 1 1",
        "who": "Doctor Okafor",
        "number": "6 1 7, 5 5 5, 0 1 4 2",
        "time": "12:00 PM",
    }
    for sentence in sentences(GRAPH.nodes[name], language):
        words = re.findall(r"[\w:'-]+", sentence.format_map(blanks))
        assert len(words) / WORDS_A_MINUTE * 60 <= 8, sentence
