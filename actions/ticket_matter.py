"""What a ticket is about, for whom and why: from the message, what was said before and the record that was shown."""

from actions.base import TrackerView
from actions.services import services
from bot.content.kinds import kind_of
from bot.content.responses import render
from bot.identity.address import normalised
from bot.issuance.record import TEAM_HELPS, Stage
from bot.tickets.matter import says_what
from bot.tickets.ticket import HandoverReason

# Messages before that are no part of the matter.
NO_MATTER = (
    "",
    "affirm",
    "deny",
    "acknowledge",
    "thank",
    "greet",
    "goodbye",
    "hold",
    "inform",
    "stop",
    "help",
    "bot_challenge",
    "resend_code",
    "change_address",
    "correct_address",
    "process",
    "watch",
    "not_arrived",
    "other_language",
    "ticket_status",
)
MOST_MATTER = 2  # messages


def declined(view: TrackerView) -> str | None:
    """The label of what the turn before has said not to be covered, None if nothing."""
    utterances = (said for said in view.said if said.startswith("utter_out_of_scope/"))
    return next((said.removeprefix("utter_") for said in utterances), None)


def reason_of(view: TrackerView) -> HandoverReason:
    """Why it is handed over, from what was said before; overdue only where the record says so."""
    if declined(view):
        return HandoverReason.NEAR_MISS
    if view.focus.get("record") and overdue(view):
        return HandoverReason.OVERDUE
    if any(kind_of(said).not_understood for said in view.said):
        return HandoverReason.NOT_UNDERSTOOD
    return HandoverReason.REQUESTED


def overdue(view: TrackerView) -> list[str]:
    """The titles of what is overdue in the proven record."""
    proven = services().identity.proven(view.conversation_id)
    found = services().issuance.status(proven).diagnoses if proven else ()
    return sorted({one.title for one in found if one.title and one.stage is Stage.OVERDUE})


def contact_of(view: TrackerView) -> str | None:
    """The address in the message, else the newest proven one."""
    named = [address for text in view.entities("email") if (address := normalised(text))]
    proven = services().identity.proven(view.conversation_id)
    return named[0] if len(named) == 1 else proven[0] if proven else None


def about_of(view: TrackerView) -> str | None:
    """What it is about: the learner's own words, now or before, and what the shown record has of it."""
    own = view.text if says_what(view.text) else ""
    parts = [] if own else matter_before(view)
    if view.focus.get("record"):
        parts.insert(0, about_record(view))
    return "\n".join(one for one in [*parts, own] if one) or None


def about_record(view: TrackerView) -> str:
    """The credential of the shown record that the ticket is likely about, with its stage."""
    proven = services().identity.proven(view.conversation_id)
    found = [one for one in services().issuance.status(proven).diagnoses if one.title] if proven else []
    named = view.entities("credential") or [str(view.slots.get("credential") or "")]
    chosen = [one for one in found if one.credential in named]
    if late := [one.title for one in chosen or found if one.stage is Stage.OVERDUE]:
        return render_about(sorted(set(late)))
    chosen = chosen or [one for one in found if one.stage in TEAM_HELPS] or found[:1]
    return ", ".join(dict.fromkeys(one.title for one in chosen))


def matter_before(view: TrackerView) -> list[str]:
    """What the learner has typed before that a team would want to read: reports and questions, no small talk."""
    before = zip(view.texts_before, view.intents[1:])
    told = [text for text, intent in before if intent not in NO_MATTER and not text.startswith("/") and says_what(text)]
    return list(reversed(told[:MOST_MATTER]))


def render_about(titles: list[str]) -> str:
    """The subject of a ticket about overdue credentials."""
    return render("utter_ticket_about_overdue", {"titles": ", ".join(titles)})
