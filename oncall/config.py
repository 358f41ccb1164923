"""config.yaml and the environment as one frozen Config, or every fault with its line.

Secrets never stand in the file: they are env:NAME or file:PATH. Deliberately not here: anything a clinician or
coordinator decides (the handbook) and anything about people (the register).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    IPvAnyNetwork,
    PrivateAttr,
    ValidationError,
)

from oncall.adapters.handbook.reading import HandbookFaults, Sheet, read_sheet
from oncall.core.emergency_numbers import is_emergency_number


def _real_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("should be a time zone such as America/New_York") from None
    return name


def real_number(number: str) -> str:
    """In E.164, and nothing that must never be dialled. Raises ValueError with what it should be."""
    if is_emergency_number(number):
        raise ValueError("is an emergency number, which the line must never dial")
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        raise ValueError("should be a telephone number such as +16175550100") from None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def web_address(url: str) -> str:
    """Without the stroke at its end. Raises ValueError with what it should be."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("should be an address such as https://line.hospital.example")
    return url.rstrip("/")


def _issuer(url: str) -> str:
    """Kept as it is written: its own description must name the very same. Plain HTTP only on this machine."""
    parts = urlsplit(url)
    here = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")
    if not parts.hostname or parts.query or parts.fragment or not (here or parts.scheme == "https"):
        raise ValueError("should be an https address such as https://login.hospital.example")
    return url


def _host_and_port(bind: str) -> str:
    host, _, port = bind.rpartition(":")
    if not host or not port.isdigit():
        raise ValueError("should be a host and port such as 127.0.0.1:8080")
    return bind


def _database(address: str) -> str:
    if address != "memory:" and not address.startswith("sqlite:///"):
        raise ValueError("should be sqlite:///path/to/file.db")
    return address


def _secret(value: object) -> object:
    if not isinstance(value, _Fetched):
        raise ValueError("is a secret and should be env:NAME or file:PATH")
    return str(value)


class _Fetched(str):
    """A value that came from the environment or a file, not from config.yaml itself."""


