"""Issuance status: who may see it, and what the learner reads."""

import datetime
from dataclasses import replace

from actions.base import Reply, Say, ServiceAction, TrackerView
from actions.identity import ISSUANCE_FORM, NO_IDENTITY_SLOTS, claim, send_code
from actions.services import services
from bot.content.markdown import escape_markdown
from bot.content.responses import render
from bot.identity.address import normalised
from bot.issuance import wording
from bot.issuance.record import TEAM_HELPS, Diagnosis, Stage
from bot.issuance.service import Claim, Report
from bot.issuance.where import asks_where


class CheckIssuanceStatus(ServiceAction):
    """ "Was my badge issued?": shows the record of proven addresses, or begins to prove one."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_check_issuance_status"

    def answer(self, view: TrackerView) -> Reply:
        """What the question names decides what is shown, and what is proven whose record."""
        said = {"credential": None, "completed_on": None, "wanted": None, **claim(view)}
        view = replace(view, slots={**view.slots, **said})
        about, named = Reply(slots=said), named_addresses(view)
        identity, proven = services().identity, services().identity.proven(view.conversation_id)
        if len(named) > 1:
            return about + Reply((Say("utter_address_one"),), NO_IDENTITY_SLOTS)
        other = next((address for address in named if address not in proven), "")
        staff = next(filter(identity.is_staff, proven), "") if other and view.channel == "slack" else ""
        if staff:
            return about + show(view, [other], asker=staff, rights="staff")
        if proven and not named and view.focus.get("record") and asks_where(view.text):
            return Reply(then="action_record_again")
        if proven and not other:
            return about + show(view, proven, asker=proven[0], rights="proven")
        begun = send_code(view, other) if other else Reply((Say("utter_identity_why"),), NO_IDENTITY_SLOTS)
        return about + Reply(slots=NO_IDENTITY_SLOTS) + begun + Reply(then=ISSUANCE_FORM)


class ShowIssuanceStatus(ServiceAction):
    """After the form: the record of every address that this conversation has proven."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_show_issuance_status"

    def answer(self, view: TrackerView) -> Reply:
        """Asks the server what is proven; the slots only say what was talked about."""
        proven = services().identity.proven(view.conversation_id)
        if not proven:
            return Reply((Say("utter_code_none"),), NO_IDENTITY_SLOTS)
        if view.slots.get("wanted") == "ticket_status":
            return Reply(slots={**NO_IDENTITY_SLOTS, "wanted": None}, then="action_ticket_status")
        if view.slots.get("wanted") == "watch":
            return Reply(slots={**NO_IDENTITY_SLOTS, "wanted": None}, then="action_watch")
        return Reply(slots=NO_IDENTITY_SLOTS) + show(view, proven, asker=proven[0], rights="proven")


def named_addresses(view: TrackerView) -> list[str]:
    """The addresses in the message, as they are compared; what is no address is left as it was typed."""
    return list(dict.fromkeys(normalised(text) or text for text in view.entities("email")))


def show(view: TrackerView, addresses: list[str], *, asker: str, rights: str) -> Reply:
    """Look up, log who looked at whose record, and say it."""
    credential = str(view.slots.get("credential") or "")
    report = services().issuance.status(addresses, credential=credential)
    for address in addresses:
        services().identity.log_lookup(
            view.conversation_id, view.channel, asker, address, rights=rights, outcome=report.outcome
        )
    said = words(view, report)
    return Reply(tuple(said[:1] if rights == "staff" else said))  # what follows is advice to the learner


def words(view: TrackerView, report: Report) -> list[Say]:
    """The list of stages, what the learner said against it, what to do with two profiles, and what is offered next."""
    lines = [line(diagnosis, view.channel, report.several_profiles) for diagnosis in report.diagnoses]
    nothing = knows_nothing(report.diagnoses[0])
    where = ", ".join(escape_markdown(address) for address in report.addresses)
    intro = "utter_status_nothing" if nothing else "utter_status_list"
    said = [Say(intro, values={"list": lines[0] if nothing else "\n".join(lines), "addresses": where})]
    if nothing and (claimed := about_claim(view, report)):
        said.append(claimed)
    if not nothing and not report.badges_known:
        said.append(Say("utter_status_badges_unknown"))
    if not nothing and not report.completions_known:
        said.append(Say("utter_status_completions_unknown"))
    if report.several_profiles:
        said.append(Say("utter_status_two_profiles"))
    return [*said, offer(report)]


def line(diagnosis: Diagnosis, channel: str, several: bool = False) -> str:
    """One credential as an item of the list, with its links; a stage without a credential is a sentence by itself.

    `several`: more than one address has something, so that each item names its own.
    """
    rule = services().issuance.rule
    sentence = render(*wording.utterance(diagnosis, rule), channel)
    if knows_nothing(diagnosis):
        return sentence
    sentence = wording.under(sentence, diagnosis) if several else sentence
    links = wording.link(diagnosis)
    return f"- {sentence}" + (f" {render(*links, channel)}" if links else "")


def about_claim(view: TrackerView, report: Report) -> Say | None:
    """What the learner says they completed, and when, where the record has nothing of it."""
    try:
        day = datetime.date.fromisoformat(str(view.slots.get("completed_on") or ""))
    except ValueError:
        return None
    issuance, title = services().issuance, report.diagnoses[0].title
    found = wording.claim_utterance(Claim(title, day), title, issuance.today(), issuance.rule)
    return Say(found[0], values=found[1]) if found else None


def knows_nothing(diagnosis: Diagnosis) -> bool:
    """Whether neither a completion nor a badge stands behind it."""
    return diagnosis.kind is None


def offer(report: Report) -> Say:
    """The team where only it can help; else a second address of the same person."""
    if knows_nothing(report.diagnoses[0]):
        return Say("utter_status_offer_nothing")
    stages = {diagnosis.stage for diagnosis in report.diagnoses}
    if stages & set(TEAM_HELPS):
        return Say("utter_status_offer_team")
    if Stage.EXAM_PASSED in stages:
        return Say("utter_record_offer_watch_or_team")
    return Say("utter_record_offer_watch" if Stage.ISSUING_WINDOW in stages else "utter_status_offer_another")
