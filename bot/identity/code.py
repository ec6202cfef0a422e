"""One-time codes: made, hashed, compared, and found in what people type."""

import hashlib
import hmac
import json
import re
import secrets
import unicodedata
from collections.abc import Sequence

from bot.nlu.text.codes import SEPARATOR

DIGITS = 6
PURPOSE = b"credential-assistant: one-time code"  # the site's key signs other things too; a hash is valid for one use
RUN = re.compile(rf"(?<!\w)\d(?:{SEPARATOR}{{0,3}}\d)*(?!\w)", re.ASCII)


def new_code() -> str:
    """Six digits, each of the million codes equally likely."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


def hash_code(secret: str, code_id: str, conversation_id: str, code: str) -> str:
    """What is stored instead of the code, in hex.

    A plain hash of six digits is undone by trying a million; this one (HMAC-SHA256) also needs the site's secret key,
    and holds for one code of one conversation only.
    """
    key = hmac.digest(secret.encode(), PURPOSE, hashlib.sha256)
    return hmac.new(key, json.dumps([code_id, conversation_id, code]).encode(), hashlib.sha256).hexdigest()


def matches(
    code_hash: str, secret: str, code_id: str, conversation_id: str, code: str, accepted: Sequence[str] = ()
) -> bool:
    """Whether this is the code, hashed with `secret` or a key of `accepted`.

    Takes the same time wherever the first difference is.
    """
    hashes = [hash_code(key, code_id, conversation_id, code) for key in (secret, *accepted)]
    return any([hmac.compare_digest(code_hash, one) for one in hashes])


def find_code(text: str) -> str | None:
    """The code in "123456", "123 456", "123-456" or "my code is 123456.", with ASCII digits.

    None unless there is exactly one run of six digits. A longer run (a phone number) is no code, nor is a run that is
    part of a word (an order number).
    """
    plain = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)
    runs = [re.sub(r"\D", "", run) for run in RUN.findall(plain)]
    codes = [run for run in runs if len(run) == DIGITS]
    return codes[0] if len(codes) == 1 else None
