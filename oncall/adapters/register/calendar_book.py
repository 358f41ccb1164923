"""Links to calendar feeds, and the state of watched feeds, as changes of the register's rows.

Making and revoking a link has a line in the audit like every change. What the machine itself notes of a feed at each
look has none: it is no act of a person, and would bury those. Deliberately not here: transactions (the stores).
"""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime

from oncall.adapters.register.calendar_rows import CalendarLinkRow, WatchedFeedRow
from oncall.adapters.register.keeping import hashed, keep
from oncall.adapters.register.rows import Rows
from oncall.service.rota.calendars import CalendarLink, KnownLink, WatchedFeed


def link_by_token(rows: Rows, token: str) -> CalendarLink | None:
    found = rows.find(CalendarLinkRow, token_sha256=hashed(token))
    return next((CalendarLink(row.id, row.person, row.rotation) for row in found if row.revoked_at is None), None)


def links_of(rows: Rows, person: str) -> list[KnownLink]:
    found = (row for row in rows.find(CalendarLinkRow, person=person) if row.revoked_at is None)
    known = (KnownLink(CalendarLink(row.id, row.person), row.made_at, row.made_by) for row in found)
    return sorted(known, key=lambda one: (one.made_at, one.link.id))


def revoke_link(rows: Rows, id: str, who: str, at: datetime) -> bool:
    """Whether there was such a link in use."""
    found = [row for row in rows.find(CalendarLinkRow, id=id) if row.revoked_at is None]
    for row in found:
        keep(rows, replace(row, revoked_at=at), who, at)
    return bool(found)


def feed_of(rows: Rows, name: str) -> WatchedFeed:
    found = rows.find(WatchedFeedRow, name=name)
    return WatchedFeed(**asdict(found[0])) if found else WatchedFeed(name)


def note_feed(rows: Rows, feed: WatchedFeed) -> None:
    rows.save(WatchedFeedRow(**asdict(feed)))


def take_feed_anyway(rows: Rows, name: str, who: str, at: datetime) -> None:
    """A named person says that the next copy is right, however little it holds."""
    known = WatchedFeedRow(**asdict(feed_of(rows, name)))
    if not rows.find(WatchedFeedRow, name=name):
        rows.save(known)
    keep(rows, replace(known, take_anyway=True), who, at)
