"""What is known of a message when it is decided on: read by itself, and after what stood before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.nlu.decision import FALLBACK, FAQ, Decision, intent_of
from bot.nlu.scoring.replies import NEW

FACT, PROCESS, CHECK, ESCALATE = "fact", "process", "check_issuance_status", "escalate"
CERTAIN, LIKELY, POSSIBLE, BARELY = 0.85, 0.55, 0.3, 0.2  # probability of a reply
SURE = 0.95  # of a yes where the message by itself is something else
CLEAR = 0.9  # of a new question, which then wins over a reply that is not certain
SMALL = ("acknowledge", "thank", "greet", "hold", "goodbye")
RECORD_QUESTION = "ask_record_"
UNKNOWN_REMARKS = ("out_of_scope/unrelated", "out_of_scope/chitchat", "out_of_scope/other_near")
FEW_WORDS = 4  # so long may small talk be where a message by itself is something else
BESIDE = (FAQ, FACT, PROCESS)  # what may be answered beside something else


@dataclass(frozen=True)
class Read:
    """What is known of a message: read by itself, and after what stood before, whole and sentence by sentence.

    `replies` are probabilities of labels, best first, {} where nothing is known of what stands before; `apart` are the
    questions of single sentences, read by themselves, by the places of the sentences; `asks` says whether it is put as
    a question, `here` are the labels that belong to what stands, and not to any time.
    """

    general: Decision
    replies: Mapping[str, float] = field(default_factory=dict)
    sentences: Sequence[Mapping[str, float]] = ()
    apart: Mapping[int, str] = field(default_factory=dict)
    addresses: int = 0
    bare: bool = False  # holds nothing beside an address
    asks: bool = False
    words: int = 0
    names_team: bool = False
    names_other: bool = False
    names_owner: bool = False
    names_own: bool = False
    names_credential: bool = False
    here: frozenset[str] = frozenset()

    def new_questions(self) -> list[str]:
        """The FAQs that single sentences ask for, which are no reply to what stands before either."""
        found = []
        for place, asked in self.apart.items():
            label, share = best(self.sentences[place]) if place < len(self.sentences) else ("", 0.0)
            if intent_of(label) in ("", NEW, *SMALL) or share < LIKELY:
                found.append(asked)
        return list(dict.fromkeys(found))


def best(replies: Mapping[str, float]) -> tuple[str, float]:
    """The likeliest label; questions about the record stand together against all else."""
    label, share = next(iter(replies.items()), ("", 0.0))
    if label.startswith(RECORD_QUESTION):
        share = sum(one for name, one in replies.items() if name.startswith(RECORD_QUESTION))
    return label, share


def best_sentence(sentences: Sequence[Mapping[str, float]]) -> tuple[str, float]:
    """The sentence that says most: no small talk, nothing new."""
    found = [(label, share) for label, share in map(best, sentences) if intent_of(label) not in ("", NEW, *SMALL)]
    return max(found, key=lambda one: one[1], default=("", 0.0))


def likeliest(known: Read, beginnings: tuple[str, ...] = ("",)) -> str:
    """Of the replies that belong here the likeliest, "" where none is likely at all."""
    here = {label: share for label, share in known.replies.items() if label in known.here and label != NEW}
    label, share = next(((one, share) for one, share in here.items() if one.startswith(beginnings)), ("", 0.0))
    return label if share >= BARELY else ""


def believable(label: str, known: Read) -> bool:
    """Whether the words allow a meaning that is easily claimed."""
    if label == ESCALATE:
        return known.names_team or known.general.intent == ESCALATE
    if label == "other_person":
        return known.names_other
    if label in ("acknowledge", "thank") and known.general.intent == "goodbye" and known.general.confidence >= LIKELY:
        return False
    if label == "acknowledge" and known.asks and known.words > 1:
        return known.general.intent in SMALL
    if label == "acknowledge" and known.words > FEW_WORDS:
        return known.general.intent in (*SMALL, "affirm") or known.general.label == "out_of_scope/chitchat"
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
