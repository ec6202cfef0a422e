"""Whether some words say what a ticket is about, or only that somebody wants the team."""

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
    "work would write yes you your yourself person's staff desk department agent operator representative assistant"
)
_WISH = frozenset(WISH.split())
LEAST = 2  # words that say something


def says_what(text: str) -> bool:
    """Whether there are enough words beside those of a mere wish ("can somebody from your team help me")."""
    words = (word for piece in text.lower().split() if "@" not in piece for word in _WORD.findall(piece))
    telling = [word for word in words if word.strip("'’") not in _WISH]
    return len(telling) >= LEAST
