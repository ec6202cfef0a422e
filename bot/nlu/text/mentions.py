"""Words without which some wishes are not believed: the team is named, or another person."""

import re

_TEAM = re.compile(
    r"\b(?:team|tickets?|forward\w*|report (?:it|this|that|a|an|to|my)|complain\w*"
    r"|complaint|escalat\w*|humans?|agents?|supervisor|staff"
    r"|hand (?:it|this|that) over|pass (?:(?:it|this|that|me|them) )?on|raise|certification@\S+"
    r"|(?:talk|speak|write|chat|connect|put|reach|contact|need|call|ask|tell|get)\w*\b.{0,40}"
    r"\b(?:someone|somebody|anyone|anybody|person|people|them|they|you guys|colleagues?|department|desk|in charge)"
    r"(?! (?:apart|from (?:one|each|the)))"
    r"|(?:give|take|send|bring)\b.{0,20}\bto (?:them|the people)|from certification"
    r"|(?:take|bring)\w*\b.{0,20}\bup with|your (?:people|lot|folks|colleagues|boss)|the right people"
    r"|(?:someone|somebody|anyone|anybody|a person|people)\b.{0,20}\b(?:talk|speak|write|turn) to"
    r"|who(?:ever)? knows|those responsible)\b",
    re.IGNORECASE | re.DOTALL,
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
_OWN = re.compile(r"\b(?:(?<!of )mine|my own|also me|also mine|me too|it's me)\b", re.IGNORECASE)
_PERSON = re.compile(
    r"\b(?:an?|my|our|the|this|that|one) (?:\w+ )?(?:of (?:my|our) )?(?:candidate|applicant|customer|client|colleague"
    r"|co-?worker|employee|team ?mate|trainee|intern|student|freelancer|consultant|new hire|husband|wife|partner|friend"
    r"|buddy|mate|pal|brother|sister|mother|father|mum|dad|cousin|girlfriend|boyfriend|assistant"
    r"|direct report|daughter|son|boss)s?\b",
    re.IGNORECASE,
)
# Who speaks of himself beside the other asks for himself: "my boss wants to know whether I passed".
_MYSELF = re.compile(r"\b(?:i|i'?m|i'?ve|me|my|mine)\b", re.IGNORECASE)
_MINE = re.compile(r"\b(?:my|mine)\b", re.IGNORECASE)


def team(text: str) -> bool:
    """Whether a text names the team, a ticket, or people to talk to."""
    return bool(_TEAM.search(text[:1000]))


def anothers(text: str) -> bool:
    """Whether a text speaks of what belongs to another person, or of another person and not of the writer."""
    said = text[:1000]
    others = _PERSON.search(said) and not _MYSELF.search(_PERSON.sub(" ", said))
    of_another = _ANOTHERS.search(said) or others
    return bool(of_another) and not _OWN.search(said)


def own(text: str) -> bool:
    """Whether a text speaks of something that is the writer's."""
    return bool(_MINE.search(text[:1000]))


def somebody_else(text: str) -> bool:
    """Whether a text speaks of another person, and not of the writer's own."""
    return bool(_OTHER.search(text[:1000])) and not _OWN.search(text[:1000])
