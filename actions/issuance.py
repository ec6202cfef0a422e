"""Issuance status: who may see it, and what the learner reads."""

import datetime
from collections.abc import Sequence
from dataclasses import replace
from enum import Enum

from actions.base import Reply, Say, ServiceAction, TrackerView
from actions.identity import ISSUANCE_FORM, NO_IDENTITY_SLOTS, claim, send_code
from actions.services import services
from bot.content.markdown import escape_markdown
from bot.content.responses import render
from bot.identity.address import normalised
from bot.issuance import wording
from bot.issuance.record import TEAM_HELPS, TEAM_TELLS, Diagnosis, Stage, is_recent
from bot.issuance.service import Claim, Report
from bot.issuance.where import asks_where
from bot.slack import staff_words


class Help(str, Enum):
    """What can be done about credentials; the values stand in the names of the utterances that offer it."""

    TEAM = "team"
    WATCH = "watch"
    WATCH_OR_TEAM = "watch_or_team"


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
    others = report.others if rights != "staff" else None
    for address in addresses:
        services().identity.log_lookup(
            view.conversation_id, view.channel, asker, address, rights=rights, outcome=(others or report).outcome
        )
    if others:
        return Reply(tuple(other_words(view, report, others)))
    return Reply(tuple(staff_read(report) if rights == "staff" else words(view, report)))


def staff_read(report: Report) -> list[Say]:
    """The record in words about the learner; no advice, which is theirs alone."""
    rule, nothing = services().issuance.rule, knows_nothing(report.diagnoses[0])
    items = [staff_words.item(diagnosis, rule) for diagnosis in report.diagnoses]
    said = items[0] if nothing else "\n".join(f"- {one}" for one in items)
    where = ", ".join(escape_markdown(address) for address in report.addresses)
    intro = "utter_status_nothing" if nothing else "utter_status_list"
    return [Say(intro, values={"list": said, "addresses": where}), *not_asked(report)]


def not_asked(report: Report) -> list[Say]:
    """Which source did not answer, where something was found in the other."""
    if knows_nothing(report.diagnoses[0]):
        return []
    badges = [] if report.badges_known else [Say("utter_status_badges_unknown")]
    return badges + ([] if report.completions_known else [Say("utter_status_completions_unknown")])


def words(view: TrackerView, report: Report) -> list[Say]:
    """The list of stages, what the learner said against it, what to do with two profiles, and what is offered next."""
    lines = [line(diagnosis, view.channel, report.several_profiles) for diagnosis in report.diagnoses]
    nothing = knows_nothing(report.diagnoses[0])
    where = ", ".join(escape_markdown(address) for address in report.addresses)
    intro = "utter_status_nothing" if nothing else "utter_status_list"
    said = [Say(intro, values={"list": lines[0] if nothing else "\n".join(lines), "addresses": where})]
    if nothing and (claimed := about_claim(view, report)):
        said.append(claimed)
    said += not_asked(report)
    if report.several_profiles:
        said.append(Say("utter_status_two_profiles"))
    return [*said, *offer(view, report)]


def other_words(view: TrackerView, report: Report, others: Report) -> list[Say]:
    """The record of somebody who has named a credential that is not in it: what is there may be what is meant."""
    missing = render(*wording.utterance(report.diagnoses[0], services().issuance.rule), view.channel)
    listed = "\n".join(line(one, view.channel, others.several_profiles) for one in others.diagnoses)
    where = ", ".join(escape_markdown(address) for address in others.addresses)
    values = {"missing": missing, "list": listed, "addresses": where}
    claimed = about_claim(view, report)
    return [
        Say("utter_status_others", values=values),
        *([claimed] if claimed else []),
        *not_asked(others),
        Say("utter_status_offer_nothing"),
    ]


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


def passed_long_ago(diagnoses: Sequence[Diagnosis]) -> bool:
    """Whether a certification is not there although its exam was not passed just now."""
    today, rule = services().issuance.today(), services().issuance.rule
    return any(one.stage is Stage.EXAM_PASSED and not is_recent(one, today, rule) for one in diagnoses)


def unwatched(found: Sequence[Diagnosis], conversation_id: str) -> list[Diagnosis]:
    """Those of which the conversation has not been promised to be told."""
    promised = {(one.email, one.credential) for one in services().watching.of_conversation(conversation_id)}
    return [one for one in found if (one.email, one.credential) not in promised]


def what_helps(found: Sequence[Diagnosis], conversation_id: str) -> Help | None:
    """What can be done about credentials: the team where only it can, a watch for what is to come; None for nothing."""
    stages, untold = {one.stage for one in found}, unwatched(found, conversation_id)
    if stages & set(TEAM_HELPS) or (passed_long_ago(found) and not passed_long_ago(untold)):
        return Help.TEAM
    if passed_long_ago(found):
        return Help.WATCH_OR_TEAM
    if {one.stage for one in untold} & {Stage.ISSUING_WINDOW, Stage.EXAM_PASSED}:
        return Help.WATCH
    return Help.TEAM if stages & set(TEAM_TELLS) else None


def offer(view: TrackerView, report: Report) -> tuple[Say, ...]:
    """What helps; nothing where all is well or promised; else another address of the same person."""
    found = report.diagnoses
    if knows_nothing(found[0]):
        return (Say("utter_status_offer_nothing"),)
    helps = what_helps(found, view.conversation_id)
    if helps is not None:
        return (Say("utter_status_offer_team" if helps is Help.TEAM else f"utter_record_offer_{helps.value}"),)
    well = all(one.stage is Stage.ACCEPTED for one in unwatched(found, view.conversation_id))
    return () if well else (Say("utter_status_offer_another"),)
