"""A learner's record in words for staff: about the learner, never to them."""

from bot.content.responses import fill, render
from bot.issuance import wording
from bot.issuance.record import Diagnosis, IssuingRule
from bot.slack import sentences


def item(diagnosis: Diagnosis, rule: IssuingRule) -> str:
    """One credential, or that there is none, in Markdown; with the badge's address, but nothing to add to a profile."""
    links = wording.link(diagnosis)
    return sentence(diagnosis, rule) + (f" {render('utter_badge_link', links[1], 'slack')}" if links else "")


def sentence(diagnosis: Diagnosis, rule: IssuingRule) -> str:
    """Where a credential stands, as data/slack.yml says it, or domain.yml where that speaks to nobody."""
    name, values = wording.utterance(diagnosis, rule)
    own = sentences.every().get(name.removeprefix("utter_"))
    return fill(own, values) if own else render(name, values, "slack")
