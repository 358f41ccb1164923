"""The pump as the record knows it: what is missing is said to be unknown, what is late says so."""

from __future__ import annotations

from oncall.core.people import Patient
from oncall.service.cases.sheet import Sheet, pump_lines


def lines(**known: object) -> dict[str, str]:
    return dict(pump_lines(Patient("leo", "L.M., 9 y", context=known)))


def test_nothing_is_left_out_of_an_empty_record_or_of_nobodys() -> None:
    assert set(lines().values()) == {"unknown"}
    assert pump_lines(None) == pump_lines(Patient("leo", "L.M."))


def test_spans_are_said_as_people_say_them_and_what_is_late_says_so() -> None:
    told = lines(
        pump_model="SynchroMed II",
        days_since_refill=1,
        refill_booked_in_days=-8,
        days_to_low_reservoir_alarm=0,
        hours_since_dose_change=100,
        hours_since_mri=5.5,
    )
    assert told["pump"] == "SynchroMed II"
    assert told["last refill"] == "1 day ago"
    assert told["next refill booked"] == "8 days OVERDUE"
    assert told["low reservoir alarm"] == "today"
    assert told["last change of dose"] == "4 days ago"
    assert told["last MRI"] == "5 hours ago"


def test_the_unknown_stand_together_by_name() -> None:
    sheet = Sheet(pump_lines(Patient("leo", "L.M.", context={"pump_model": "SynchroMed II"})), (), "abc")
    assert sheet.known == (("pump", "SynchroMed II"),)
    assert "last refill" in sheet.unknown
