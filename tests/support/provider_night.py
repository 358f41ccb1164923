"""A night on which the provider does everything that providers do, and what came of each contact.

Families text and call and pumps alarm, each from a number of its own, while the carrier of the training ground loses,
delays, doubles, reorders, lies, refuses, is slow, and is gone for five minutes. Doctors take a case once a page of it
has reached a telephone: evidence is what lies on the phones, never what the journal believes. Drawn from a seed.
"""

from __future__ import annotations

import itertools
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from oncall.adapters.rehearsal.carrier import Carrier
from oncall.adapters.rehearsal.sample_ward import BRIDGE_TOKEN
from oncall.core.case.case import Case
from oncall.core.case.commands import Acknowledge, ReachFamily, Resolve
from oncall.core.case.messages import case_of
from oncall.core.triage.assessment import Urgency
from tests.support.ward import TEN_AM, Ward, open_ward

WORDS = (
    "i cant wake him up",
    "she is not breathing right",
    "he is so itchy and stiff, his alarm is beeping",
    "his legs are stiffer than usual today",
    "shes just not right",
    "when is my appointment",
)
ALARM = {"event": "device_alarm", "tone": "two_tone", "alarm_class": "critical"}
FAULTS = {
    "lose": ("lose_webhook", {}),
    "double": ("repeat_webhook", {}),
    "lose callbacks": ("drop_callback", {"times": 3}),
    "delay": ("delay_callback", {"times": 3, "seconds": 40}),
    "reorder": ("swap_callbacks", {"times": 2}),
    "lie": ("lie_delivered", {"times": 2}),
    "vanish": ("vanish", {"times": 2}),
    "filter": ("filter", {}),
    "5xx": ("server_error", {"times": 4}),
    "5xx after accepting": ("accept_then_error", {"times": 2}),
    "slow": ("slow", {"times": 2, "seconds": 0.02}),
    "none": None,
}
OUTAGE_AFTER, OUTAGE = 0.4, timedelta(minutes=5)  # after this share of the contacts
SPAN_S = 30.0  # at most between two contacts


@dataclass
class Contact:
    kind: str
    fault: str
    key: str  # of the delivery, as the journal knows it
    at: datetime


@dataclass(repr=False)  # asyncio writes out what a test is given, for every test
class Night:
    """What happened; `paged_at` is when a page first reached a telephone, by case."""

    contacts: list[Contact] = field(default_factory=list)
    case_of_key: dict[str, str] = field(default_factory=dict)
    paces: dict[str, Urgency | None] = field(default_factory=dict)
    paged_at: dict[str, datetime] = field(default_factory=dict)
    recovered: Counter[str] = field(default_factory=Counter)
    reports: Counter[str] = field(default_factory=Counter)
    outage_over: datetime = TEN_AM

    @property
    def lost(self) -> list[Contact]:
        return [contact for contact in self.contacts if contact.key not in self.case_of_key]

    @property
    def emergencies(self) -> list[Contact]:
        return [c for c in self.contacts if self.paces.get(self.case_of_key.get(c.key, "")) is Urgency.EMERGENCY]

    @property
    def unpaged(self) -> list[Contact]:
        return [contact for contact in self.emergencies if self.case_of_key[contact.key] not in self.paged_at]

    @property
    def doubled(self) -> list[str]:
        return [case for case, count in self.reports.items() if count > 1]

    def in_outage(self, contact: Contact) -> bool:
        """Also a contact of the minute before it: the look that would have found it falls into the outage."""
        return self.outage_over - OUTAGE - timedelta(minutes=1) <= contact.at < self.outage_over

    def waits(self, contacts: list[Contact]) -> list[float]:
        """Seconds to the first page on a telephone, from the contact or the end of the outage it fell into."""
        known = ((c, self.paged_at.get(self.case_of_key.get(c.key, ""))) for c in contacts)
        return sorted(
            max((at - (self.outage_over if self.in_outage(c) else c.at)).total_seconds(), 0)
            for c, at in known
            if at is not None
        )


