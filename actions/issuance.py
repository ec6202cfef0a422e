"""Issuance status: who may see it, and what the learner reads."""

import datetime
from dataclasses import replace

from actions.base import Reply, Say, ServiceAction, Turn
from actions.identity import ADDRESS, FORGOTTEN, FORM, claim, send_code, shown
from actions.services import services
from bot.content.responses import render
from bot.identity.address import normalised
from bot.issuance import wording
from bot.issuance.record import TEAM_HELPS, Diagnosis
from bot.issuance.service import Claim, Report


class CheckIssuanceStatus(ServiceAction):
    """ "Was my badge issued?": shows the record of proven addresses, or begins to prove one."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_check_issuance_status"

    def answer(self, turn: Turn) -> Reply:
        """What the question names decides what is shown, and what is proven whose record."""
        said = {"credential": None, "completed_on": None, "wanted": None, **claim(turn)}
        turn = replace(turn, slots={**turn.slots, **said})
        about, named = Reply(slots=said), named_addresses(turn)
        identity, proven = services().identity, services().identity.proven(turn.conversation_id)
        if len(named) > 1:
            return about + Reply((Say("utter_address_one"),), FORGOTTEN)
        other = next((address for address in named if address not in proven), "")
        staff = next(filter(identity.is_staff, proven), "") if other and turn.channel == "slack" else ""
        if staff:
            return about + show(turn, [other], asker=staff, rights="staff")
        if other and proven:
            refusal = Say("utter_refused_other_address", values={"address": shown(other)})
            return about + Reply((refusal,), {**FORGOTTEN, ADDRESS: other})
        if proven:
            return about + show(turn, proven, asker=proven[0], rights="proven")
        begun = send_code(turn, other) if other else Reply((Say("utter_identity_why"),), FORGOTTEN)
        return about + Reply(slots=FORGOTTEN) + begun + Reply(then=FORM)


class ShowIssuanceStatus(ServiceAction):
    """After the form: the record of every address that this conversation has proven."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_show_issuance_status"

    def answer(self, turn: Turn) -> Reply:
        """Asks the server what is proven; the slots only say what was talked about."""
        proven = services().identity.proven(turn.conversation_id)
        if not proven:
            return Reply((Say("utter_code_none"),), FORGOTTEN)
        if turn.slots.get("wanted") == "ticket_status":
            return Reply(slots={**FORGOTTEN, "wanted": None}, then="action_ticket_status")
        return Reply(slots=FORGOTTEN) + show(turn, proven, asker=proven[0], rights="proven")


def named_addresses(turn: Turn) -> list[str]:
    """The addresses in the message, as they are compared; what is no address is left as it was typed."""
    return list(dict.fromkeys(normalised(text) or text for text in turn.entities("email")))


def show(turn: Turn, addresses: list[str], *, asker: str, rights: str) -> Reply:
    """Look up, log who looked at whose record, and say it."""
    credential = str(turn.slots.get("credential") or "")
    report = services().issuance.status(addresses, credential=credential)
    for address in addresses:
        services().identity.log_lookup(
            turn.conversation_id, turn.channel, asker, address, rights=rights, outcome=report.outcome
        )
    said = words(turn, report)
    return Reply(tuple(said[:1] if rights == "staff" else said))  # what follows is advice to the learner


def words(turn: Turn, report: Report) -> list[Say]:
    """The list of stages, what the learner said against it, what to do with two profiles, and what is offered next."""
    lines = [line(diagnosis, turn.channel) for diagnosis in report.diagnoses]
    nothing = knows_nothing(report.diagnoses[0])
    where = ", ".join(shown(address) for address in report.addresses)
    intro = "utter_status_nothing" if nothing else "utter_status_list"
    said = [Say(intro, values={"list": lines[0] if nothing else "\n".join(lines), "addresses": where})]
    if nothing and (claimed := about_claim(turn, report)):
        said.append(claimed)
    if not nothing and not report.badges_known:
        said.append(Say("utter_status_badges_unknown"))
    if not nothing and not report.completions_known:
        said.append(Say("utter_status_completions_unknown"))
    if report.several_profiles:
        said.append(Say("utter_status_two_profiles"))
    return [*said, offer(report)]


def line(diagnosis: Diagnosis, channel: str) -> str:
    """One credential as an item of the list, with its links; a stage without a credential is a sentence by itself."""
    rule = services().issuance.rule
    sentence = render(*wording.utterance(diagnosis, rule), channel)
    if knows_nothing(diagnosis):
        return sentence
    links = wording.link(diagnosis)
    return f"- {sentence}" + (f" {render(*links, channel)}" if links else "")


def about_claim(turn: Turn, report: Report) -> Say | None:
    """What the learner says they completed, and when, where the record has nothing of it."""
    try:
        day = datetime.date.fromisoformat(str(turn.slots.get("completed_on") or ""))
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
    return Say("utter_status_offer_team" if stages & set(TEAM_HELPS) else "utter_status_offer_another")
