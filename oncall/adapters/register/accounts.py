"""Accounts, sessions, one-time links and looks at patients' data, over whichever store holds the register's rows.

The contract is `service.people.accounts.Accounts`. Every change has its line in the audit; being seen again and a look
have none, because the session and the list of looks are that record themselves. Deliberately not here: any rule.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from oncall.adapters.register.keeping import end_sessions, hashed, keep
from oncall.adapters.register.rows import PersonRow, Rows
from oncall.adapters.register.sealing import Seal
from oncall.adapters.register.sign_in_rows import AccountRow, LinkRow, SessionRow, ViewRow
from oncall.adapters.register.store import Store
from oncall.service.people.accounts import Account, Link, Session, View
from oncall.service.people.second_step import Second


class KeptAccounts:
    """See the module."""

    def __init__(self, store: Store, seal: Seal) -> None:
        self._store, self._seal = store, seal

    async def account(self, person: str) -> Account | None:
        return await self._store.read(lambda rows: self._account(rows, person))

    async def accounts(self) -> list[Account]:
        return await self._store.read(lambda rows: [self._of_row(rows, row) for row in rows.find(AccountRow)])

    async def add_account(self, account: Account, who: str, at: datetime) -> None:
        def work(rows: Rows) -> None:
            roles = ",".join(sorted(account.roles))
            new = AccountRow(person=account.person, name=account.name, roles=roles, added_at=at)
            before = next(iter(rows.find(AccountRow, person=account.person)), new)
            if before.ended_at is not None:  # whoever comes back chooses a new one by the link
                before = replace(before, ended_at=None, password=None)
            changed = replace(before, name=account.name, roles=roles, is_sample=account.is_sample)
            keep(rows, changed, who, at)

        await self._store.write(work)

    async def change_account(self, person: str, change: Callable[[Account], Account], who: str, at: datetime) -> None:
        def work(rows: Rows) -> None:
            for row in rows.find(AccountRow, person=person):
                after = change(self._of_row(rows, row))
                keep(rows, self._changed(row, after, at), who, at)

        await self._store.write(work)

    async def account_of_subject(self, subject: str) -> Account | None:
        return next((account for account in await self.accounts() if account.subject == subject), None)

    async def account_of_mail(self, mail: str) -> Account | None:
        def work(rows: Rows) -> Account | None:
            people = [row for row in rows.find(PersonRow) if row.email and row.email.lower() == mail.lower()]
            staying = [row for row in people if row.left_at is None]
            return self._account(rows, staying[0].id) if len(staying) == 1 else None

        return await self._store.read(work)

    async def add_session(self, session: Session, token: str, at: datetime) -> None:
        row = SessionRow(
            id=session.id,
            token_sha256=hashed(token),
            person=session.person,
            made_at=session.made_at,
            seen_at=session.seen_at,
            agent=session.agent,
        )
        await self._store.write(lambda rows: keep(rows, row, session.person, at))

    async def session(self, token: str) -> tuple[Session, Account] | None:
        def work(rows: Rows) -> tuple[Session, Account] | None:
            row = next(iter(rows.find(SessionRow, token_sha256=hashed(token))), None)
            account = self._account(rows, row.person) if row else None
            return (_session(row), account) if row and account else None

        return await self._store.read(work)

    async def sessions(self, person: str) -> list[Session]:
        return await self._store.read(lambda rows: [_session(row) for row in rows.find(SessionRow, person=person)])

    async def touch_session(self, session: str, at: datetime) -> None:
        def work(rows: Rows) -> None:
            for row in rows.find(SessionRow, id=session):
                rows.save(replace(row, seen_at=max(row.seen_at, at)))

        await self._store.write(work)

    async def end_session(self, session: str, who: str, at: datetime) -> bool:
        def work(rows: Rows) -> bool:
            found = [row for row in rows.find(SessionRow, id=session) if row.ended_at is None]
            return any([keep(rows, replace(row, ended_at=at), who, at) for row in found])

        return await self._store.write(work)

    async def end_sessions(self, person: str, who: str, at: datetime, spared: str = "") -> int:
        return await self._store.write(lambda rows: end_sessions(rows, person, who, at, spared))

    async def add_link(self, link: Link, token: str, who: str, at: datetime) -> None:
        def work(rows: Rows) -> None:
            for earlier in rows.find(LinkRow, person=link.person):
                keep(rows, replace(earlier, used_at=earlier.used_at or at), who, at)
            row = LinkRow(
                id=link.id,
                token_sha256=hashed(token),
                person=link.person,
                purpose=link.purpose,
                made_at=link.made_at,
                expires_at=link.expires_at,
            )
            keep(rows, row, who, at)

        await self._store.write(work)

    async def link(self, token: str) -> tuple[Link, Account] | None:
        def work(rows: Rows) -> tuple[Link, Account] | None:
            row = next(iter(rows.find(LinkRow, token_sha256=hashed(token))), None)
            account = self._account(rows, row.person) if row else None
            if row is None or account is None:
                return None
            return Link(row.id, row.person, row.purpose, row.made_at, row.expires_at, row.used_at), account

        return await self._store.read(work)

    async def use_link(self, link: str, at: datetime) -> bool:
        def work(rows: Rows) -> bool:
            found = [row for row in rows.find(LinkRow, id=link) if row.used_at is None]
            return any([keep(rows, replace(row, used_at=at), row.person, at) for row in found])

        return await self._store.write(work)

    async def add_view(self, view: View) -> None:
        row = ViewRow(id=view.id, at=view.at, who=view.who, address=view.address, subject=view.subject)
        await self._store.write(lambda rows: rows.save(row))

    async def views(self, limit: int, subject: str = "") -> list[View]:
        wanted = {"subject": subject} if subject else {}
        newest = await self._store.read(lambda rows: rows.newest(ViewRow, "at", limit, **wanted))
        return [View(row.id, row.at, row.who, row.address, row.subject) for row in newest]

    # --- rows and accounts -------------------------------------------------------------------------------------------

    def _account(self, rows: Rows, person: str) -> Account | None:
        return next((self._of_row(rows, row) for row in rows.find(AccountRow, person=person)), None)

    def _of_row(self, rows: Rows, row: AccountRow) -> Account:
        """Whoever has left the team is not let in either."""
        left = any(person.left_at is not None for person in rows.find(PersonRow, id=row.person))
        return Account(
            person=row.person,
            name=row.name,
            roles=frozenset(row.roles.split(",")),
            password=row.password,
            failures=row.failures,
            locked_until=row.locked_until,
            ended=row.ended_at is not None or left,
            is_sample=row.is_sample,
            second=self._second(row),
            subject=row.subject,
        )

    def _second(self, row: AccountRow) -> Second | None:
        if row.totp_secret is None:
            return None
        recovery = tuple(code for code in row.recovery_codes.split(",") if code)
        secret = self._seal.open(row.totp_secret, row.person)
        return Second(secret, row.totp_confirmed_at, row.totp_step, recovery)

    def _changed(self, row: AccountRow, after: Account, at: datetime) -> AccountRow:
        second = after.second
        return replace(
            row,
            roles=",".join(sorted(after.roles)),
            password=after.password,
            failures=after.failures,
            locked_until=after.locked_until,
            ended_at=(row.ended_at or at) if after.ended else None,
            totp_secret=self._sealed(row, second),
            totp_confirmed_at=second.confirmed_at if second else None,
            totp_step=second.step if second else 0,
            recovery_codes=",".join(second.recovery) if second else "",
            subject=after.subject,
        )

    def _sealed(self, row: AccountRow, second: Second | None) -> str | None:
        """What cannot be opened stays as it lies: the right key may come back."""
        if second is None or not second.secret:
            return row.totp_secret if second else None
        return self._seal.close(second.secret, row.person)


def _session(row: SessionRow) -> Session:
    return Session(row.id, row.person, row.made_at, row.seen_at, row.agent, row.ended_at is not None)
