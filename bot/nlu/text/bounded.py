"""What of a message is looked at: of a long run of signs, and of an endless word, only the beginning.

spaCy's tokenizer takes signs off a word one by one and looks at the rest each time, so that two thousand of them took a
second, and the encoder makes a token of each.
"""

import re

MOST_SIGNS = 8  # in a row
LONGEST_WORD_READ = 254  # characters without a blank: an e-mail address has no more
_SURPLUS_SIGNS = re.compile(rf"(?<=(?:[^\w\s]|_){{{MOST_SIGNS}}})(?:[^\w\s]|_)+")
# Other scripts are left alone: some are written without blanks.
_SURPLUS_LETTERS = re.compile(rf"(?<=\S{{{LONGEST_WORD_READ}}})[!-~]+")


def in_place(text: str) -> str:
    """The text with blanks for what is not looked at, so that every other character stays in its place."""
    for surplus in (_SURPLUS_SIGNS, _SURPLUS_LETTERS):
        text = surplus.sub(lambda match: " " * len(match.group()), text)
    return text


def shortened(text: str) -> str:
    """The text without what is not looked at; the very same where all of it is."""
    read = in_place(text)
    return text if read == text else " ".join(read.split())
