"""The rows of notices, and the notices that they are.

Apart from the other rows because they are many and change often; they are audited like all. Deliberately not here:
when a notice is sent and what an answer leads to (`service.messenger`, `core.notices`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from oncall.adapters.register.rows import Key, Rows
from oncall.core.case.messages import Channel, Progress
from oncall.core.notices import About, Choice, Notice, Standing

SLOT_REST = timedelta(days=7)  # as for pages (RULINGS 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRow:
    """One notice; `choices` is JSON."""

    table: ClassVar[str] = "notices"
    key: ClassVar[Key] = ("id",)
    id: str
    about_kind: str
    about_ref: str
    person: str
    sent_to: str
    channel: str
    words: str
    ordered_by: str
    ordered_at: datetime
    not_before: datetime
    expires_at: datetime
    standing: str
    is_open: bool
    choices: str = "[]"
    is_test: bool = False
    rings: int = 1
    slot: int | None = None
    attempts: int = 0
    refusals: int = 0
    attempted_at: datetime | None = None
    sent_at: datetime | None = None
    sid: str | None = None
    code: int | None = None
    progress: int = 0
    answer: str | None = None
    answered_at: datetime | None = None
    reply_sid: str | None = None
    settled_at: datetime | None = None
    is_heard: bool = False


SAME = (
    "person", "words", "ordered_by", "is_test", "rings", "slot", "attempts", "refusals", "attempted_at",
    "sent_at", "sid", "code", "answer", "answered_at", "reply_sid", "settled_at", "is_heard",
)  # fmt: skip


def row_of(notice: Notice) -> NoticeRow:
    """Raises ValueError for a notice that was not ordered."""
    if notice.ordered_at is None or notice.not_before is None or notice.expires_at is None:
        raise ValueError(f"{notice.id} was not ordered")
    return NoticeRow(
        id=notice.id,
        about_kind=notice.about.kind,
        about_ref=notice.about.reference,
        sent_to=notice.to,
        channel=notice.channel.value,
        choices=json.dumps([[choice.digit, choice.meaning] for choice in notice.choices]),
        ordered_at=notice.ordered_at,
        not_before=notice.not_before,
        expires_at=notice.expires_at,
        standing=notice.standing.value,
        is_open=notice.is_open,
        progress=int(notice.progress),
        **{name: getattr(notice, name) for name in SAME},
    )


def notice_of(row: NoticeRow) -> Notice:
    return Notice(
        about=About(row.about_kind, row.about_ref),
        to=row.sent_to,
        channel=Channel(row.channel),
        choices=tuple(Choice(digit, meaning) for digit, meaning in json.loads(row.choices)),
        ordered_at=row.ordered_at,
        not_before=row.not_before,
        expires_at=row.expires_at,
        standing=Standing(row.standing),
        progress=Progress(row.progress),
        **{name: getattr(row, name) for name in SAME},
    )


def slots_of(rows: Rows, person: str, since: datetime) -> frozenset[int]:
    """The slots of this person's notices that were ordered after `since` or are still open."""
    found = rows.find(NoticeRow, person=person)
    return frozenset(row.slot for row in found if row.slot is not None and (row.is_open or row.ordered_at > since))
