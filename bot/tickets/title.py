"""A ticket's title: the matter in a few words, without the greeting, the request for the team and the signature."""

import re
from collections.abc import Collection, Iterator

from bot.tickets.matter import says_what

LONGEST_HEADLINE = 80  # characters
LOOKED_AT, LONGEST_SENTENCE, MOST_REQUESTS = 3000, 300, 5  # so far is looked: a text of any kind is done at once
STAGES_TOLD = ("Overdue: ", "Revoked: ", "Declined: ")  # as utter_ticket_about_... in domain.yml begin
_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?]+(?!\s|$)[^.!?\n]+)*[.!?]*")
_MAIL = re.compile(
    r"(?:[,(;] ?)?(?:\b(?:my|the) )?(?:\be-?mail\b|\bmail\b)?(?: ?\baddress\b)?(?: is|:)? ?"
    r"(?:\b(?:for|under|at|to|with|from|of) )?(?<![\w.+-])[\w.+-]{1,64}@[\w.-]{1,255}\)?"
)
_GREETING = re.compile(
    r"(?:(?:hi|hello|hey|hiya|greetings|dear|good (?:morning|afternoon|evening|day))\b"
    r"(?: (?:there|all|team|everyone|everybody|sir|madam|folks|support|onestream|certification))*"
    r"(?: or (?:sir|madam))?|(?:yes|yeah|yep|no|nope|ok|okay|right|well|alright|all right|fine|sure|sorry|thanks|"
    r"thank you|great|good|hm+|oh|ah)(?=\s*[,.;:!–-]| +please)|alright|all right|then|so|and|but|also|please|pls|plz|"
    r"anyway|actually|in that case|(?:just )?(?:one|a|another) (?:more |other |last |quick )*(?:thing|question|point)|"
    r"(?:it|this|that)(?:'s|’s| is) (?:about|regarding|concerning|because))\b[\s,.;:!–-]*",
    re.IGNORECASE,
)
_SIGNED = re.compile(
    r"(?:(?:kind|best|warm|many|with) )*(?:regards|wishes|cheers|sincerely|yours|thanks|thank you|rgds|thx|best)\b"
    r"(?:[ ,]{1,9}(?:and|in|advance|so|very|much|a|lot|truly|sincerely|kind|best|regards))*[ ,.!-]*(?P<name>[^\n]*)",
    re.IGNORECASE,
)
# Words that a request is made of; what follows the last place where it can end is what is wanted.
REQUEST = (
    "a about again all also an and another any anybody anyone as ask asking at because can case certification "
    "chat check complaint concerning connect contact could create desk do else escalate file find for forward "
    "from get give going guys have help hand her him how human i i'd id i'm i'll if in inform into is it just "
    "kindly know let like log look make may me message more need new of on onestream one open opened out over "
    "pass people person please pls plz problem put question quickly raise reach real regarding report request "
    "right second see send so some somebody someone something speak staff submit support take talk team tell "
    "that the their them then there these they thing this ticket tickets to today u up us want wanted was we "
    "what when whether who whole why will wish with would write you your yours agent operator matter issue "
    "should must also note point"
)
ASKS = (
    "ask tell inform let get have pass forward send raise open create file log make submit write report "
    "contact reach take hand give put speak talk chat check look find help know need want wanted like wish "
    "escalate connect note"
)
FOR_THE_TEAM = "team ticket tickets person human somebody someone support case request people staff them"
# Where a request ends: what follows is the matter. Of these the question words are part of it.
ENDS = f"that about because concerning regarding for to into at of with know is {FOR_THE_TEAM}"
BEGINS = "why if whether how when what who"
COURTESY = "thanks thank hello hi hey dear asap urgent ok okay yes alright"
_REQUEST, _ASKS, _FOR_THE_TEAM, _ENDS, _BEGINS, _COURTESY = (
    frozenset(words.split()) for words in (REQUEST, ASKS, FOR_THE_TEAM, ENDS, BEGINS, COURTESY)
)
_WORD = re.compile(r"[\w'’]+")
_CUT = re.compile(r" ?[,;–] | - | (?=(?:so|and|please|could|can)\b)", re.IGNORECASE)


