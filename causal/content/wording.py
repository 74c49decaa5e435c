"""How numbers and names are written: one place, so that every page says them the same way."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

MINUS = "\u2212"
NOTHING = "\u2013"
_VOWELS = frozenset("aeiouy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How effects on one outcome are written: proportions in percentage points.

    >>> Scale(factor=100, unit="pp", heading="percentage points", decimals=2).effect(-0.00097)
    '−0.10 pp'
    """

    factor: float = 1.0
    unit: str = ""
    heading: str = ""
    decimals: int = 2

    def value(self, number: float | None) -> str:
        """Write a difference with its sign and without its unit."""
        return signed(None if number is None else number * self.factor, self.decimals)

    def effect(self, number: float | None) -> str:
        """Write a difference with sign and unit."""
        if number is None:
            return NOTHING
        return f"{self.value(number)} {self.unit}".rstrip()

    def size(self, number: float | None) -> str:
        """Write the size of a difference, without a sign: the verb says the direction."""
        if number is None:
            return NOTHING
        return f"{fixed(abs(number) * self.factor, self.decimals)} {self.unit}".rstrip()

    def width(self, number: float | None) -> str:
        """Write a size without sign and unit, for a column whose heading has the unit."""
        return fixed(None if number is None else abs(number) * self.factor, self.decimals)

    def interval(self, low: float | None, high: float | None) -> str:
        """Write the two ends of an interval; one that rounds to zero has no sign.

        >>> Scale(decimals=2).interval(-0.004, 0.081)
        '0.00 to +0.08'
        """
        if low is None or high is None:
            return NOTHING
        return f"{self.value(low)} to {self.value(high)}"

    def level(self, number: float | None) -> str:
        """Write a level, for instance a baseline: a percentage for proportions."""
        if number is None:
            return NOTHING
        if self.unit == "pp":
            size = number * self.factor
            return f"{fixed(size, 2) if abs(size) >= 0.1 else figure(size, 2)}%"
        return fixed(number, self.decimals)


