"""Everything that goes into a ticket: what the learner wrote, what the conversation and the record know."""

import uuid
from collections.abc import Sequence
from typing import Any

from actions.base import TrackerView
from actions.issuance import line
from actions.services import services
from bot.content.kinds import faq_id
from bot.issuance.record import Diagnosis, Stage
from bot.issuance.service import Report
from bot.tickets.ticket import HandoverReason, TicketRequest
from bot.tickets.transcript import transcript

# Slots.
CONTACT, ABOUT, REASON, TOPIC, SEPARATE = "contact", "about", "ticket_reason", "ticket_topic", "ticket_separate"


def request(view: TrackerView) -> TicketRequest:
    """The request behind a confirmed summary; the message that confirms it, read again, is the same request."""
    messages = services().store.all(view.conversation_id)
    proven = services().identity.proven(view.conversation_id)
    text = str(view.slots.get(ABOUT) or "")
    report = _report(proven, str(view.slots.get("credential") or ""), text) if proven else None
    said = [message.utterance for message in messages]
    faqs = dict.fromkeys(found for utterance in said if (found := faq_id(utterance)))
    return TicketRequest(
        key=next((one.id for one in reversed(messages) if one.role == "user"), str(uuid.uuid4())),
        conversation_id=view.conversation_id,
        channel=view.channel,
        contact=str(view.slots.get(CONTACT) or ""),
        about=text,
        reason=_reason(view, report, text),
        proven=tuple(proven),
        faqs=tuple(faqs),
        transcript=transcript(messages),
        topic=str(view.slots.get(TOPIC) or ""),
        separate=bool(view.slots.get(SEPARATE)),
        network=services().store.network(view.conversation_id),
        **(_of_the_record(report, text) if report else {}),
    )


def _report(proven: Sequence[str], credential: str, text: str) -> Report:
    """What the record has of the credential that was talked of; all of it where the text names another."""
    whole = services().issuance.status(proven)
    named = [one.credential for one in named_by(whole.diagnoses, text)]
    return services().issuance.status(proven, credential=credential) if named in ([], [credential]) else whole


def _reason(view: TrackerView, report: Report | None, text: str) -> HandoverReason:
    """As it was when the ticket began; no longer overdue where the text has come to name something else."""
    reason = HandoverReason(view.slots.get(REASON) or HandoverReason.REQUESTED)
    named = named_by(report.diagnoses, text) if report else []
    if reason is HandoverReason.OVERDUE and named and all(one.stage is not Stage.OVERDUE for one in named):
        return HandoverReason.REQUESTED
    return reason


def _of_the_record(report: Report, text: str) -> dict[str, Any]:
    found = report.diagnoses
    return {
        "diagnosis": tuple(line(one, "site", report.several_profiles) for one in found),
        "stages": tuple(one.stage.value for one in named_by(found, text) or found),
        "credentials": tuple(dict.fromkeys(one.title for one in found if one.title)),
        "several_profiles": report.several_profiles,
    }


def named_by(found: Sequence[Diagnosis], text: str) -> list[Diagnosis]:
    """The credentials of a record whose titles a text has."""
    return [one for one in found if one.title and one.title.lower() in text.lower()]
