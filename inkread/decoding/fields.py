"""The fields that forms ask for -> constraints: dates, amounts of money, telephone numbers.

The separators of a field are put into the text unread where the alphabet has only digits.
"""

from __future__ import annotations

import datetime
import re

from inkread.decoding.border import is_whole
from inkread.decoding.constraint import Allowed, allowed
from inkread.decoding.pattern import Pattern, pattern
from inkread.errors import BadOption

FIRST_DAY = datetime.date(1900, 1, 1)
LAST_DAY = datetime.date(2099, 12, 31)
ORDERS = ("DMY", "MDY", "YMD")
PHONES = {
    "international": r"\+[1-9]\d{6,14}",  # ITU-T E.164
    "north american": r"[2-9]\d\d-[2-9]\d\d-\d{4}",
    "north american, local": r"[2-9]\d\d-\d{4}",
}


def date(
    order: str = "DMY",
    first: datetime.date = FIRST_DAY,
    last: datetime.date = LAST_DAY,
    separator: str = "/",
    year_digits: int = 4,
) -> Allowed:
    """Days of the calendar from ``first`` to ``last``, day and month with two digits, the year with four or two.

    >>> from inkread.decoding.constraint import fits
    >>> fits(date("YMD", separator="-"), "2024-02-29"), fits(date("YMD", separator="-"), "2023-02-29")
    (True, False)
    """
    if order not in ORDERS or year_digits not in (2, 4):
        raise BadOption(
            f"a date is in the order {', '.join(ORDERS)}, of 2 or 4 year digits; got {order!r}, {year_digits}"
        )
    if any(type(day) is not datetime.date for day in (first, last)):  # a moment is a day to Python
        raise BadOption(f"the first and the last day are of datetime.date; got {first!r} and {last!r}")
    if last < first:
        raise BadOption(f"the last day, {last}, comes before the first, {first}")
    if not isinstance(separator, str) or any(character.isalnum() for character in separator):
        raise BadOption(f"a separator of dates is a symbol, a space or nothing; got {separator!r}")
    written = separator.replace("{", "{{").replace("}", "}}")  # as str.format wants it
    layout = written.join({"D": "{0.day:02}", "M": "{0.month:02}", "Y": "{1}"}[part] for part in order)
    days = map(datetime.date.fromordinal, range(first.toordinal(), last.toordinal() + 1))
    return allowed(layout.format(day, f"{day.year:04}"[-year_digits:]) for day in days)


def amount(thousands: str = ",", point: str = ".", decimals: int = 2) -> Pattern:
    """Amounts of money without needless zeros; ``thousands`` stands between groups of three digits, "" if ungrouped.

    >>> from inkread.decoding.constraint import fits
    >>> fits(amount(), "1,250.00"), fits(amount(), "1250.00"), fits(amount(".", ","), "1.250,00")
    (True, False, True)
    """
    marks = all(isinstance(mark, str) and len(mark) < 2 and not mark.isalnum() for mark in (thousands, point))
    if not marks or not is_whole(decimals) or decimals < 0:
        raise BadOption(
            f"an amount takes a symbol or nothing for thousands and point, and decimals from 0; got {thousands!r}, "
            f"{point!r}, {decimals!r}"
        )
    groups = rf"\d{{0,2}}({re.escape(thousands)}\d{{3}})*" if thousands else r"\d*"
    return pattern(rf"(0|[1-9]{groups})" + (rf"{re.escape(point)}\d{{{decimals}}}" if decimals else ""))


def phone(plan: str = "international") -> Pattern:
    """Telephone numbers: "international" +14155550199, "north american" 415-555-0199, or 555-0199 where it is local.

    >>> from inkread.decoding.constraint import fits
    >>> fits(phone("north american, local"), "555-0199"), fits(phone(), "+14155550199")
    (True, True)
    """
    if plan not in PHONES:
        raise BadOption(f"telephone numbers are {', '.join(map(repr, PHONES))}; got {plan!r}. For others use pattern()")
    return pattern(PHONES[plan])
