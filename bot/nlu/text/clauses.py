"""Whether a part of a message asks for something by itself, or only says what a question beside it is about.

"Passed the exam last week." and "when people click on it" are like the examples of some FAQ, but are not asked.
"""

import re

_AUXILIARY = r"(?:can|could|does|do|did|is|are|am|was|were|will|would|should|may|must|has|have)"
_SUBJECT = (
    r"(?:i|you|u|he|she|it|we|they|one|the|an?|any\w*|some\w*|every\w*|all|both|my|our|your|his|her|its|their|this|that"
    r"|these|those|there|two|three|several|multiple|more|people|ppl|other|credly|linkedin|facebook|onestream|badge"
    r"|cert\w*|credential|micro\w*|digital|employer|recruiter|client|\w{3,}s)"
)
_QUESTION_WORD = r"(?:what|whats|what's|how|hows|how's|who|whos|who's|whom|whose|where|wheres|where's|why|which)"
# "I did it" is no question: before the verb of one stands no subject.
_NO_SUBJECT = "".join(rf"(?<!\b{one}\s)" for one in ("i", "you", "he", "she", "we", "finally", "never"))
_QUESTION = re.compile(
    rf"\?|\b{_QUESTION_WORD}\b|\bwhen\s+{_AUXILIARY}\b"
    rf"|{_NO_SUBJECT}\b{_AUXILIARY}(?:n['’]?t)?\s+{_SUBJECT}\b",
    re.IGNORECASE,
)
_LEAD = (
    r"(?:(?:and|also|so|then|but|plus|please|pls|ok|okay|hm+|well|right|fine|good|great|cool|super|alright|no|yes|ah|oh|lol"
    r"|thanks|thx|meanwhile|first|now|btw)[,.!:]* )*(?:(?:can|could) you )?(?:tell me )?"
)
_OPENING = re.compile(rf"^{_LEAD}(?:{_QUESTION_WORD}|when|{_AUXILIARY}\s+{_SUBJECT})\b", re.IGNORECASE)
_WISH_TO_KNOW = re.compile(
    r"\b(?:i|we)(?:['’]?d)? (?:(?:just|only|really|actually|also|would) )*"
    r"(?:want|wanted|need|like|love|wish|wonder|wondered|was wondering|am wondering|meant)\b.{0,12}?"
    r"\b(?:to (?:know|ask|learn|hear|understand)|what|how|who|where|when|why|which|whether|if)\b",
    re.IGNORECASE,
)
_ANY_AUXILIARY = re.compile(rf"\b{_AUXILIARY}(?:n['’]?t)?\b", re.IGNORECASE)
_REQUEST = re.compile(
    r"\b(?:want\w*|need\w*|prefer|wish|tell|explain|help|show me|give|please|pls|plz|let me know|looking for|wonder\w*"
    r"|possible|check|find out|to know|ask\w*|advise|define|definitions?|differen\w+|vs\.?|instructions?|trick"
    r"|any chance|question|(?:way|like) to)\b|(?:\b(?:i|we|he|she|they)?['’]?d|\bwould) (?:like|love)\b",
    re.IGNORECASE,
)
_TROUBLE = re.compile(
    r"\b(?:no|not|cannot|cant|dont|doesnt|didnt|isnt|arent|wont|wasnt|havent|hasnt|missing|nothing|nowhere|gone|lost"
    r"|empty|never|without|only|still|none|neither|yet|instead|vanished|disappeared|forgot|forgotten|problem\w*|errors?"
    r"|trouble|fail\w*|broken|wrong|locked|stuck|absent|blank|the rest"
    r"|out of (?:\d+|two|three|four|five|six))\b|n['’]t\b",
    re.IGNORECASE,
)
_SUBORDINATE = re.compile(
    r"^(?:(?:and|but|so|or|then)\s+)?(?:if|once|after|before|because|since|suppose|supposing|while|although|though"
    rf"|as\s+soon\s+as|whether|until|that|when(?:ever)?(?!\s+{_AUXILIARY}\b))\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[\w'’]+")
# What a part says nothing with: it leans on the rest of the message ("is there a way to do that?").
VAGUE_WORDS = (
    "a about actually all also an and any anybody anyone are as at be been by can check could did do doable does "
    "done else ever exactly find for from get go goes going got had has have he help her here him his how i idea "
    "if in is it its just know like look looks me mean mine more my of ok on or our please pls possible really "
    "repaired same see she should show so some somebody somehow someone something such tell that the their them "
    "then there these they thing things this those to too try up us want was way we were what when where which "
    "who whom why will with work works would you your"
)
_VAGUE = frozenset(VAGUE_WORDS.split())


def has_verb(part: str) -> bool:
    """Whether one of the verbs stands in it that questions begin with."""
    return bool(_ANY_AUXILIARY.search(part))


def opens_a_question(part: str) -> bool:
    """Whether it begins as questions do: "how ...", "can I ..."; but not "can upload it elsewhere"."""
    return bool(_OPENING.match(part))


def wishes_to_know(part: str) -> bool:
    """Whether it asks without being put as a question: "I want to know what they see"."""
    return bool(_WISH_TO_KNOW.search(part))


def asks(part: str, continues: bool = False) -> bool:
    """Whether a part asks for something, or tells of trouble, by itself.

    Args:
        part: some words of a message.
        continues: it follows on a question by "and" or the like, so that it need not ask in so many words.
    """
    if _SUBORDINATE.match(part):
        rest = part.split(maxsplit=2)[-1].rstrip("?")
        if not (_QUESTION.search(rest) or _REQUEST.search(rest)):
            return False
    if all(word.lower() in _VAGUE for word in _WORD.findall(part)):
        return False
    return continues or any(pattern.search(part) for pattern in (_QUESTION, _REQUEST, _TROUBLE))
