"""Schedules from elsewhere, as they really come: Amion, QGenda, Excel's ways of saving, calendars with their traps."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from openpyxl import Workbook

from oncall.adapters.calendars.imported import ImportedShift, Reading, Wish
from oncall.adapters.calendars.reading import read_schedule

HERE = Wish("America/New_York")
SPAN = (datetime(2026, 10, 1, tzinfo=UTC), datetime(2027, 12, 31, tzinfo=UTC))


def at(told: str) -> datetime:
    return datetime.fromisoformat(told)


def read(content: str | bytes, wish: Wish = HERE) -> Reading:
    return read_schedule(content.encode() if isinstance(content, str) else content, wish, SPAN)


def told(reading: Reading) -> list[tuple[str, str | None, str, str]]:
    assert reading.errors == ()
    return [
        (s.person_text, s.tier, s.starts_at.isoformat(" ", "minutes"), s.ends_at.isoformat(" ", "minutes"))
        for s in reading.shifts
    ]


PLAIN = "person,tier,date,start time,end time\nAna Lee,primary,2026-11-23,19:00,07:00\n"
ANA = ("Ana Lee", "primary", "2026-11-23 19:00", "2026-11-24 07:00")


# --- tables ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.encode(),
        PLAIN.replace(",", ";").encode("utf-8-sig"),
        PLAIN.replace(",", "\t").encode("utf-16"),  # Excel's "Unicode text"
        PLAIN.replace(",", "\t").encode("utf-16-le"),  # the same, without its mark
        ("sep=;\r\n" + PLAIN.replace(",", ";")).encode(),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace("Ana", '"Ana').replace("Lee", 'Lee"').encode(),
        PLAIN.replace("2026-11-23", "23.11.2026").encode(),
        PLAIN.replace("2026-11-23", "11/23/26").encode(),
        PLAIN.replace("2026-11-23", '"Mon, Nov 23, 2026"').encode(),
        PLAIN.replace("19:00", "7 pm").replace("07:00", "0700").encode(),
        PLAIN.replace("date,start time", "date,hours")
        .replace("end time", "x")
        .replace("19:00,07:00", "19:00-07:00,")
        .encode(),
        PLAIN.replace("date,start time,end time", "start,until").replace("23,19:00,", "23 19:00,2026-11-24 ").encode(),
        PLAIN.replace("end time", "hours").replace("07:00", "12").encode(),
    ],
)
def test_a_table_is_read_however_it_was_saved(content: bytes) -> None:
    assert told(read(content)) == [ANA]


def test_a_name_with_an_accent_is_read_as_windows_wrote_it() -> None:
    assert told(read(PLAIN.replace("Ana Lee", "Núñez").encode("cp1252")))[0][0] == "Núñez"


def test_a_date_that_could_be_in_two_months_is_asked_about_and_not_guessed() -> None:
    content = PLAIN.replace("2026-11-23", "11/03/26")
    [error] = read(content).errors
    assert "--dates mdy or --dates dmy" in error.wanted
    assert told(read(content, replace(HERE, dates="dmy")))[0][2] == "2026-03-11 19:00"


def test_one_day_above_twelve_settles_the_order_for_the_whole_file() -> None:
    content = PLAIN.replace("2026-11-23", "11/03/26") + "Ben,primary,11/23/26,07:00,19:00\n"
    assert told(read(content))[0][2] == "2026-11-03 19:00"


def test_columns_are_named_when_their_headings_are_the_hospitals_own() -> None:
    content = "Ward list\n\nWer,Stufe,Tag,Von,Bis\nAna Lee,primary,23.11.2026,19:00,07:00\n"
    assert "--map" in read(content).errors[0].wanted
    columns = (("person", "Wer"), ("tier", "stufe"), ("date", "Tag"), ("time", "Von"), ("end time", "Bis"))
    reading = read(content, replace(HERE, columns=columns))
    assert (told(reading), reading.shifts[0].row) == ([ANA], 4)


@pytest.mark.parametrize(("role", "heading", "said"), [("persn", "person", "persn"), ("person", "Wer", "heading Wer")])
def test_a_mapping_to_what_is_not_there_is_refused(role: str, heading: str, said: str) -> None:
    [error] = read(PLAIN, replace(HERE, columns=((role, heading),))).errors
    assert said in error.wanted


def test_every_wrong_row_is_named_with_what_stands_there_and_what_would_be_understood() -> None:
    rows = "Ben,primary,2026-02-30,07:00,19:00\nCho,primary,2026-11-24,7,19:00\nDia,primary,2026-11-24,07:00,\n"
    reading = read(PLAIN + rows)
    assert [(e.row, e.found) for e in reading.errors] == [(3, "2026-02-30"), (4, "7"), (5, "nothing")]
    assert len(reading.shifts) == 1, "the good rows are read all the same"


def test_an_offset_says_which_of_two_passes_is_meant() -> None:
    content = "person,start,end\nAna,2026-11-01 01:30-04:00,2026-11-01 07:00\n"
    [shift] = read(content).shifts
    assert shift.starts_at.astimezone(UTC) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


AMION = """Division: Child Neurology
OCS report 625c
Schedule of the pump service

