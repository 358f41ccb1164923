"""The year's refills as a picture: a bar for each week, with the days on which the clinic works below it.

Drawn here, with no script; every figure stands in the table beside it, and in one sentence. Deliberately not here:
which refill falls where (`core.dangers`).
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from oncall.core.dangers import Week

WIDE, STEP, BAR, HIGH, ABOVE, BELOW = 1040, 20, 14, 180, 24, 46
FULL = 5  # clinic days of an ordinary week


def drawn(weeks: Sequence[Week]) -> Markup:
    """The picture; its title is the sentence that says the same."""
    most = max((week.refills for week in weeks), default=0) or 1
    bars = Markup("").join(_bar(place, week, most) for place, week in enumerate(weeks))
    months = Markup("").join(_month(place, week) for place, week in enumerate(weeks) if _begins_month(weeks, place))
    return Markup(
        '<svg class="year" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" aria-labelledby="year-says">'
        '<title id="year-says">{says}</title><line class="ground" x1="0" x2="{w}" y1="{y}" y2="{y}"/>'
        "{bars}{months}</svg>"
    ).format(w=WIDE, h=ABOVE + HIGH + BELOW, says=said_of(weeks), y=ABOVE + HIGH, bars=bars, months=months)


def said_of(weeks: Sequence[Week]) -> str:
    """The picture in a sentence or two."""
    total = sum(week.refills for week in weeks)
    if not total:
        return "No refill of the coming year has a date."
    busiest = max(weeks, key=lambda week: week.refills)
    told = f"{total} refills have a date in the coming year, most in the week of {_day(busiest)}: {busiest.refills}."
    shut = [week for week in weeks if week.is_full]
    return told + (f" In the week of {_day(shut[0])} the clinic is closed." if shut else "")


def _bar(place: int, week: Week, most: int) -> Markup:
    x, high = place * STEP + (STEP - BAR) // 2, round(week.refills / most * HIGH)
    middle, top = x + BAR // 2, ABOVE + HIGH - high
    few = " few" if week.clinic_days < FULL else ""
    figure = (
        Markup('<text class="figure" x="{}" y="{}">{}</text>').format(middle, top - 6, week.refills)
        if week.refills
        else ""
    )
    days = Markup('<text class="days{}" x="{}" y="{}">{}</text>').format(
        few, middle, ABOVE + HIGH + 18, week.clinic_days
    )
    bar = Markup('<rect class="bar{}" x="{}" y="{}" width="{}" height="{}"/>').format(few, x, top, BAR, high)
    return Markup("{}{}{}").format(bar, figure, days)


def _month(place: int, week: Week) -> Markup:
    words = f"{week.starts_on:%b}"
    return Markup('<text class="month" x="{}" y="{}">{}</text>').format(place * STEP + 2, ABOVE + HIGH + 38, words)


def _begins_month(weeks: Sequence[Week], place: int) -> bool:
    return place == 0 or weeks[place].starts_on.month != weeks[place - 1].starts_on.month


def _day(week: Week) -> str:
    return f"{week.starts_on.day} {week.starts_on:%b %Y}"