def scale_of(outcome: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> Scale:
    """Choose the scale of an outcome from its kind, its baseline and the width of its intervals.

    Parameters
    ----------
    outcome
        ``kind`` (mean, proportion or ratio) and ``baseline``.
    rows
        Estimates on this outcome, with ``ci_low``, ``ci_high`` and ``verdict``.

    Returns
    -------
    Scale
        With as many decimals as the narrower intervals' half-width deserves, and more when an
        interval that leaves out zero would be printed as touching it.
    """
    listed = [row for row in rows if _finite(row.get("ci_low")) and _finite(row.get("ci_high"))]
    baseline = outcome.get("baseline")
    share = outcome.get("kind") in ("proportion", "ratio")
    points = share and (baseline is None or 0 <= baseline <= 1)
    factor = 100.0 if points else 1.0
    decimals = _decimals([(row["ci_high"] - row["ci_low"]) / 2 * factor for row in listed])
    ends = [
        row[end] * factor
        for row in listed
        if row.get("verdict") in ("raises", "lowers")
        for end in ("ci_low", "ci_high")
    ]
    while decimals < 8 and any(end and round(end, decimals) == 0 for end in ends):
        decimals += 1
    if points:
        return Scale(factor=factor, unit="pp", heading="percentage points", decimals=decimals)
    return Scale(heading=human(str(outcome.get("name", "outcome"))), decimals=decimals)


def _decimals(widths: list[float]) -> int:
    positive = sorted(width for width in widths if width > 0)
    if not positive:
        return 2
    narrow = positive[len(positive) // 4]
    exponent = math.floor(math.log10(narrow))
    leading = narrow / 10**exponent
    return max(0, min(8, -exponent + (1 if leading < 2 else 0)))


def _finite(number: object) -> bool:
    return isinstance(number, int | float) and math.isfinite(number)


def fixed(number: float | None, decimals: int) -> str:
    """Write a number with so many decimals, thousands separated, with a true minus sign.

    >>> fixed(-1234.5, 1)
    '−1,234.5'
    """
    if number is None or not math.isfinite(number):
        return NOTHING
    text = f"{number:,.{decimals}f}"
    if not text.strip("-0.,"):
        text = text.lstrip("-")
    return text.replace("-", MINUS)


def signed(number: float | None, decimals: int) -> str:
    """Write a difference: with a plus or a true minus, and neither where it rounds to zero.

    >>> signed(0.061, 2), signed(-0.004, 2), signed(-1e-9, 0)
    ('+0.06', '0.00', '0')
    """
    text = fixed(number, decimals)
    plus = number is not None and number > 0 and text != NOTHING and text.strip("0.,")
    return f"+{text}" if plus else text


def figure(number: float | None, digits: int = 3) -> str:
    """Write a number to so many significant digits.

    >>> figure(0.012345), figure(20_000), figure(0.4200)
    ('0.0123', '20,000', '0.42')
    """
    if number is None or not math.isfinite(number):
        return NOTHING
    if number == 0:
        return "0"
    if float(number).is_integer() and abs(number) < 1e12:
        return fixed(number, 0)
    exponent = math.floor(math.log10(abs(number)))
    if exponent < -5:
        return f"{number:.{digits - 1}e}".replace("e-0", "e-").replace("-", MINUS)
    text = fixed(number, max(0, digits - 1 - exponent))
    return text.rstrip("0").rstrip(".") if "." in text else text


def count(number: float | None) -> str:
    """Write a count.

    >>> count(22666)
    '22,666'
    """
    return NOTHING if number is None else fixed(round(number), 0)


def percent(number: float | None, *, sign: bool = False, width: float | None = None) -> str:
    """Write a share or a relative effect as a percentage; with digits that show a ``width`` too.

    >>> percent(-0.1002, sign=True), percent(0.0123), percent(0.0004)
    ('−10%', '1.2%', '0.04%')
    >>> percent(0.05)
    '5%'
    >>> percent(0.0968, sign=True, width=0.006), percent(0.1028, sign=True, width=0.006)
    ('+9.68%', '+10.28%')
    """
    if number is None or not math.isfinite(number):
        return NOTHING
    size = abs(number) * 100
    if not sign and math.isclose(size, round(size), abs_tol=1e-9):
        return fixed(round(number * 100), 0) + "%"
    decimals = 0 if size == 0 else _digits(size)
    if width is not None and math.isfinite(width) and width > 0:
        decimals = max(decimals, _digits(width * 100))
    return (signed if sign else fixed)(number * 100, decimals) + "%"


def _digits(size: float) -> int:
    return 0 if size >= 9.95 else 1 if size >= 0.995 else 2


def chance(number: float | None) -> str:
    """Write a p-value.

    >>> chance(0.0000312), chance(0.0421)
    ('<0.001', '0.042')
    """
    if number is None:
        return NOTHING
    return "<0.001" if number < 0.001 else fixed(number, 3)


def p_is(number: float | None) -> str:
    """Say a p-value.

    >>> p_is(0.0000312), p_is(0.0421)
    ('p < 0.001', 'p = 0.042')
    """
    text = chance(number)
    return f"p < {text[1:]}" if text.startswith("<") else f"p = {text}"


def human(name: str) -> str:
    """Write a column's name as words; a short name without vowels is an abbreviation.

    >>> human("question_mark"), human("ctr")
    ('question mark', 'CTR')
    """
    words = " ".join(name.replace("_", " ").split()) or name
    short = words.isascii() and words.isalpha() and len(words) <= 4
    return words.upper() if short and not _VOWELS & set(words.lower()) else words


def several(words: str) -> str:
    """Name several of what one is called; a column of keys is called after what they are keys of.

    >>> several("half day"), several("city"), several("market id"), several("class")
    ('half days', 'cities', 'markets', 'classes')
    """
    name = words.removesuffix(" id").removesuffix(" key")
    if name.endswith("y") and name[-2:-1] not in _VOWELS:
        return f"{name[:-1]}ies"
    if name.endswith(("s", "x", "z", "ch", "sh")):
        return f"{name}es"
    return f"{name}s"


def quoted(words: str) -> str:
    """Mark a name that a sentence would swallow: short words get quotation marks.

    >>> quoted("this"), quoted("question mark"), quoted("tone (sad against neutral)")
    ('“this”', 'question mark', '“tone” (sad against neutral)')
    """
    name, space, rest = words.partition(" (")
    return f"\u201c{name}\u201d{space}{rest}" if name.islower() and len(name) <= 4 else words


def sentence(words: str) -> str:
    """Begin with a capital letter.

    >>> sentence("question mark")
    'Question mark'
    """
    return words[:1].upper() + words[1:]


def contrasted(attribute: str, contrast: str, *, binary: bool) -> str:
    """Name what is compared; the contrast of a binary attribute goes without saying.

    >>> contrasted("tone", "sad - neutral", binary=False)
    'tone (sad against neutral)'
    """
    if binary or not contrast:
        return human(attribute)
    first, middle, second = contrast.partition(" - ")
    return (
        f"{human(attribute)} ({first} against {second})"
        if middle
        else (f"{human(attribute)} ({contrast})")
    )


def together(parts: Iterable[str]) -> str:
    """Join words as a sentence does.

    >>> together(["a", "b", "c"])
    'a, b and c'
    """
    listed = list(parts)
    return (
        listed[0]
        if len(listed) == 1
        else ", ".join(listed[:-1]) + " and " + listed[-1]
        if (listed)
        else ""
    )
