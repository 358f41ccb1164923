"""What config.yaml may say of the routes, and what it is told when it says it wrongly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from oncall.adapters.handbook.reading import HandbookFaults
from oncall.config import Config, config_from, secret

FIRST = {"account": "AC1", "token": secret("one"), "api": "https://api.twilio.com", "line": "+16175550101"}
SECOND = {"account": "AC2", "token": secret("two"), "api": "https://api.twilio.com", "line": "+16175550102"}


def told(**telephony: Any) -> Config:
    listener: Mapping[str, str] = {"url": "http://127.0.0.1:1", "bind": "127.0.0.1:1"}
    return config_from(
        {
            "hospital": {
                "name": "Lakeside",
                "zone": "America/New_York",
                "emergency_number": "911",
                "operator": "+16175550100",
            },
            "public": listener,
            "internal": listener,
            "database": "memory:",
            "handbook": {"rules": "rules", "rotations": "rotations"},
            "telephony": {**FIRST, **telephony},
        }
    )


def test_a_single_account_is_one_route_at_one_call_and_three_texts_a_second() -> None:
    [(name, route)] = told().telephony.routes
    assert (name, route.calls_per_second, route.messages_per_second) == ("first", 1, 3)


def test_a_second_route_is_tried_second_and_has_its_own_pace() -> None:
    routes = told(second_route={**SECOND, "calls_per_second": 5}).telephony.routes
    assert [(name, route.line, route.calls_per_second) for name, route in routes] == [
        ("first", "+16175550101", 1),
        ("second", "+16175550102", 5),
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"second_route": {**SECOND, "token": "in the file"}},
        {"second_route": "https://api.twilio.com"},
        {"calls_per_second": 0},
        {"messages_per_second": -1},
        {"email": {"server": "relay", "from": "line@hospital.example"}},
    ],
)
def test_a_secret_in_the_file_a_half_route_and_no_pace_are_faults(wrong: dict[str, Any]) -> None:
    with pytest.raises(HandbookFaults):
        told(**wrong)
