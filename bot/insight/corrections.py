"""Tells when somebody says, right after an answer, that it was not what they had asked."""

import re

from bot.content.kinds import ResponseKind, kind_of
from bot.conversations.store import Message

LONGEST_CORRECTION = 400  # characters; who writes more asks anew
_SAYS_SO = re.compile(
    r"\b(?:"
    r"not (?:at all )?what i (?:was )?(?:ask|mean|want|look|need)"
    r"|(?:did not|didn'?t|do not|don'?t|never) (?:mean|ask (?:about |for )?)(?:that|this|it)\b"
    r"|(?:that|this|it)(?: is|'?s| was)? ?(?:not|isn'?t|wasn'?t) "
    r"(?:it|that|right|correct|what|helpful|my (?:question|problem|issue)|the (?:one|question|point))\b"
    r"|wrong (?:answer|question|topic|subject|track|one)"
    r"|you(?:'ve| have)? (?:mis(?:understood|understand|read)|miss(?:ed)? (?:the|my) (?:point|question)"
    r"|got (?:me|it|that|this) wrong)"
    r"|(?:doesn'?t|does not|didn'?t|did not|won'?t|no) (?:really |even )?(?:answers?|help)"
    r"(?! (?:me )?(?:with|find|to)\b)"
    r"|(?:my question|i asked|i meant|i was asking) (?:was|is|about|something|smth|another|for)"
    r"|beside the point|nothing to do with (?:my|what)|something else|another question|not my question"
    r"|read my (?:message|question) again"
    r")",
    re.IGNORECASE,
)
_ONLY_NO = re.compile(
    r"(?:no{1,20}|nope|nah|wrong|incorrect|false|not (?:quite|really|that|this)|👎|❌)[\s.!,]{0,5}", re.IGNORECASE
)


def is_correction(text: str, before: Message) -> bool:
    """Whether a message says that the reply before it, an answer of the FAQ, was not what was asked.

    A bare "no" says so only where the reply had asked nothing that it could be the answer to.
    """
    if kind_of(before.utterance) not in (ResponseKind.ANSWER, ResponseKind.FACT) or len(text) > LONGEST_CORRECTION:
        return False
    plain = text.replace("’", "'")
    offered = any(button.get("payload") in ("/affirm", "/deny") for button in before.buttons)
    return bool(_SAYS_SO.search(plain)) or (not offered and bool(_ONLY_NO.fullmatch(plain.strip())))
