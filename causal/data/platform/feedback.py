"""Feedback: what users do with what they are shown, and what it is worth to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from causal.data.panel import BoolArray, FloatArray, IntArray
from causal.data.platform.entities import logistic
from causal.data.platform.randomness import Hash, Stream, uniform
from causal.data.platform.settings import Feedback, Settings


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seen:
    """What users see: shapes (requests, slots), users' traits (requests,)."""

    relevance: FloatArray
    quality: FloatArray
    fresh: FloatArray
    video: FloatArray
    headline: FloatArray
    times: FloatArray
    topic: IntArray
    shown: BoolArray
    low_bandwidth: FloatArray
    power: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Acts:
    """What they do: shapes (requests, slots). ``answer`` is 1, 0, or -1 without an answer."""

    log_odds: FloatArray
    click: BoolArray
    save: BoolArray
    hide: BoolArray
    asked: BoolArray
    answer: IntArray


def video_effect(feedback: Feedback, low_bandwidth: FloatArray) -> FloatArray:
    """Effect of a video on the log-odds of a click, by user."""
    return feedback.video + feedback.video_low_bandwidth * low_bandwidth


def headline_effect(feedback: Feedback, power: FloatArray) -> FloatArray:
    """Effect of a question headline on the log-odds of a click, by user."""
    return feedback.headline + feedback.headline_power * power


def react(settings: Settings, seen: Seen, keys: tuple[Hash, Hash]) -> Acts:
    """Draw clicks, saves, hides and survey answers; keys of requests and of the items shown.

    A click needs a look at the slot; the probability of a click is examination times the
    logistic of ``log_odds``.
    """
    feedback, seed = settings.feedback, settings.seed
    request, item = keys[0][:, None], keys[1]
    look = np.array(feedback.examination)[: seen.shown.shape[1]]
    odds = (
        feedback.click
        + feedback.relevance * seen.relevance
        + feedback.quality * seen.quality
        + feedback.freshness * seen.fresh
        + video_effect(feedback, seen.low_bandwidth)[:, None] * seen.video
        + headline_effect(feedback, seen.power)[:, None] * seen.headline
        - feedback.satiation * np.log1p(seen.times)
    )
    click = uniform(seed, Stream.CLICK, request, item) < look * logistic(odds)
    click &= seen.shown
    asked, answer = _survey(settings, seen, keys)
    return Acts(
        log_odds=odds,
        click=click,
        save=_save(settings, seen, click, keys),
        hide=_hide(settings, seen, look, keys),
        asked=asked,
        answer=answer,
    )


def _save(settings: Settings, seen: Seen, click: BoolArray, keys: tuple[Hash, Hash]) -> BoolArray:
    feedback = settings.feedback
    row, slot = np.nonzero(click)
    odds = (
        feedback.save
        + feedback.save_quality * seen.quality[row, slot]
        + feedback.save_headline * seen.headline[row, slot]
    )
    draw = uniform(settings.seed, Stream.SAVE, keys[0][row], keys[1][row, slot])
    out = np.zeros_like(click)
    out[row, slot] = draw < logistic(odds)
    return out


def _hide(settings: Settings, seen: Seen, look: FloatArray, keys: tuple[Hash, Hash]) -> BoolArray:
    feedback = settings.feedback
    odds = (
        feedback.hide
        + feedback.hide_quality * seen.quality
        + feedback.hide_headline * seen.headline
    )
    draw = uniform(settings.seed, Stream.HIDE, keys[0][:, None], keys[1])
    return seen.shown & (draw < look * logistic(odds))


def _survey(settings: Settings, seen: Seen, keys: tuple[Hash, Hash]) -> tuple[BoolArray, IntArray]:
    """Ask about a few impressions. Power users answer more often: non-response biases."""
    feedback, seed = settings.feedback, settings.seed
    asked = seen.shown & (uniform(seed, Stream.SURVEY, keys[0][:, None], keys[1]) < feedback.survey)
    answer = np.full(asked.shape, -1, dtype=np.int64)
    row, slot = np.nonzero(asked)
    request, item = keys[0][row], keys[1][row, slot]
    responds = uniform(seed, Stream.SURVEY_RESPONSE, request, item) < logistic(
        feedback.survey_response + feedback.survey_response_power * seen.power[row]
    )
    value = feedback.survey_answer + worth_of_item(settings, seen)[row, slot]
    satisfied = uniform(seed, Stream.SURVEY_ANSWER, request, item) < logistic(value)
    answer[row, slot] = np.where(responds, satisfied, -1)
    return asked, answer


def worth_of_item(settings: Settings, seen: Seen) -> FloatArray:
    """What reading an item is worth to the user, shape (requests, slots)."""
    utility = settings.utility
    out: FloatArray = (
        utility.quality * seen.quality
        + utility.relevance * seen.relevance
        + utility.headline * seen.headline
        + utility.video * seen.video
        + utility.satiation * seen.times
    )
    return out


def worth_of_slate(settings: Settings, seen: Seen, ads: IntArray) -> FloatArray:
    """What a request is worth to the user, shape (requests,): items, variety, advertisements.

    Items count by how likely their slot is looked at. Question headlines raise clicks and lower
    this worth.
    """
    look = np.array(settings.feedback.examination)[: seen.shown.shape[1]] * seen.shown
    total = np.maximum(look.sum(axis=1), 1e-12)
    items = (look * worth_of_item(settings, seen)).sum(axis=1) / total
    topic = np.sort(np.where(seen.shown, seen.topic, -1), axis=1)
    new = (topic[:, 1:] != topic[:, :-1]) & (topic[:, :-1] >= 0)
    variety = new.sum(axis=1) / max(topic.shape[1] - 1, 1)
    out: FloatArray = items + settings.utility.diversity * variety + settings.utility.ad * ads
    return out


def advertise(settings: Settings, load: FloatArray, request: Hash) -> tuple[IntArray, FloatArray]:
    """Advertisements in each request and the revenue from them, each of shape (requests,)."""
    feedback, seed = settings.feedback, settings.seed
    slot = np.arange(feedback.ads_from_slot, settings.size.slots)[None]
    ad = uniform(seed, Stream.AD, request[:, None], slot) < load[:, None]
    clicked = ad & (uniform(seed, Stream.AD_CLICK, request[:, None], slot) < feedback.ad_click)
    ads = ad.sum(axis=1)
    return ads, feedback.ad_view_price * ads + feedback.ad_click_price * clicked.sum(axis=1)
