"""Words without which some wishes are not believed: the team is named, or another person."""

import re

LONGEST_ORDER = 60  # characters
_TEAM = re.compile(
    r"\b(?:team|tickets?|forward\w*|report (?:it|this|that|a|an|to|my)|complain\w*"
    r"|complaint|escalat\w*|humans?|agents?|supervisor|staff"
    r"|hand (?:it|this|that) over|pass (?:(?:it|this|that|me|them) )?on|raise|certification@\S+"
    r"|(?:talk|speak|write|chat|connect|reach|contact|need|call|ask|tell"
    r"|(?:get|put)\w* (?:me|us|hold|in touch|through|on to|to))\w*\b.{0,40}"
    r"\b(?:someone|somebody|anyone|anybody|person|people|them|they|you guys|colleagues?|department|desk|in charge)"
    r"(?! (?:apart|from (?:one|each|the)))"
    r"|(?:give|take|send|bring)\b.{0,20}\bto (?:them|the people)|from certification"
    r"|(?:take|bring)\w*\b.{0,20}\bup with|your (?:people|lot|folks|colleagues|boss)|the right people"
    r"|(?:someone|somebody|anyone|anybody|a person|people)\b.{0,20}\b(?:talk|speak|write|turn) to"
    r"|who(?:ever)? (?:knows|(?:would|might|could|can|will) know)|those responsible"
    r"|whom? (?:do|can|could|should|would|shall|must) (?:i|we|one) (?:ask|write|turn|nag|contact|go)"
    r"|certification (?:department|people|ppl|folks|guys|lot)|(?:tell|ask|inform|let) certification"
    r"|(?:someone|somebody|a person|people|anyone) (?:over there|at your end|on your (?:side|end)|in certification)"
    r"|zertifizierungsteam|l['’]équipe)\b",
    re.IGNORECASE | re.DOTALL,
)
_TICKET_WANTED = re.compile(
    r"\b(?:do|make|open|send|create|file|raise|submit|finish|continue|proceed|back to|go(?:ing)? (?:on|ahead))\b"
    r"[^.!?]{0,20}\bticket\b",
    re.IGNORECASE,
)
_TICKET_DECLINED = re.compile(
    r"\b(?:\w+n['’]?t|not|no|never|without|cancel\w*|stop|forget|drop|leave|scrap|close|instead of)\b", re.IGNORECASE
)
_OTHER = re.compile(
    r"\b(?:he|she|his|hers?|him|himself|herself|their|theirs|colleagues?|team\s?mates?|co-?workers?|employees?|candidates?"
    r"|husband|wife|brother|sister|daughter|son|friends?|partners?|boss|manager|staff|students?|consultants?|members?"
    r"|trainees?|interns?|somebody|someone|people|team|guys?|applicants?|freelancers?|reports?|[A-Z][a-z]+'s)\b"
)
_ANOTHERS = re.compile(
    r"\b(?:his|her|their)\s+(?:\w+\s+){0,2}(?:badges?|e?-?mail|address|records?|credentials?|cert\w*|micro\S*|profile"
    r"|progress|status|exam|account)\b|\b(?:customers?|candidates?|colleagues?|employees?|team\s?mates?) of mine\b",
    re.IGNORECASE,
)
_PEOPLE = (
    r"(?:candidate|applicant|customer|client|colleague|co-?worker|employee|team ?mate|trainee|intern|student|freelancer"
    r"|consultant|new hire|husband|wife|partner|friend|buddy|mate|pal|brother|sister|mother|father|mum|dad|cousin"
    r"|girlfriend|boyfriend|assistant|direct report|daughter|son|boss)s?"
)
_BELONGS_TO = re.compile(
    r"\b(?:badges?|credentials?|records?|status|progress|cert\w*) (?:of|for) (?:an?|my|our|the|one of (?:my|our|the)) "
    rf"(?:\w+ )?{_PEOPLE}\b",
    re.IGNORECASE,
)
_OWN = re.compile(r"\b(?:(?<!of )mine|my own|also me|also mine|me too|it's me)\b", re.IGNORECASE)
_PERSON = re.compile(rf"\b(?:an?|my|our|the|this|that|one) (?:\w+ )?(?:of (?:my|our) )?{_PEOPLE}\b", re.IGNORECASE)
_ASKED = (
    r"(?:^|[.!?,;:]\s*|\b(?:can|could|would|will) (?:you|u) |\b(?:please|pls|plz|kindly|also|and|then|just|to|so) )"
)
_RELAY = re.compile(
    rf"{_ASKED}(?:(?:please|pls|also|kindly) )?(?:tell|ask|inform|notify|let|forward|report|write|pass|send|give)\b"
    r"[^.!?]{0,30}\b(?:the|your|their) (?:certification )?(?:team|people|colleagues|folks|department)\b"
    r"|\b(?:someone|somebody|anyone) (?:from|of|in) (?:your |the )?(?:support|team|certification|staff)\b(?: team)?"
    r"[ ,]*(?:please|pls|plz)\b"
    r"|\b(?:need|want|like|get) (?:some )?(?:help|support|assistance) (?:from|by|of) (?:the |your )?"
    r"(?:certification )?(?:team|people|staff)\b",
    re.IGNORECASE,
)
_NO_MORE = re.compile(
    r"\b(?:don['’]?t|do not|no need to|needn['’]?t|stop|not necessary to|you can stop)\b"
    r"(?: (?!forget|hesitate|fail)\w+){0,2}? "
    r"(?:notif\w*|tell\w*|writ\w*|inform\w*|ping\w*|mail\w*|remind\w*|messag\w*|bother\w*|let me know)\b"
    r"|\bno (?:more )?(?:need|notifications?|mails?|reminders?)\b",
    re.IGNORECASE,
)
_ADDS = re.compile(
    r"\b(?:can|could|would|will) (?:you|u) (?:(?:please|pls|also|just) )?(?:add|mention|include|note|tell them)\b"
    r"|^\W*(?:(?:please|pls|and|also|ok) )*(?:add|mention|include|note)(?::| that\b| to (?:it|the ticket|my ticket)\b)"
    r"|\b(?:let them know|tell them)\b",
    re.IGNORECASE,
)
_ASSISTANT = re.compile(
    r"\b(?:questions?|one|that|this|it|thing)(?:['’]?s| is| was)? (?:just |only |really |now )?for you\b|\basking you\b"
    r"|\byou,? (?:the )?(?:bot|assistant|robot|machine)\b|\b(?:chat)?bot[,:]|\bassistant[,:]"
    r"|\bnot (?:for|to) (?:them|the team)\b",
    re.IGNORECASE,
)
_LOOK_UP = re.compile(
    r"\b(?:can|could|would|will) (?:you|u|someone|somebody|anyone|anybody)\b[^.!?]{0,20}\b(?:look|check|see)\b"
    r"|\b(?:please|pls|plz)\b[^.!?]{0,15}\b(?:look|check)\b|\b(?:have|take) a look\b",
    re.IGNORECASE,
)
# Nothing but the order: "well just LOOK then", "go on, check it for me".
_TOLD_TO_LOOK = re.compile(
    r"^\W*(?:(?:so|then|well|just|ok(?:ay)?|now|please|pls|plz|go|and|but|no|yes|yeah|yep|ye|sure|fine|right|good|do|come"
    r"|on|simply|you|u|ahead|alright|all|kindly|first|instead)\W+)*"
    r"(?:look|check|search)"
    r"(?:\W+(?:it|that|this|them|mine|up|for|me|us|then|now|please|pls|plz|already|again|yourself|properly|into|at|my|the"
    r"|badges?|credentials?|records?|account|status|there|in|system|ok|thanks|thx|you|will|can|u|instead|first))*\W*$",
    re.IGNORECASE,
)
_WHEREABOUTS = re.compile(
    r"\b(?:where|what happened to|what became of)\b[^.!?]{0,20}\bmy\b[^.!?]{0,40}"
    r"\b(?:badges?|credentials?|certifications?|certificates?|micro-?credentials?)\b"
    r"(?: (?:is|are|got|hangs|has|have|went|goes))*(?: (?:stuck|now|gone|lost|held up|staying|hanging|left|at))*"
    r"\s*(?:[.,!?;]|$)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"[@_]|\w\.\w|(?<!\w)\.\w|\b(?:dots?|dash|hyphen|underscore|at sign|e-?mail|mail|address|domain|typo|mistyped"
    r"|misspel\w*|spell\w*|spelt|typed?|keyboard|fingers?|not|instead of|rather than|without|missed|forgot|letters?)\b",
    re.IGNORECASE,
)
# Who speaks of himself beside the other asks for himself: "my boss wants to know whether I passed".
_MYSELF = re.compile(r"\b(?:i|i'?m|i'?ve|me|my|mine)\b", re.IGNORECASE)
_HE_OR_SHE = re.compile(r"\b(?:he|she|him|his|her|hers)\b", re.IGNORECASE)
_MINE = re.compile(r"\b(?:my|mine)\b", re.IGNORECASE)


def ticket_after_all(text: str) -> bool:
    """Whether a ticket is asked for, and not declined ("ok, do that ticket after all")."""
    return bool(_TICKET_WANTED.search(text)) and not _TICKET_DECLINED.search(text)


def team(text: str) -> bool:
    """Whether a text names the team, a ticket, or people to talk to."""
    return bool(_TEAM.search(text[:1000]))


def relay(text: str) -> bool:
    """Whether a text asks to tell the team something, or to ask them ("can you tell your team that ...")."""
    return bool(_RELAY.search(text[:1000]))


def addition(text: str) -> bool:
    """Whether a text asks to add something to what the team has ("could you add that ...")."""
    return bool(_ADDS.search(text[:1000]))


def tell_no_more(text: str) -> bool:
    """Whether a text says that nothing needs to be told ("no need, don't notify me")."""
    return bool(_NO_MORE.search(text[:1000]))


def assistant(text: str) -> bool:
    """Whether a text says that it is for the assistant and not for the team."""
    return bool(_ASSISTANT.search(text[:1000]))


def own_whereabouts(text: str) -> bool:
    """Whether a text asks where a badge of the writer's is ("any way to find out where my X badge is stuck?")."""
    return bool(_WHEREABOUTS.search(text[:1000]))


def address(text: str) -> bool:
    """Whether a text speaks of an address: of its signs, of a slip of the pen, or of what is right instead."""
    return bool(_ADDRESS.search(text[:1000]))


def look_up(text: str) -> bool:
    """Whether a text asks somebody to look."""
    return bool(_LOOK_UP.search(text[:1000]))


def told_to_look(text: str) -> bool:
    """Whether a text is nothing but the order to look ("just LOOK", "go on then, check it")."""
    return len(text) <= LONGEST_ORDER and bool(_TOLD_TO_LOOK.match(text))


def anothers(text: str) -> bool:
    """Whether a text speaks of what belongs to another person, or of another person and not of the writer."""
    said = text[:1000]
    others = _PERSON.search(said) and not _MYSELF.search(_PERSON.sub(" ", said))
    of_another = _ANOTHERS.search(said) or _BELONGS_TO.search(said) or others
    return bool(of_another) and not _OWN.search(said)


def only_of_other(text: str) -> bool:
    """Whether a text speaks of him or her and not of the writer ("for Sven, he's on leave")."""
    said = text[:1000]
    return bool(_HE_OR_SHE.search(said)) and not _MYSELF.search(said)


def own(text: str) -> bool:
    """Whether a text speaks of something that is the writer's."""
    return bool(_MINE.search(text[:1000]))


def somebody_else(text: str) -> bool:
    """Whether a text speaks of another person, and not of the writer's own."""
    return bool(_OTHER.search(text[:1000])) and not _OWN.search(text[:1000])
