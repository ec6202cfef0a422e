"""Whether some words say what a ticket is about, or only that somebody wants the team; and whether it is the same."""

import re

_WORD = re.compile(r"[\w'’]+")
# Words of a wish to reach the team, and of courtesy; what is left says what it is about.
WISH = (
    "a about actually again agent all also am an and answer any anybody anyone are as ask asap at be been bit by call "
    "can certification certifications chat check complain complaint connect contact could cert certs credential do "
    "does email for forward from get give go good have hello help hey hi him human i id if in into is issue it its "
    "just kindly let like live mail matter may me message my need needs new now of off ok okay on once one open or our "
    "out over pass people person phone please pls plz problem question quick raise real reach report request right "
    "sb see send so some somebody someone something speak submit support take talk team tell thank thanks that the "
    "their them then there they this ticket to today touch up us want wanted we well what whole will wish with word "
    "work would write yes you your yourself person's staff desk department agent operator representative assistant "
    "badge badges charge credentials put responsible through prefer prefers rather i'd i'll people looked look looks "
    "looking"
)
_WISH = frozenset(WISH.split())
LEAST = 2  # words that say something
# Words that two matters may share without being the same.
SHARED_BY_MANY = (
    "badge badges credential credentials certificate certified course training exam mail email missing wrong came come "
    "received credly navigator profile address date name level one two day days week weeks since yesterday not never "
    "still yet only more thing things other else different than how when why where which who won't don't can't doesn't"
)
_COMMON = frozenset(SHARED_BY_MANY.split())
_LEVEL = re.compile(r"\b(?:level|lvl)\s+(\w+)")
_ANOTHER = re.compile(
    r"\b(?:another|second|new|separate|different|extra|further|fresh)\s+(?:\w+\s+)?"
    r"(?:tickets?|request|case|matter|issue|topic|subject)\b"
    r"|\bone more ticket\b|\bticket of its own\b|\bunrelated\b|\bnot related\b"
    r"|\bnothing to do with (?:that|this|it|my)\b"
    r"|\b(?:about|for|regarding|concerning|is|it's|on|with) something (?:else|different)\b"
    r"|^\W*(?:(?:and|also|now|but) )?something (?:else|different)\b"
    r"|^\W*(?:(?:no|yes|ok|please|then|and|rather|better|make it)\W+)*"
    r"(?:a|one) (?:new|separate|second|fresh|different) one\b"
)
_NO_OTHER = re.compile(
    r"\b(?:no(?!,)|not|don't|dont|without|instead of|rather than)\b[^.!?,]{0,30}\b(?:another|second|new|separate)\b"
)
_MORE_OF_IT = re.compile(
    r"\b(?:add|mention|include|forgot|hurry|urgent|same)\b|\bcrt-[0-9]|\balso (?:tell|say|write|let)\b"
    r"|\b(?:to|in|on|with|about|for) (?:my|the|that|this) (?:open )?ticket\b"
)

_TO_THE_TEAM = re.compile(
    r"^\W*(?:(?:and|ok|okay|so|also|please|pls|then)\W+)*(?:(?:this|that|here)(?:'?s| is)? )?"
    r"(?:(?:for|to|tell|answer)\W+)+(?:the )?(?:certification )?(?:team|them|people)\b(?: please| pls)?\W*",
    re.IGNORECASE,
)

_WHERE_TO_WRITE = re.compile(
    r"\b(?:what|what['’]?s|which|give me|tell me|need|have you|got|is there|do you have)\b[^.!?]{0,30}"
    r"\b(?:e-?mail|mail|phone|telephone|hotline|contact details?)\b"
    r"|\b(?:whom?|where)\b[^.!?]{0,20}\b(?:write|e-?mail|mail|call|contact|turn)\b",
    re.IGNORECASE,
)

# What somebody wants done with a matter that is only pointed at ("who can fix that", "can you sort this out").
_DONE_WITH_IT = re.compile(
    r"\b(?:fix|sort|solve|resolve|handle|clear|correct|repair|do|deal with|look into)(?:e?d|ing|s)? "
    r"(?:that|this|it)\b(?: (?:out|up|for me))?|\b(?:hm+|hmph|who|anyone|nobody)\b"
)
# How somebody begins who puts the text of a ticket differently.
_PUT_ANEW = re.compile(
    r"^\W*(?:(?:no|wait|hold on|actually|sorry|ok|okay|oh|hm+|well|let'?s|and|but|then|please|one sec)\b\W*)*"
    r"(?:(?:can i|could i|may i|let me|i(?:'d| would) (?:like to|rather)|i want to|i(?:'ll| will)|rather|better)\s+)?"
    r"(?:(?:re-?phrase|re-?word|re-?write|put|say|write)\b(?: (?:it|that|this|the text|my text|the message))?"
    r"(?: (?:differently|another way|in other words|again|anew|better|instead|from scratch))?|"
    r"(?:change|replace) (?:it|that|this|(?:the|my) (?:text|message|wording)) (?:to|with|by)|"
    r"(?:write|put|send)(?: (?:this|it))? instead)"
    r"\s*[:,–-]+\s*(?P<text>\S.*)$",
    re.IGNORECASE | re.DOTALL,
)

# Words that say to which ticket something goes.
WHERE_TO = "add put keep leave first same existing old together goes belongs other already open"
_WHERE_TO = _WISH | frozenset(WHERE_TO.split())


def says_what(text: str) -> bool:
    """Whether there are enough words beside those of a mere wish ("can somebody from your team help me")."""
    plain = _DONE_WITH_IT.sub(" ", text.lower())
    words = (word for piece in plain.split() if "@" not in piece for word in _WORD.findall(piece))
    telling = [word for word in words if word.strip("'’") not in _WISH]
    return len(telling) >= LEAST


def addressed_to_team(text: str) -> str:
    """What stands after an address to the team ("and for the team: german"), "" where nothing is addressed so."""
    found = _TO_THE_TEAM.match(text)
    return text[found.end() :] if found else ""


def put_anew(text: str) -> str:
    """What somebody wants a ticket to say instead ("let me rephrase: ..."), "" where nothing is put differently."""
    found = _PUT_ANEW.match(text.replace("’", "'"))
    return found["text"].strip() if found and says_what(found["text"]) else ""


def asks_where_to_write(text: str) -> bool:
    """Whether somebody asks for the address or the number of the team ("what's the mail of those in charge")."""
    return bool(_WHERE_TO_WRITE.search(text)) and "@" not in text


def only_says_where(text: str) -> bool:
    """Whether words only say to which ticket something goes ("add it to the first one")."""
    return all(word in _WHERE_TO for word in _WORD.findall(text.lower()))


def wants_another(text: str) -> bool:
    """Whether somebody who has a ticket says that this is for another one ("about something else")."""
    words = " ".join(text.lower().replace("’", "'").split())
    return bool(_ANOTHER.search(words)) and not _NO_OTHER.search(words)


def belongs(text: str, about: str) -> bool:
    """Whether words clearly go with the ticket that is there: they say so, or speak of the same.

    Args:
        text: what somebody wants the team to know.
        about: the ticket's text.
    """
    return bool(_MORE_OF_IT.search(text.lower())) or bool(_telling(text) & _telling(about))


def _telling(text: str) -> set[str]:
    """The words by which one matter is told from another."""
    words = _WORD.findall(_LEVEL.sub(r"level\1", text.lower()))
    return {word for word in words if len(word) > 2 and word not in _WISH and word not in _COMMON}
