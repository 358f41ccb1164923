"""All checks in the order in which somebody would mend what they find: ours, our door, the provider, a telephone.

They run beside one another, each with its own time limit; only the text and the call come last and one by one.
Deliberately not here: what any check thinks, and printing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial

from aiohttp import ClientSession, ClientTimeout

from oncall.adapters.clock import new_token
from oncall.adapters.handbook.files import load_handbook
from oncall.adapters.handbook.reading import HandbookFaults
from oncall.adapters.telephony.fallback import fallback_files
from oncall.config import Config
from oncall.core.handbook import Handbook
from oncall.core.people import Clinician
from oncall.fitness import REAL_CARRIER
from oncall.preflight import door, ours
from oncall.preflight.check import Check, Verdict, examined, problem
from oncall.preflight.line import Line, address_checks, fallback_checks, number_check, wanted_addresses
from oncall.preflight.provider import Provider
from oncall.preflight.registration import registration
from oncall.preflight.ringing import CALL, TEXT, Trial
from oncall.service.ports.timepiece import Timepiece
from oncall.stores import hospital_without_secret, open_stores

LIMIT = 30.0  # seconds for one check
ONE_REQUEST = 10.0


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person who runs it asks for. `fallback` is where the fallback files are served from."""

    phone: str | None = None
    fallback: str | None = None
    configure: bool = False


class Preflight:
    """One run. `tell` is told what happens meanwhile: changes on the number, and that a telephone will ring."""

    def __init__(self, config: Config, clock: Timepiece, wish: Wish, tell: Callable[[str], object]) -> None:
        self._config, self._clock, self._wish, self._tell = config, clock, wish, tell
        self._loading: asyncio.Task[tuple[Handbook, dict[str, Clinician]]] | None = None

    async def run(self) -> list[Check]:
        async with AsyncExitStack() as stack:
            session = await stack.enter_async_context(self._session())
            provider = Provider(self._config.telephony, self._clock.now)
            stack.push_async_callback(provider.close)
            if self._wish.configure:
                await self._configure(provider)
            checks = await self._looked_at(session, provider)
            if self._wish.phone:
                checks += await self._rung(session, provider, self._wish.phone)
            return checks

    def _session(self) -> ClientSession:
        """As the line itself asks: through an outbound proxy where the environment names one."""
        through_proxy = self._config.public.url.startswith("https:")
        return ClientSession(timeout=ClientTimeout(total=ONE_REQUEST), trust_env=through_proxy)

    async def _looked_at(self, session: ClientSession, provider: Provider) -> list[Check]:
        config, now = self._config, self._clock.now()
        url, line = config.public.url, config.telephony.line
        sms_url = wanted_addresses(url)["sms_url"]
        looks = {
            "handbook": self._people,
            "database": self._database,
            "public address": partial(door.reachable, session, url),
            "signatures": partial(door.signatures, session, url, config.telephony.token),
            "certificate": partial(door.certificate, url, now, config.telephony.api == REAL_CARRIER),
            "credentials": provider.standing,
            "balance": provider.balance,
            "the number": partial(self._number, session, provider),
            "sender registration": partial(registration, provider.client, line, sms_url),
        }
        found = await asyncio.gather(*(examined(name, look, LIMIT) for name, look in looks.items()))
        return [ours.configuration_check(config), *(check for checks in found for check in checks)]

    # --- ours ----------------------------------------------------------------------------------------------------

    async def _people(self) -> list[Check]:
        try:
            handbook, clinicians = await self._declared()
        except HandbookFaults as faults:
            return [ours.handbook_faulty(faults)]
        now = self._clock.now()
        return [
            *ours.handbook_checks(handbook, self._config.unsigned_accepted_by),
            *ours.rota_checks(handbook, now),
            *ours.phone_checks(handbook, clinicians, now),
        ]

    async def _declared(self) -> tuple[Handbook, dict[str, Clinician]]:
        """Loaded once for all checks; one that runs out of time does not take it from the others."""
        if self._loading is None:
            self._loading = asyncio.create_task(self._load())
        return await asyncio.shield(self._loading)

    async def _load(self) -> tuple[Handbook, dict[str, Clinician]]:
        """What is in force and who is in the register; before the first start, the folders and nobody."""
        config = self._config
        if config.database_path is None or not config.database_path.exists():
            return load_handbook(config.handbook.rules, config.handbook.rotations), {}
        async with AsyncExitStack() as stack:
            _, register, handbooks = await open_stores(config, self._clock, stack)
            return handbooks.current(), dict((await register.directory()).clinicians)

    async def _database(self) -> list[Check]:
        return await asyncio.to_thread(ours.database_checks, self._config.database_path)

    # --- the number ----------------------------------------------------------------------------------------------

    def _line(self, provider: Provider) -> Line:
        wanted = wanted_addresses(self._config.public.url, self._wish.fallback)
        return Line(provider.client, self._config.telephony.line, wanted)

    async def _number(self, session: ClientSession, provider: Provider) -> Iterable[Check]:
        line, url = self._line(provider), self._config.public.url
        found = await line.found()
        number = number_check(self._config.telephony.line, found)
        if found is None:
            return [number]
        checks = [number, *address_checks(found, line.wanted)]
        try:
            handbook, _ = await self._declared()
        except HandbookFaults:  # told by the check of the handbook; without it there is nothing to compare with
            return checks
        files = fallback_files(handbook.advice, hospital_without_secret(self._config))
        return [*checks, *await fallback_checks(session, found, url, files)]

    async def _configure(self, provider: Provider) -> None:
        """Shows each difference before it is set; a refusal shows again as a check of the number."""

        async def set_them() -> list[Check]:
            changed = await self._line(provider).configure(self._tell)
            self._tell("Set at the provider." if changed else "Nothing to set: the number is as it should be.")
            return []

        for trouble in await examined("configure", set_them, LIMIT):
            self._tell(trouble.line())

    # --- a telephone ---------------------------------------------------------------------------------------------

    async def _rung(self, session: ClientSession, provider: Provider, phone: str) -> list[Check]:
        trial = Trial(provider.client, session, self._config, self._clock, phone, new_token())
        self._tell("Now a text and then a call to that telephone, both marked TEST: answer it and press any key.")
        limit = trial.patience.total_seconds() + LIMIT
        return [*await examined(TEXT, trial.text, limit), *await examined(CALL, trial.call, limit)]


def exit_code(checks: Iterable[Check]) -> int:
    return 1 if any(check.verdict is Verdict.PROBLEM for check in checks) else 0


def misconfigured(faults: HandbookFaults) -> list[Check]:
    """The one check that is left when the configuration cannot be read."""
    told = "; ".join(str(fault) for fault in faults.faults)
    return [problem("configuration", told, "Mend it, and set the secrets in the environment of this command.")]
