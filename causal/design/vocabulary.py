"""The words in column names that hint at a role, for drafting."""

from __future__ import annotations

import re

IDS = frozenset("id ids uuid guid key hash code".split())
CLUSTERS = "test experiment user visitor creator author publisher channel session story page"
BLOCKS = frozenset("test experiment story campaign".split())
COUNTED = frozenset(
    "click clicks conversion conversions purchase purchases order orders like likes share shares "
    "save saves comment comments play plays completion completions open opens install installs "
    "signup signups follow follows subscribe subscribes hide hides report reports skip skips "
    "unsubscribe unsubscribes complaint complaints bounce bounces".split()
)
HARMS = frozenset(
    "hide hides hidden report reports reported skip skips unsubscribe unsubscribes unsubscribed "
    "complaint complaints bounce bounces bounced churn churned".split()
)
TRIALS = frozenset(
    "impressions views exposures sends sent deliveries delivered visits sessions trials".split()
)
NAMES = frozenset(
    "ctr cvr clicked converted revenue sales spend dwell watchtime engagement retention "
    "retained rating views y outcome target response".split()
)
MEANS = COUNTED | HARMS | NAMES
RATES = frozenset("ctr cvr rate ratio".split())
AFTER = frozenset(
    "winner won wins significance significant first place rank ranking result results lift pvalue "
    "best uplift verdict".split()
)
BEFORE = frozenset(
    "self previous prior past avg average min max mean before historical history lag last".split()
)
MEDIATORS = frozenset("position slot placement exposure exposures shown_at".split())
MODIFIERS = frozenset(
    "weekday weekend day hour week month quarter season year topic category section genre country "
    "region market city state locale language device platform os browser channel source age gender "
    "segment cohort audience arms tier user viewer reader visitor".split()
)
TEXTS = frozenset("headline title text caption subject name lede excerpt description body".split())


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