def title(about: str, credentials: Collection[str] = ()) -> str:
    """The matter of a ticket on one line of at most 80 characters.

    Args:
        about: the ticket's text; its first line may be what the record says.
        credentials: the titles in the learner's record, by which that line is known.
    """
    first, _, rest = about.strip().partition("\n")
    recorded = first.strip() if _is_record(first, credentials) else ""
    text = rest if recorded else about
    said = matter(text)
    if not recorded:
        return _shortened(said or max(map(_stripped, _sentences(text)), key=len, default="") or about)
    if recorded.startswith(STAGES_TOLD):
        return _shortened(f"{recorded}. {said}" if said else recorded)
    if any(one.lower() in said.lower() for one in credentials if one in recorded):
        return _shortened(said)
    return _shortened(f"{recorded}: {said}" if said else recorded)


def matter(text: str) -> str:
    """The first sentence that says what it is about, without the request around it; "" where there is none."""
    return next((words for words in map(_stripped, _sentences(text)) if words and says_what(words)), "")


def _is_record(line: str, credentials: Collection[str]) -> bool:
    """Whether a line is one of ours: titles of the record, perhaps with what is wrong with them."""
    told = next((stage for stage in STAGES_TOLD if line.startswith(stage)), "")
    titles = line.strip().removeprefix(told).split(", ")
    return bool(told) or (bool(credentials) and set(titles) <= set(credentials))


def _sentences(about: str) -> Iterator[str]:
    """The sentences without what closes a letter."""
    for line in about[:LOOKED_AT].split("\n"):
        for match in _SENTENCE.finditer(line):
            words = " ".join(match.group()[:LONGEST_SENTENCE].split())
            signed = _SIGNED.fullmatch(words)
            if not signed or len(signed["name"].split()) > 3:
                yield words


def _stripped(sentence: str) -> str:
    """What is left of a sentence that says anything of the matter; "" where it only asks to be taken to the team."""
    words = " ".join(_MAIL.sub(" ", sentence).split())
    for _ in range(MOST_REQUESTS):
        greeting = _GREETING.match(words)
        shorter = _without_request(words[greeting.end() :] if greeting else words)
        if shorter == words:
            break
        words = shorter
    asked = sentence.startswith(words)
    return _without_end(words).strip(" ,.;:!–-" if asked else " ,.;:!?–-")


def _without_request(words: str) -> str:
    """Without the request that a sentence begins with, where it begins with one."""
    words = words.strip(" ,.;:!–-")
    colon = words.find(": ")
    if colon > 0 and _only_request(words[:colon]):
        return words[colon + 1 :]
    for cut in _CUT.finditer(words):
        if _only_request(words[: cut.start()]) and _wants(words[: cut.start()]):
            return words[cut.end() :]
    end, asked = 0, False
    for match in _WORD.finditer(words):
        word = match.group().lower().replace("’", "'")
        if word not in _REQUEST:
            break
        asked = asked or word in _ASKS
        if asked and word in _BEGINS:
            end = match.start()
        elif asked and word in _ENDS:
            end = match.end()
    else:
        return ""
    return words[end:]


def _without_end(words: str) -> str:
    """Without a request that a sentence ends with."""
    cuts = [cut for cut in _CUT.finditer(words) if _only_request(words[cut.end() :])]
    return words[: cuts[0].start()] if cuts and cuts[0].start() else words


def _only_request(words: str) -> bool:
    found = [word.lower().replace("’", "'") for word in _WORD.findall(words)]
    return bool(found) and all(word in _REQUEST or word in _COURTESY for word in found)


def _wants(words: str) -> bool:
    return bool(_FOR_THE_TEAM & {word.lower() for word in _WORD.findall(words)})


def headline(text: str, longest: int = LONGEST_HEADLINE) -> str:
    """The beginning of a text on one line, fit for a subject."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return plain if len(plain) <= longest else plain[: longest - 2].rsplit(" ", 1)[0] + " …"


def _shortened(text: str) -> str:
    """On one line, beginning with a capital."""
    plain = headline(text)
    return plain[:1].upper() + plain[1:] if plain.partition(" ")[0].islower() else plain