async def provider_night(count: int, seed: int, second_route: bool = False) -> Night:
    """`count` contacts, and twelve minutes after the last for everything to be found."""
    chance, night = random.Random(seed), Night()
    numbers = (f"+1{area}55501{n:02}" for area in ("212", "413", "503", "702") for n in range(100))
    pace = {"calls_per_second": 5, "messages_per_second": 10}
    async with open_ward(TEN_AM, chores=True, second_route=second_route, internal=True, **pace) as ward:
        for n, number in enumerate(itertools.islice(numbers, count)):
            if n == int(count * OUTAGE_AFTER):
                ward.carrier.goes_down(OUTAGE)
                night.outage_over = ward.clock.now() + OUTAGE
            await _one_contact(ward, night, chance, number)
            await ward.clock.pass_time(timedelta(seconds=chance.uniform(0, SPAN_S)))
            await _doctors_take(ward, night)
        ward.carrier.faults.clear()
        for _ in range(12):
            await ward.pass_time("1m")
            await _doctors_take(ward, night)
        await _judge(ward, night)
        assert await ward.house.journal.audit() == []
        assert ward.carrier.pulse.failures == []
    return night


async def _one_contact(ward: Ward, night: Night, chance: random.Random, number: str) -> None:
    fault = chance.choice(list(FAULTS))
    if (ordered := FAULTS[fault]) is not None:
        kind, details = ordered
        ward.carrier.faults.order(kind, "any", **details)
    kind, at = chance.choices(("text", "call", "alarm"), (6, 3, 2))[0], ward.clock.now()
    match kind:
        case "text":
            key = f"text:{await ward.carrier.phone(number).texts(chance.choice(WORDS))}"
        case "call":
            key = f"call:{await _rings(ward, number, chance.choice(('1', '2', '')))}:"
        case _:
            key = await _alarm(ward, number)
    night.contacts.append(Contact(kind, fault, key, at))
    await ward.settle()


async def _rings(ward: Ward, number: str, key: str) -> str:
    phone = ward.carrier.phone(number)
    sid = await phone.calls()
    await ward.settle()
    if key and phone.in_call:
        await phone.presses(key)
    await ward.settle()
    await phone.hangs_up()
    return sid


async def _alarm(ward: Ward, name: str) -> str:
    async with ward.client() as client:
        body = {**ALARM, "id": name, "device_serial": f"NIGHT{name[-6:]}"}
        url, headers = f"{ward.internal_url}/v1/alarms", {"Authorization": f"Bearer {BRIDGE_TOKEN}"}
        async with client.post(url, json=body, headers=headers) as answer:
            assert answer.status == 201
    return f"alarm:{name}"


def _pages_on_phones(ward: Ward, case: Case) -> list[datetime]:
    """When a page of this case reached a telephone: a text with its code, or a call that rang."""
    staff = [handset for handset in ward.carrier.phones.values() if handset.side != "family"]
    since = case.opened_at or ward.clock.now()  # codes of closed cases come again
    texts = [b.at for handset in staff for b in handset.bubbles if f"#{case.code} " in b.words and b.at >= since]
    return texts + [at for carrier in ward.carriers for at, rang_for in _rang(carrier) if rang_for == case.id]


def _rang(carrier: Carrier) -> list[tuple[datetime, str]]:
    placed = (call for call in carrier.calls.all.values() if call.direction == "outbound-api")
    named = ((call, parse_qs(urlsplit(call.document.url).query).get("m", [""])[0]) for call in placed)
    staff = {number for number, handset in carrier.phones.items() if handset.side != "family"}
    return [
        (call.created_at, case_of(message))
        for call, message in named
        if call.to in staff and call.status not in ("queued", "failed")
    ]


async def _doctors_take(ward: Ward, night: Night) -> None:
    """Whoever was paged takes the case, reaches the family and closes it, as soon as a telephone has the page."""
    for case in await ward.open_cases():
        night.paces[case.id] = case.pace
        pages = [page for page in case.pages if not page.informs]
        seen = _pages_on_phones(ward, case)
        if not pages or not seen:
            continue
        night.paged_at.setdefault(case.id, min(seen))
        person = pages[0].person
        await ward.house.desk.take(Acknowledge(case.id, person, "replied", pages[0].id))
        await ward.house.desk.take(ReachFamily(case.id, person, "replied"))
        await ward.house.desk.take(Resolve(case.id, person, "phone advice"))
    await ward.settle()


async def _judge(ward: Ward, night: Night) -> None:
    journal = ward.house.journal
    for contact in night.contacts:
        for received in await journal.received(contact.key if contact.kind != "alarm" else "alarm:"):
            if contact.kind != "alarm" or f":id-{contact.key.removeprefix('alarm:')}:" in received.key:
                night.case_of_key[contact.key] = received.cases[0]
                night.reports[received.cases[0]] = night.reports[received.cases[0]] + (contact.kind == "text")
    night.recovered.update(ward.house.reconciler.recovered)
