"""What is known of a message when it is decided on: read by itself, and after what stood before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from bot.nlu.decision import FALLBACK, FAQ, Decision, intent_of
from bot.nlu.scoring.replies import NEW

FACT, PROCESS, CHECK, ESCALATE = "fact", "process", "check_issuance_status", "escalate"
CERTAIN, LIKELY, POSSIBLE, BARELY = 0.85, 0.55, 0.3, 0.2  # probability of a reply
SURE = 0.95  # of a yes where the message by itself is something else
CLEAR = 0.9  # of a new question, which then wins over a reply that is not certain
SMALL = ("acknowledge", "thank", "greet", "hold", "goodbye")
STAND_TOGETHER = ("ask_record_", "process/")  # labels that are asked for in like words
UNKNOWN_REMARKS = ("out_of_scope/unrelated", "out_of_scope/chitchat", "out_of_scope/other_near")
# What nobody has wished for as long as it is not likely.
SETS_GOING = (ESCALATE, "watch", "stop_watch", "withdraw_ticket", "new_ticket", "change_address", "affirm")
LEADING_IN = ("ask_more", "ask_record_other", "other_one")  # what "one more thing" is like
LEFT_OVER = 0.3  # probability of all else, from which it counts
LEANING_WORDS, LEANING = 3, 0.4  # a question of so few words, and the probability from which it leans on what stands
NO_NOTICE = 0.7  # of a question by itself, from which no word of notice is meant: "ok, twitter then"
FEW_WORDS = 4  # so long may small talk be where a message by itself is something else
BESIDE = (FAQ, FACT, PROCESS)  # what may be answered beside something else


@dataclass(frozen=True)
class Read:
    """What is known of a message: read by itself, and after what stood before, whole and sentence by sentence.

    `replies` are probabilities of labels, best first, {} where nothing is known of what stands before; `apart` are the
    questions of single sentences, read by themselves, by the places of the sentences; `alone` are the decisions on all
    sentences by themselves, `asking` the places of those that are put as questions. `asks` says whether the message is
    put as a question, `answers` whether it holds the address or the code that the assistant waits for; `here` are the
    labels that belong to what stands, and not to any time.
    """

    general: Decision
    replies: Mapping[str, float] = field(default_factory=dict)
    sentences: Sequence[Mapping[str, float]] = ()
    apart: Mapping[int, str] = field(default_factory=dict)
    alone: Sequence[Decision] = ()
    asking: Sequence[int] = ()
    addresses: int = 0
    bare: bool = False  # holds nothing beside an address
    answers: bool = False
    asks: bool = False
    words: int = 0
    names_team: bool = False
    names_assistant: bool = False
    names_look_up: bool = False
    told_to_look: bool = False  # and nothing else
    relays: bool = False  # asks to tell the team something
    adds: bool = False  # asks to add to what the team has
    tell_no_more: bool = False
    ticket_after_all: bool = False
    names_other: bool = False
    names_owner: bool = False
    names_own: bool = False
    own_whereabouts: bool = False
    speaks_of_address: bool = False  # of its signs, of a slip, or of what is right instead
    only_of_other: bool = False  # speaks of him or her, and not of the writer
    names_credential: bool = False
    here: frozenset[str] = frozenset()

    def new_questions(self) -> list[str]:
        """The FAQs that single sentences ask for, which are no reply to what stands before either."""
        found = []
        for place, asked in self.apart.items():
            label, share = best(self.sentences[place]) if place < len(self.sentences) else ("", 0.0)
            if intent_of(label) in ("", NEW, *SMALL) or share < LIKELY or not believable(label, self):
                found.append(asked)
        return list(dict.fromkeys(found))


def best(replies: Mapping[str, float]) -> tuple[str, float]:
    """The likeliest label; questions about the record, or about how it goes, stand together against all else."""
    together: dict[str, tuple[str, float]] = {}
    for label, share in replies.items():  # the likeliest of a family comes first
        family = _family(label)
        first, so_far = together.get(family, (label, 0.0))
        together[family] = (first, so_far + share)
    return max(together.values(), key=lambda one: one[1], default=("", 0.0))


@lru_cache(maxsize=1024)
def _family(label: str) -> str:
    return next((one for one in STAND_TOGETHER if label.startswith(one)), label)


def but(label: str, replies: Mapping[str, float]) -> tuple[dict[str, float], float]:
    """The probabilities among all other labels, and how much these have together beside the one."""
    left = sum(share for one, share in replies.items() if one != label)
    return {one: share / max(left, 1e-9) for one, share in replies.items() if one != label}, left


def believed(known: "Read") -> "Read":
    """The same message without the likeliest meaning, where its words do not allow it and what is left belongs here."""
    label, _ = best(known.replies)
    if label not in ("", NEW) and not believable(label, known):
        rest, left = but(label, known.replies)
        known = replace(known, replies=rest) if left >= LEFT_OVER and best(rest)[0] in known.here else known
    return _without_what_is_not_named(known)


def _without_what_is_not_named(known: "Read") -> "Read":
    """The same message; what is like a wish for the team, or about another person, without naming any, is new."""
    unnamed = [label for label in (ESCALATE, "other_person") if not believable(label, known)]

    def moved(replies: Mapping[str, float]) -> dict[str, float]:
        away = sum(replies.get(label, 0.0) for label in unnamed)
        kept = {label: share for label, share in replies.items() if label not in unnamed}
        kept[NEW] = kept.get(NEW, 0.0) + away
        return dict(sorted(kept.items(), key=lambda one: -one[1]))

    if not unnamed or not known.replies:
        return known
    return replace(known, replies=moved(known.replies), sentences=[moved(one) for one in known.sentences])


def beside_small_talk(known: "Read") -> "Read":
    """The same message without its small talk, where one sentence is left of it ("Cool. And in Outlook?")."""
    if len(known.sentences) < 2:
        return known
    meant = [(one, *best(one)) for one in known.sentences]
    telling = [one for one, label, share in meant if intent_of(label) not in SMALL or share < CERTAIN]
    return replace(known, replies=telling[0]) if len(telling) == 1 else known


def follow_up(known: "Read") -> tuple[str, float]:
    """The likeliest reply that belongs here to a question that asks nothing new; ("", 0.0) for none.

    Of so few words it may be whatever they seem to be by themselves; of more, nothing that is known.
    """
    here = ((label, share) for label, share in known.replies.items() if label != NEW and label in known.here)
    label, share = next(here, ("", 0.0))
    leans = known.words <= LEANING_WORDS and intent_of(label) in (FACT, PROCESS)
    leans = leans or (known.general.intent == FALLBACK and intent_of(label) == FACT)
    return (label, share) if leans and known.asks and share >= LEANING else ("", 0.0)


def parts_together(known: Read) -> tuple[str, float]:
    """The likeliest part of an answer given, with the probability of all parts; ("", 0.0) for none."""
    parts = {one: share for one, share in known.replies.items() if intent_of(one) == FACT and one in known.here}
    return next(iter(parts), ""), sum(parts.values())


def only_question(known: Read) -> Decision | None:
    """The one sentence of several that is put as a question, where it is one of the FAQ by itself."""
    if len(known.asking) != 1 or not known.alone:
        return None
    asked = known.alone[known.asking[0]]
    return asked if asked.intent == FAQ else None


def best_sentence(known: Read) -> tuple[str, float, int]:
    """The sentence that says most, no small talk and nothing new: its label with the probability, and its place."""
    read_so = [(*best(one), place) for place, one in enumerate(known.sentences)]
    found = [one for one in read_so if intent_of(one[0]) not in ("", NEW, *SMALL) and not _leads_in(one, known)]
    return max(found, key=lambda one: one[1], default=("", 0.0, -1))


def _leads_in(read_so: tuple[str, float, int], known: Read) -> bool:
    """Whether a sentence only leads to what another one asks ("two more: ..."), or is no question as its label is."""
    label, _, place = read_so
    if place in known.asking or not known.alone:
        return False
    return intent_of(label) == PROCESS or (label in LEADING_IN and bool(known.asking))


def beside_what_asks_nothing(known: Read, place: int) -> Decision:
    """What a sentence means by itself, where no other one is put as a question; else what the whole message means."""
    others = [one for one in known.asking if one != place]
    return known.alone[place] if 0 <= place < len(known.alone) and not others else known.general


def likeliest(known: Read, beginnings: tuple[str, ...] = ("",)) -> str:
    """Of the replies that belong here the likeliest, "" where none is likely at all or it would set something going."""
    here = {label: share for label, share in known.replies.items() if label in known.here and label != NEW}
    if next(iter(here), "") in SETS_GOING:
        return ""
    label, share = next(((one, share) for one, share in here.items() if one.startswith(beginnings)), ("", 0.0))
    return label if share >= BARELY else ""


def believable(label: str, known: Read) -> bool:
    """Whether the words allow a meaning that is easily claimed."""
    if label == ESCALATE:
        return known.names_team or known.general.intent == ESCALATE
    if label == "other_person":
        return known.names_other
    if label == "stop":
        return not known.ticket_after_all
    if label == "correct_address":
        return known.words <= FEW_WORDS or known.speaks_of_address
    if label in ("acknowledge", "hold") and known.general.intent == ESCALATE and known.general.confidence >= CLEAR:
        return False
    if label == "acknowledge" and known.words > 1 and known.general.intent == FAQ:
        return known.general.confidence < NO_NOTICE
    if label in ("acknowledge", "thank") and known.general.intent == "goodbye" and known.general.confidence >= LIKELY:
        return False
    if label == "acknowledge" and known.asks and known.words > 1:
        return known.general.intent in SMALL
    if label == "acknowledge" and known.words > FEW_WORDS:
        plain_yes = known.general.intent == "affirm" and known.general.confidence >= LIKELY
        return plain_yes or known.general.intent in SMALL or known.general.label == "out_of_scope/chitchat"
    return True


def says_yes(known: Read) -> bool:
    """Whether a sentence is a yes by itself."""
    return any(label == "affirm" and share >= CERTAIN for label, share in map(best, known.sentences))


def consents(known: Read) -> bool:
    """Whether one sentence surely says yes, and none says anything but yes or asks."""
    said = [best(one) for one in known.sentences]
    sure = any(label == "affirm" and share >= SURE for label, share in said)
    return sure and all(intent_of(label) in ("affirm", NEW, *SMALL, *BESIDE) for label, _ in said)


def refusal(known: Read) -> float:
    """How surely a sentence of the message is a no, 0 where none is."""
    found = [share for label, share in map(best, known.sentences) if label == "deny" and share >= CERTAIN]
    return max(found, default=0.0)


def is_remark(known: Read) -> bool:
    """Whether some words are a statement that by itself says nothing known."""
    nothing = known.general.intent == FALLBACK or known.general.label in UNKNOWN_REMARKS
    return nothing and not known.asks and known.words >= FEW_WORDS
