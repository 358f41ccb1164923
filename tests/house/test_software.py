"""The list of foreign software is whole, and names the versions that are locked."""

from __future__ import annotations

from tests.house.draw_software import PAGE, direct, listed, page, pins


def test_every_foreign_package_of_the_lock_is_listed_with_its_version() -> None:
    assert set(listed()) == direct()
    assert PAGE.read_text(encoding="utf-8") == page(), "draw it anew: python -m tests.house.draw_software"


def test_a_package_says_what_it_is_for_and_what_is_known() -> None:
    assert [name for name, told in listed().items() if not told["for"] or not told["known"]] == []


def test_what_is_asked_for_is_pinned() -> None:
    assert direct() - set(pins()) == set()
