"""The words in column names that hint at a role, for drafting."""

from __future__ import annotations

import re


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


IDS = _set("id ids uuid guid key hash code")
CLUSTERS = "test experiment user visitor creator author publisher channel session story page"
BLOCKS = _set("test experiment story campaign")
COUNTED = _set(
    "click clicks conversion conversions purchase purchases order orders like likes share shares "
    "save saves comment comments play plays completion completions open opens install installs "
    "signup signups follow follows subscribe subscribes hide hides report reports skip skips "
    "unsubscribe unsubscribes complaint complaints bounce bounces"
)
HARMS = _set(
    "hide hides hidden report reports reported skip skips unsubscribe unsubscribes unsubscribed "
    "complaint complaints bounce bounces bounced churn churned"
)
TRIALS = _set("impressions views exposures sends sent deliveries delivered visits sessions trials")
NAMES = _set(
    "ctr cvr clicked converted revenue sales spend dwell watchtime engagement retention "
    "retained rating views y outcome target response"
)
MEANS = COUNTED | HARMS | NAMES
RATES = _set("ctr cvr rate ratio")
AFTER = _set(
    "winner won wins significance significant first place rank ranking result results lift pvalue "
    "best uplift verdict"
)
BEFORE = _set(
    "self previous prior past avg average min max mean before historical history lag last"
)
MEDIATORS = _set("position slot placement exposure exposures shown_at")
MODIFIERS = _set(
    "weekday weekend day hour week month quarter season year topic category section genre country "
    "region market city state locale language device platform os browser channel source age gender "
    "segment cohort audience arms tier user viewer reader visitor"
)
TEXTS = _set("headline title text caption subject name lede excerpt description body")


def words(name: str) -> tuple[str, ...]:
    """Split a column's name into words, in lower case.

    >>> words("eyecatcherId_2")
    ('eyecatcher', 'id', '2')
    """
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return tuple(re.findall(r"[^\W\d_]+|\d+", spaced.lower()))


def quoted(name: str) -> str:
    """Write a column's name in SQL, in quotes unless it is a plain word that SQL does not use.

    >>> quoted("headline")
    'headline'
    >>> quoted("order")
    '"order"'
    """
    if name in TEXTS | TRIALS or re.fullmatch(r"[a-z]+_[a-z0-9_]+", name):
        return name
    return '"' + name.replace('"', '""') + '"'
