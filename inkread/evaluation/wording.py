"""Numbers -> the way that inkread writes them, on the terminal and in reports."""

from __future__ import annotations

from inkread.evaluation.intervals import Interval

THIN = "\u202f"  # narrow no-break space
ABSENT = "–"


def percent(share: float | None, decimals: int = 2) -> str:
    """A share (0..1) in percent; a dash where there is none.

    >>> percent(0.99582).replace(THIN, " ")
    '99.58 %'
    """
    return ABSENT if share is None else f"{100 * share:.{decimals}f}{THIN}%"


def percent_interval(interval: Interval | None, decimals: int = 2) -> str:
    """The two ends of an interval of shares, in percent."""
    if interval is None:
        return ABSENT
    return f"{100 * interval.low:.{decimals}f} to {100 * interval.high:.{decimals}f}{THIN}%"


def with_interval(interval: Interval | None, decimals: int = 2) -> str:
    """The 95 % interval of a rate, or why there is none.

    >>> with_interval(None)
    'too few texts or errors for an interval'
    """
    if interval is None:
        return "too few texts or errors for an interval"
    return f"95 % interval {percent_interval(interval, decimals)}"


def count(number: int) -> str:
    """A whole number with its thousands apart.

    >>> count(10000)
    '10,000'
    """
    return f"{number:,}"


def counted(number: int, noun: str) -> str:
    """A number of things; the noun is given in the singular and takes an s.

    >>> counted(1, "glyph"), counted(2000, "glyph")
    ('1 glyph', '2,000 glyphs')
    """
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def byte_size(size: int) -> str:
    """A size in bytes, in the unit that suits it (1 kB = 1000 bytes).

    >>> byte_size(1_234_567).replace(THIN, " ")
    '1.23 MB'
    """
    if size < 1000:
        return f"{size}{THIN}bytes"
    unit = "kB" if size < 1_000_000 else "MB" if size < 1_000_000_000 else "GB"
    return f"{size / {'kB': 1e3, 'MB': 1e6, 'GB': 1e9}[unit]:.3g}{THIN}{unit}"


def duration(seconds: float) -> str:
    """A time with three digits, in the unit that suits it.

    >>> [duration(time).replace(THIN, " ") for time in (0.0000183, 0.0024, 0.95, 0.9996, 12)]
    ['18.3 µs', '2.4 ms', '950 ms', '1 s', '12 s']
    """
    if seconds >= 0.9995:  # less would not round to 1000 ms
        return f"{seconds:.3g}{THIN}s"
    return f"{1e3 * seconds:.3g}{THIN}ms" if seconds >= 0.9995e-3 else f"{1e6 * seconds:.3g}{THIN}µs"


def length_range(low: int, high: int | None) -> str:
    """A range of lengths.

    >>> length_range(1, 10), length_range(4, 4), length_range(121, None)
    ('1–10', '4', '121+')
    """
    return f"{low}+" if high is None else str(low) if low == high else f"{low}–{high}"
