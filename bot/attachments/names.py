"""The names of files, fit to be shown and to be saved under."""

import re
import unicodedata

from bot.attachments.kinds import FileKind

LONGEST_STEM = 80  # characters before the ending
NAMELESS = "file"
_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn")  # control, direction and half characters
_NOT_IN_NAMES = re.compile(r'[<>:"|?*%]+')  # what Windows does not take, or could be read as a code
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,8}$")


def clean_name(name: str, kind: FileKind) -> str:
    """The last part of a path without what could hide or mislead, with the ending of what the file really is."""
    last = re.split(r"[/\\]", name[-1000:])[-1]
    shown = "".join(" " if unicodedata.category(c).startswith("Z") else c for c in last if _is_shown(c))
    stem = _ENDING.sub("", _NOT_IN_NAMES.sub("_", " ".join(shown.split())))
    stem = stem.strip(" .")[:LONGEST_STEM].strip(" .")
    if "@" in stem.rpartition(" ")[2]:
        stem = (
            f"{stem} {NAMELESS}"  # else the ending would look like the end of an address, which erasing could not find
        )
    return f"{stem or NAMELESS}{kind.ending}"


def size_in_words(size: int) -> str:
    """Such as 1.2 MB."""
    return f"{size / 1_000_000:.1f} MB" if size >= 1_000_000 else f"{max(1, size // 1000)} kB"


def _is_shown(character: str) -> bool:
    return unicodedata.category(character) not in _HIDDEN