Number = Annotated[str, AfterValidator(real_number)]
Address = Annotated[str, AfterValidator(web_address)]
Bind = Annotated[str, AfterValidator(_host_and_port)]
Secret = Annotated[str, BeforeValidator(_secret)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class HospitalPart(_Part):
    name: str
    zone: Annotated[str, AfterValidator(_real_zone)]
    emergency_number: str
    operator: Number
    interpreter: Number | None = None


class Listener(_Part):
    """The address others use, and where this machine listens."""

    url: Address
    bind: Bind


class InternalListener(Listener):
    """`beyond_loopback` is the explicit setting without which the internal pages stay on this machine."""

    beyond_loopback: bool = False
    proxies: tuple[IPvAnyNetwork, ...] = ()  # whose X-Forwarded-For is believed


class OidcPart(_Part):
    """The hospital's identity provider, and this house as it knows it. `map`: accounts for mail addresses that the
    register does not hold."""

    issuer: Annotated[str, AfterValidator(_issuer)]
    client_id: str
    client_secret: Secret
    allowed_domain: str | None = None
    map: dict[str, str] = {}


class SignInPart(_Part):
    """How people come in at the internal pages."""

    second_step_for: tuple[Literal["admin"], ...] = ()
    oidc: OidcPart | None = None


class HandbookPart(_Part):
    rules: Path
    rotations: Path


class RoutePart(_Part):
    """One account and number at a carrier, and how much it takes in a second."""

    account: str
    token: Secret
    api: Address
    line: Number
    calls_per_second: Annotated[float, Field(gt=0)] = 1
    messages_per_second: Annotated[float, Field(gt=0)] = 3


class MailPart(_Part):
    """A server that takes mail without asking who we are: the hospital's own relay."""

    server: Bind
    sender: str = Field(alias="from")


class Telephony(RoutePart):
    """The first route, a second one for when it fails, and mail for when both do."""

    second_route: RoutePart | None = None
    email: MailPart | None = None

    @property
    def routes(self) -> tuple[tuple[str, RoutePart], ...]:
        """By name, in the order in which they are tried."""
        return (("first", self), ("second", self.second_route)) if self.second_route else (("first", self),)


class VigilPart(_Part):
    """Who is told when the line itself is not in order, and who rings when it falls silent."""

    beacon: Secret | None = None
    phones: tuple[Number, ...] = ()
    mail_to: tuple[str, ...] = ()
    own_door: bool = True


class PaperPart(_Part):
    """Where the sheets for a day without the line are kept; without a folder nothing is written."""

    folder: Path | None = None


class BackupPart(_Part):
    """Where a backup goes each night, how many stay, and the secret that seals them."""

    folder: Path | None = None
    keep: Annotated[int, Field(ge=1)] = 30
    key: Secret | None = None


class CalendarPart(_Part):
    """An outside calendar that is watched; whoever has its address can read it."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    address: Secret


class Config(_Part):
    """Everything that is set per installation."""

    hospital: HospitalPart
    public: Listener
    internal: InternalListener
    database: Annotated[str, AfterValidator(_database)]
    handbook: HandbookPart
    telephony: Telephony
    sign_in: SignInPart = SignInPart()
    mode: Literal["live", "pilot", "training"] = "live"
    unsigned_accepted_by: str | None = None
    drill: Literal["weekly", "monthly"] | None = None
    retention_years: Annotated[int, Field(ge=1, le=100)] = 10
    calendars: tuple[CalendarPart, ...] = ()
    vigil: VigilPart = VigilPart()
    paper: PaperPart = PaperPart()
    backup: BackupPart = BackupPart()
    _file: Path | None = PrivateAttr(default=None)

    @property
    def file(self) -> Path | None:
        """Where it was read from; None for one that a program made."""
        return self._file

    @property
    def database_path(self) -> Path | None:
        """The SQLite file; None for the in-memory twin."""
        return None if self.database == "memory:" else Path(self.database.removeprefix("sqlite:///"))

    @property
    def sender_numbers(self) -> tuple[str, ...]:
        """Every number that our texts and calls come from, as contact cards name them."""
        return tuple(dict.fromkeys(part.line for _, part in self.telephony.routes))

    @property
    def var(self) -> Path:
        """The folder of the database, its lock and its socket."""
        return self.database_path.parent if self.database_path else Path("var")


def read_config(path: Path, environment: Mapping[str, str] | None = None) -> Config:
    """The configuration of `path`. Raises HandbookFaults with every fault in it."""
    sheet, faults = read_sheet(path)
    if sheet is None:
        raise HandbookFaults(faults)
    problems: list[tuple[tuple[str | int, ...], str]] = []
    values = _fetch(sheet.data, environment if environment is not None else os.environ, (), problems)
    if problems:
        raise HandbookFaults([sheet.fault(place, what, "a value that can be read") for place, what in problems])
    config = config_from(values, sheet)
    config._file = path
    return config


def config_from(values: Any, sheet: Sheet | None = None) -> Config:
    """A configuration from plain values; `sheet` gives faults their lines."""
    try:
        return Config.model_validate(values)
    except ValidationError as problem:
        known = sheet or Sheet("config", values)
        raise HandbookFaults(
            [known.fault(error["loc"], "this value", error["msg"]) for error in problem.errors(include_url=False)]
        ) from None


def secret(value: str) -> str:
    """Mark a value that a program, not a file, supplies (the demo's own carrier account)."""
    return _Fetched(value)


def _fetch(value: Any, environment: Mapping[str, str], place: tuple[str | int, ...], problems: list[Any]) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _fetch(item, environment, (*place, key), problems) for key, item in value.items()}
    if isinstance(value, list):
        return [_fetch(item, environment, (*place, number), problems) for number, item in enumerate(value)]
    if isinstance(value, str) and value.startswith("env:"):
        name = value.removeprefix("env:")
        if name not in environment:
            problems.append((place, f"env:{name}, which is not set"))
            return ""
        return _Fetched(environment[name])
    if isinstance(value, str) and value.startswith("file:"):
        try:
            return _Fetched(Path(value.removeprefix("file:")).read_text(encoding="utf-8").strip())
        except OSError:
            problems.append((place, f"{value}, which cannot be read"))
            return ""
    return value
