"""What a ticket is about, for whom and why: from the message, what was said before and the record that was shown."""

import re
from collections.abc import Sequence

from actions.base import TrackerView
from actions.services import services
from bot.content.kinds import kind_of
from bot.content.responses import render
from bot.identity.address import normalised, without
from bot.issuance.naming import is_named
from bot.issuance.record import TEAM_HELPS, Diagnosis, Stage
from bot.tickets.matter import says_what
from bot.tickets.ticket import HandoverReason
from bot.tickets.title import title

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
    "other_person",
    "ticket_status",
)
TOLD_STAGES = (Stage.OVERDUE, Stage.REVOKED, Stage.DECLINED)  # stages that a ticket names
MOST_MATTER = 2  # messages
_WORD = r"[\w'-]+"
# What has become of a credential, in the words of those who want to know why.
STAGE_WORDS = (
    (r"\b(revo[ck]\w*|taken away|took \w+ away)\b", (Stage.REVOKED,)),
    (r"\b(declin\w*|reject\w*)\b", (Stage.DECLINED,)),
    (r"\b(exams?|certifications?)\b", (Stage.EXAM_PASSED, Stage.NOT_PASSED)),
    (r"\b(expir\w*|renew\w*)\b", (Stage.EXPIRED, Stage.EXPIRES_SOON)),
    (r"\b(overdue|late)\b", (Stage.OVERDUE,)),
)
# Words of a matter that no stage of a record is about.
OTHER_MATTER = re.compile(
    r"\b(name|surname|misspel\w*|spel(t|led|ling)|invoice|refund|voucher|proctor|password|log ?in|accounts?|profiles?|"
    r"merg\w+|logo|picture|linkedin)\b",
    re.IGNORECASE,
)


def declined(view: TrackerView) -> str | None:
    """The label of what the turn before has said not to be covered, None if nothing."""
    utterances = (said for said in view.said if said.startswith("utter_out_of_scope/"))
    return next((said.removeprefix("utter_") for said in utterances), None)


def reason_of(view: TrackerView) -> HandoverReason:
    """Why it is handed over, from what was said before; overdue only where the record says so of what it is about."""
    if declined(view):
        return HandoverReason.NEAR_MISS
    if any(one.stage is Stage.OVERDUE for one in concerned(view)):
        return HandoverReason.OVERDUE
    if any(kind_of(said).not_understood for said in view.said):
        return HandoverReason.NOT_UNDERSTOOD
    return HandoverReason.REQUESTED


def concerned(view: TrackerView) -> list[Diagnosis]:
    """The credentials of the shown record that the ticket is about, as far as the learner's words tell.

    Those that the message names, by title or by what has become of them; else the one spoken of last, those that the
    messages before name, those that only the team can help with. None where the words are about something else.
    """
    proven = services().identity.proven(view.conversation_id)
    if not view.focus.get("record") or not proven:
        return []
    found = [one for one in services().issuance.status(proven).diagnoses if one.title]
    last = str(view.slots.get("credential") or "")
    if named := view.entities("credential") or named_in(view.text):
        return _of(found, named)
    if chosen := told_of(found, view.text):
        return chosen
    if OTHER_MATTER.search(view.text):
        return []
    if last:
        return _of(found, [last])
    before = "\n".join(matter_before(view))
    if chosen := _of(found, named_in(before)) or told_of(found, before):
        return chosen
    if OTHER_MATTER.search(before):
        return []
    late = [one for one in found if one.stage is Stage.OVERDUE]
    helped = late or [one for one in found if one.stage in TEAM_HELPS]
    return helped if helped or (says_what(view.text) and len(found) > 1) else found[:1]


def _of(found: Sequence[Diagnosis], named: Sequence[str]) -> list[Diagnosis]:
    return [one for one in found if is_named(one, named)]


def named_in(text: str) -> list[str]:
    """The credentials of the catalogue that a text names, by id."""
    words = f" {' '.join(re.findall(_WORD, text.casefold()))} "
    known = services().catalogue.credentials
    return [one.id for one in known if any(f" {name.casefold()} " in words for name in (one.title, *one.names))]


def told_of(found: Sequence[Diagnosis], text: str) -> list[Diagnosis]:
    """Those of the record that are in a stage which a text names."""
    stages = {stage for words, those in STAGE_WORDS if re.search(words, text.lower()) for stage in those}
    return [one for one in found if one.stage in stages]


def contact_of(view: TrackerView) -> str | None:
    """The address in the message, else the newest proven one."""
    named = [address for text in view.entities("email") if (address := normalised(text))]
    proven = services().identity.proven(view.conversation_id)
    return named[0] if len(named) == 1 else proven[0] if proven else None


def about_of(view: TrackerView) -> str | None:
    """What it is about: the learner's own words, now or before, and what the shown record has of it."""
    own = view.text if says_what(view.text) else ""
    parts = [] if own and not only_names(own) else matter_before(view)
    parts.insert(0, about_record(concerned(view)))
    return "\n".join(one for one in [*parts, own] if one) or None


def only_names(text: str) -> bool:
    """Whether a wish for the team names a credential and says no more ("get them to look at level 1")."""
    return services().catalogue.match(title(text)) is not None


def about_record(chosen: Sequence[Diagnosis]) -> str:
    """The titles of what a ticket is about, with what is wrong with them where that is the same."""
    titles = list(dict.fromkeys(one.title for one in chosen))
    stages = {one.stage for one in chosen}
    wrong = stages.pop() if len(stages) == 1 and stages <= set(TOLD_STAGES) else None
    return (
        render(f"utter_ticket_about_{wrong.value}", {"titles": ", ".join(sorted(titles))})
        if wrong
        else ", ".join(titles)
    )


def matter_before(view: TrackerView) -> list[str]:
    """What the learner has typed before that a team would want to read: reports and questions, no small talk."""
    before = zip(view.texts_before, view.intents[1:])
    told = [text for text, intent in before if intent not in NO_MATTER and not text.startswith("/") and says_what(text)]
    return [without(text) for text in reversed(told[:MOST_MATTER])]
