"""From a diagnosis to the name of the learner's sentence in domain.yml and the facts that it is filled in with."""

import datetime
from collections.abc import Mapping

from bot.content.markdown import escape_address, escape_markdown
from bot.issuance.linkedin import add_to_profile_url, is_web_address
from bot.issuance.record import Diagnosis, IssuingRule, Kind, Stage
from bot.issuance.service import Claim, claimed_window

WEEKDAY_TITLES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_EXPIRY_TOLD = (Stage.ACCEPTED, Stage.WAITING_TO_BE_CLAIMED)
Values = Mapping[str, str]


def utterance(diagnosis: Diagnosis, rule: IssuingRule) -> tuple[str, dict[str, str]]:
    """The sentence of a stage and its facts.

    Returns:
        The name of a response, `utter_stage_<stage>` with what the record lacks or adds at the end, and the values of
        its placeholders; only those that the record has.
    """
    name = f"utter_stage_{diagnosis.stage.value}{_variant(diagnosis)}"
    return name, {**_facts(diagnosis), "days": str(rule.days), "weekday": WEEKDAY_TITLES[rule.weekday]}


def _variant(diagnosis: Diagnosis) -> str:
    stage = diagnosis.stage
    if stage is Stage.NOT_COMPLETED and diagnosis.percent is None:
        return "_no_percent"
    if stage is Stage.NOT_COMPLETED and diagnosis.kind is Kind.CERTIFICATION:
        return "_certification"
    if stage in (Stage.EXAM_PASSED, Stage.NOT_PASSED) and diagnosis.completed_on is None:
        return "_no_date"
    if stage is Stage.ISSUING_WINDOW and diagnosis.window is None:
        return "_no_date"
    if stage is Stage.ISSUING_WINDOW and diagnosis.window and diagnosis.window[0] == diagnosis.window[1]:
        return "_one_day"
    if stage is Stage.SOURCE_UNAVAILABLE and diagnosis.kind:
        return "_completed" if diagnosis.completed_on else "_completed_no_date"
    if stage in (Stage.NOT_FOUND, Stage.SOURCE_UNAVAILABLE) and diagnosis.title:
        return "_named"
    if stage in _EXPIRY_TOLD and diagnosis.expires_on:
        return "_until"
    return ""


def under(sentence: str, diagnosis: Diagnosis) -> str:
    """A sentence about a credential with the address that it lies under, for who has several.

    Args:
        sentence: in Markdown, with the title in bold.
        diagnosis: of this credential; the sentence stays as it is where no address is known.
    """
    title = f"**{escape_markdown(diagnosis.title)}**"
    before, found, after = sentence.partition(title)
    if not found or not diagnosis.email:
        return sentence
    return (
        f"{before}{title}, under {escape_markdown(diagnosis.email)}{'' if after[:1] in (':', ',', '.') else ','}{after}"
    )


def link(diagnosis: Diagnosis) -> tuple[str, dict[str, str]] | None:
    """The sentence with the badge's public address and the filled-in LinkedIn form; None without an address."""
    if not is_web_address(diagnosis.badge_url):
        return None
    form = add_to_profile_url(diagnosis)
    name = "utter_badge_links" if form else "utter_badge_link"
    return name, {"url": escape_address(diagnosis.badge_url), "linkedin": escape_address(form)}


def claim_utterance(
    claim: Claim, title: str, today: datetime.date, rule: IssuingRule
) -> tuple[str, dict[str, str]] | None:
    """What to add when the record has nothing of what the learner says they completed; None without a day.

    Args:
        claim: what the learner said.
        title: the credential's title, "" if none was named.
        today: the day it is for the learner.
        rule: how long issuing takes.
    """
    day = claim.completed_on
    if day is None or not title or Kind.of(title) is Kind.CERTIFICATION:
        return None
    values = {"title": escape_markdown(title), "completed_on": date(day)}
    if day > today:
        return "utter_claim_in_future", values
    window = claimed_window(claim, title, today, rule)
    if window is None:
        return None
    values |= {"last": date(window[1]), "days": str(rule.days)}
    return ("utter_claim_late" if today > window[1] else "utter_claim_in_window"), values


def _facts(it: Diagnosis) -> dict[str, str]:
    facts = {
        "title": escape_markdown(it.title),
        "percent": "" if it.percent is None else str(it.percent),
        "completed_on": date(it.completed_on),
        "first": date(it.window and it.window[0]),
        "last": date(it.window and it.window[1]),
        "issued_on": date(it.issued_on),
        "expires_on": date(it.expires_on),
    }
    return {name: fact for name, fact in facts.items() if fact}


def date(day: datetime.date | None) -> str:
    """A day as it is read the same everywhere: 3 March 2026; "" for none."""
    return f"{day.day} {day:%B %Y}" if day else ""