"Staff Name","Staff ID","Backup Staff ID","Assignment Name","Assignment ID","Backup Assignment ID","Date","Start Time","End Time","Staff Type","Pager","Tel","Email","Messagable","Shift Note","Assignment Type","Grouping"

"Lee A",101,1101,"Pump Primary",12,212,10-05-26,1900,0700,"Attending","","","",Y,"",Call,""
"Park C",102,1102,"Pump Backup",13,213,10-05-26,1900,0700,"Fellow","","","",Y,"",Call,""
"",,,"Pump Primary",12,212,10-06-26,1900,0700,"","","","",N,"",Call,""
"""  # noqa: E501


@pytest.mark.parametrize("content", [AMION, AMION.replace('","', '"\t"').replace(",", "\t")])
def test_amions_report_is_read_with_its_preamble_and_its_dates_that_begin_with_the_month(content: str) -> None:
    reading = read(content)
    assert told(reading) == [
        ("Lee A", "Pump Primary", "2026-10-05 19:00", "2026-10-06 07:00"),
        ("Park C", "Pump Backup", "2026-10-05 19:00", "2026-10-06 07:00"),
    ]
    assert [shift.row for shift in reading.shifts] == [7, 8]
    assert "1 rows name nobody and are left out." in reading.remarks


def test_amions_answer_to_a_wrong_password_is_told_from_a_schedule() -> None:
    [error] = read("<HTML><BODY>Please log in</BODY></HTML>").errors
    assert "password" in error.wanted


QGENDA = [
    {
        "StaffFName": "Ana",
        "StaffLName": "Lee",
        "TaskName": "Pump Call",
        "StartDate": "2026-11-23T00:00:00",
        "StartTime": "19:00:00",
        "EndDate": "2026-11-24T00:00:00",
        "EndTime": "07:00:00",
        "IsPublished": True,
        "IsStruck": False,
    }
]


def test_qgendas_export_is_read_as_objects_and_as_a_table_without_what_is_struck_or_unpublished() -> None:
    rows = [*QGENDA, {**QGENDA[0], "IsStruck": True}, {**QGENDA[0], "IsPublished": False}]
    wanted = [("Ana Lee", "Pump Call", "2026-11-23 19:00", "2026-11-24 07:00")]
    reading = read(json.dumps(rows))
    assert told(reading) == wanted
    assert len(reading.remarks) == 2
    lines = [",".join(QGENDA[0]), *(",".join(str(value) for value in row.values()) for row in rows)]
    assert told(read("\n".join(lines))) == wanted


# --- a table of days by tiers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        "Date,Day,Primary 07:00-19:00,Nights (19-07)\n2026-11-23,Mon,Ana,Ben\n2026-11-24,Tue,-,Cho\n",
        ",2026-11-23,2026-11-24\nPrimary 07:00-19:00,Ana,\nNights 7p-7a,Ben,Cho\n",
        "Pump rota\n\nDate\tPrimary 07:00-19:00\tNights 1900-0700\n23 Nov 2026\tAna\tBen\n24 Nov 2026\t\tCho\n",
    ],
)
def test_a_table_of_days_by_tiers_is_read_down_and_across(content: str) -> None:
    assert sorted(told(read(content)), key=lambda shift: shift[2]) == [
        ("Ana", "Primary", "2026-11-23 07:00", "2026-11-23 19:00"),
        ("Ben", "Nights", "2026-11-23 19:00", "2026-11-24 07:00"),
        ("Cho", "Nights", "2026-11-24 19:00", "2026-11-25 07:00"),
    ]


def test_a_table_without_hours_asks_for_them() -> None:
    content = "Date,Primary\n2026-11-23,Ana\n"
    assert "--hours" in read(content).errors[0].wanted
    assert told(read(content, replace(HERE, hours="08:00-08:00"))) == [
        ("Ana", "Primary", "2026-11-23 08:00", "2026-11-24 08:00")
    ]


# --- .xlsx ----------------------------------------------------------------------------------------------------------


def workbook(*rows: tuple[object, ...]) -> bytes:
    book, kept = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(kept)
    return kept.getvalue()


def test_a_workbook_with_real_dates_and_times_is_read() -> None:
    head = ("person", "tier", "date", "start time", "end time")
    assert told(read(workbook(head, ("Ana Lee", "primary", date(2026, 11, 23), time(19), time(7))))) == [ANA]
    odd = at("2026-11-23T18:59:59.999000")
    assert told(read(workbook(("person", "tier", "start", "hours"), ("Ana Lee", "primary", odd, 12.0)))) == [ANA]


def test_a_workbook_that_would_unpack_to_gigabytes_is_refused_before_it_is_unpacked() -> None:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (60 * 2**20))
    assert len(kept.getvalue()) < 100_000
    [error] = read(kept.getvalue()).errors
    assert "unpacks to far more" in error.wanted


@pytest.mark.parametrize(
    "content",
    [b"PK\x03\x04", b"PK", workbook(("a",))[:900], b"\x00\x01\x02" * 40, b"", b"\xff\xfe"],
    ids=["a zip's first bytes", "half of them", "a cut workbook", "no text", "nothing", "a byte order mark alone"],
)
def test_a_damaged_file_is_one_sentence(content: bytes) -> None:
    reading = read(content)
    assert (reading.shifts, len(reading.errors)) == ((), 1)


# --- calendars ------------------------------------------------------------------------------------------------------


def ics(*events: str, head: str = "") -> str:
    inside = "".join(f"BEGIN:VEVENT\nUID:{n}@x\n{event}\nEND:VEVENT\n" for n, event in enumerate(events))
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{head}{inside}END:VCALENDAR\n"


def spans(reading: Reading) -> list[tuple[datetime, datetime]]:
    assert reading.errors == ()
    return sorted((s.starts_at, s.ends_at) for s in reading.shifts)


NIGHT = "SUMMARY:Ana\nDTSTART;TZID=America/New_York:20261123T190000\nDTEND;TZID=America/New_York:20261124T070000"
AS_UTC = (at("2026-11-24T00:00+00:00"), at("2026-11-24T12:00+00:00"))


@pytest.mark.parametrize("zone", ["America/New_York", "Eastern Standard Time", "US/Eastern"])
def test_a_written_zone_becomes_an_instant_under_windows_name_too(zone: str) -> None:
    assert spans(read(ics(NIGHT.replace("America/New_York", zone)))) == [AS_UTC]


def test_a_zone_that_the_file_itself_describes_is_used() -> None:
    zone = (
        "BEGIN:VTIMEZONE\nTZID:Our ward\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:-0500\n"
        "TZOFFSETTO:-0500\nEND:STANDARD\nEND:VTIMEZONE\n"
    )
    assert spans(read(ics(NIGHT.replace("America/New_York", "Our ward"), head=zone))) == [AS_UTC]


def test_an_unknown_zone_is_a_fault_and_not_the_hospitals_own_time() -> None:
    [error] = read(ics(NIGHT.replace("America/New_York", "Ward time"))).errors
    assert (error.row, error.found) == (1, "the time zone Ward time")


def test_times_without_a_zone_are_the_wall_clock_and_it_is_said() -> None:
    reading = read(ics(NIGHT.replace(";TZID=America/New_York", "")))
    assert spans(reading) == [(at("2026-11-23T19:00"), at("2026-11-24T07:00"))]
    assert "1 entries have no time zone: read as wall clock of America/New_York." in reading.remarks


def test_times_without_a_zone_follow_the_calendars_own_zone_if_it_names_one() -> None:
    [shift] = read(ics(NIGHT.replace(";TZID=America/New_York", ""), head="X-WR-TIMEZONE:Europe/Berlin\n")).shifts
    assert (shift.zone, shift.starts_at) == ("Europe/Berlin", at("2026-11-23T19:00"))


@pytest.mark.parametrize("status", ["CANCELLED", "TENTATIVE"])
def test_what_is_cancelled_or_tentative_is_left_out_and_counted(status: str) -> None:
    reading = read(ics(NIGHT, f"{NIGHT}\nSTATUS:{status}"))
    assert len(reading.shifts) == 1
    assert [r for r in reading.remarks if r.startswith("1 entries are")]


WEEKLY = (
    "SUMMARY:Ana\nDTSTART;TZID=America/New_York:20261026T070000\nDTEND;TZID=America/New_York:20261102T070000\n"
    "RRULE:FREQ=WEEKLY;COUNT=4"
)


def test_a_weekly_shift_keeps_the_wall_time_of_its_hand_over_when_the_clock_moves() -> None:
    first, second, *_ = spans(read(ics(WEEKLY)))
    assert first[1] - first[0] == timedelta(hours=169)
    assert first[1] == second[0]


def test_left_out_and_added_days_and_moved_occurrences_are_followed() -> None:
    weekly = f"{WEEKLY}\nEXDATE;TZID=America/New_York:20261102T070000\nRDATE;TZID=America/New_York:20261207T070000"
    moved = (
        "SUMMARY:Ben\nUID:0@x\nRECURRENCE-ID;TZID=America/New_York:20261109T070000\n"
        "DTSTART;TZID=America/New_York:20261110T070000\nDTEND;TZID=America/New_York:20261116T070000"
    )
    reading = read(ics(weekly, moved).replace("UID:1@x\n", ""))
    assert [
        (s.person_text, s.starts_at.date().isoformat()) for s in sorted(reading.shifts, key=lambda s: s.starts_at)
    ] == [
        ("Ana", "2026-10-26"),
        ("Ben", "2026-11-10"),
        ("Ana", "2026-11-16"),
        ("Ana", "2026-12-07"),
    ]


def test_a_cancelled_occurrence_of_a_series_is_left_out() -> None:
    gone = "SUMMARY:Ana\nUID:0@x\nSTATUS:CANCELLED\nRECURRENCE-ID;TZID=America/New_York:20261102T070000\n" + "\n".join(
        line.replace("20261026", "20261102").replace("20261102T070000\n", "") for line in WEEKLY.splitlines()[1:3]
    )
    reading = read(ics(WEEKLY, gone).replace("UID:1@x\n", ""))
    assert len(reading.shifts) == 3


@pytest.mark.parametrize("start", ["DTSTART;TZID=America/New_York:20261101T013000", "DTSTART:20261031T233000"])
def test_a_duration_is_elapsed_time_over_the_end_of_summer_time(start: str) -> None:
    [(starts_at, ends_at)] = spans(read(ics(f"SUMMARY:Ana\n{start}\nDURATION:PT4H")))
    begins = starts_at if starts_at.tzinfo else datetime(2026, 11, 1, 3, 30, tzinfo=UTC)
    assert ends_at.astimezone(UTC) - begins.astimezone(UTC) == timedelta(hours=4)


def test_a_repeated_duration_is_elapsed_time_too() -> None:
    event = "SUMMARY:Ana\nDTSTART;TZID=America/New_York:20261030T230000\nDURATION:PT4H\nRRULE:FREQ=DAILY;COUNT=3"
    assert {end - start for start, end in spans(read(ics(event)))} == {timedelta(hours=4)}


def test_a_day_long_duration_over_a_change_of_the_clock_is_refused_because_it_means_two_things() -> None:
    [error] = read(ics("SUMMARY:Ana\nDTSTART;TZID=America/New_York:20261031T070000\nDURATION:PT24H")).errors
    assert "DTEND" in error.wanted
    assert len(read(ics("SUMMARY:Ana\nDTSTART;TZID=America/New_York:20261107T070000\nDURATION:PT24H")).shifts) == 1


def test_all_day_entries_are_midnight_to_midnight_or_the_hours_that_were_said() -> None:
    event = ics("SUMMARY:Ana\nDTSTART;VALUE=DATE:20261123\nDTEND;VALUE=DATE:20261125")
    reading = read(event)
    assert spans(reading) == [(at("2026-11-23T00:00"), at("2026-11-25T00:00"))]
    assert any("--hours" in remark for remark in reading.remarks)
    assert spans(read(event, replace(HERE, hours="19-07"))) == [
        (at("2026-11-23T19:00"), at("2026-11-24T07:00")),
        (at("2026-11-24T19:00"), at("2026-11-25T07:00")),
    ]


@pytest.mark.parametrize(
    ("event", "found"),
    [
        (f"{NIGHT}\nRECURRENCE-ID;RANGE=THISANDFUTURE;TZID=America/New_York:20261123T190000", "THISANDFUTURE"),
        (f"{NIGHT}\nEXRULE:FREQ=WEEKLY", "EXRULE"),
        (f"{NIGHT}\nRRULE:FREQ=SECONDLY", "SECONDLY"),
        (f"{NIGHT}\nRRULE:FREQ=MINUTELY;INTERVAL=9", "MINUTELY"),
        (f"{NIGHT}\nRRULE:FREQ=DAILY;BYHOUR=0,1,2,3,4,5;BYMINUTE=0,10,20,30,40", "BYMINUTE"),
        (f"{NIGHT}\nRRULE:FREQ=DAILY;INTERVAL=0", "INTERVAL=0"),
        (NIGHT.replace("20261123", "19000101") + "\nRRULE:FREQ=DAILY", "DAILY"),
        ("SUMMARY:Ana\nDTSTART;TZID=America/New_York:20261123T190000", "without an end"),
        (NIGHT.replace("20261124", "20261122"), "2026-11-2"),
        ("SUMMARY:Ana\nDTSTART:2026112XT190000\nDTEND:20261124T070000", "without a start"),
    ],
)
def test_what_cannot_be_meant_or_would_swell_is_refused_in_words(event: str, found: str) -> None:
    reading = read(ics(event))
    assert reading.shifts == ()
    assert found in reading.errors[0].found


def test_an_entry_far_from_today_is_not_worked_out() -> None:
    assert read(ics(NIGHT.replace("2026", "2036"))).shifts == ()


def test_shifts_know_the_entry_they_come_from() -> None:
    assert [s.row for s in read(ics(NIGHT, NIGHT)).shifts] == [1, 2]
    assert isinstance(read(ics(NIGHT)).shifts[0], ImportedShift)
