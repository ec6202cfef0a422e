"""Bytes of a mail as text: what they say counts more than what they are declared as."""

import codecs
import re

from charset_normalizer import from_bytes

MOST_LOOKED_AT = 20_000  # bytes that the guess of an undeclared charset rests on
LEAST_TO_GUESS = 40  # bytes beyond ASCII; fewer tell no charset from another
LEGACY = "windows-1252"  # what bytes beyond ASCII are where nothing tells, as browsers have it
CHARSETS_BY_MARK = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
# Declared charsets that are in use for more than they name; the WHATWG's Encoding Standard reads them so too.
WIDER = {
    "ascii": LEGACY,
    "iso8859-1": LEGACY,
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
    "iso8859-11": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "hz": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "big5": "cp950",
    "iso2022_jp": "iso2022_jp_ext",
}
ALIASES = {
    "x-gbk": "gbk",
    "x-sjis": "shift_jis",
    "ks_c_5601": "euc_kr",
    "x-mac-cyrillic": "mac_cyrillic",
    "ansi": LEGACY,
}
HALF_CHARACTER = re.compile("[\ud800-\udfff]")  # UTF-7 has them, and nothing that is kept or sent can
NO_CHARSETS = {"idna", "punycode", "unicode-escape", "unicode_escape", "raw-unicode-escape", "raw_unicode_escape"}
META = re.compile(rb"<meta\s[^<>]{0,200}?charset\s{0,5}=\s{0,5}[\"']?\s{0,5}([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)


def decode(content: bytes, declared: str = "", html: bool = False) -> str:
    """The text of some bytes; never raises, and has a replacement character only where no reading exists.

    Args:
        declared: the charset that the mail names; "" for none.
        html: whether the bytes may name it themselves, in a <meta>.
    """
    return HALF_CHARACTER.sub("\ufffd", _decoded(content, declared, html))


def _decoded(content: bytes, declared: str, html: bool) -> str:
    for mark, name in CHARSETS_BY_MARK.items():
        if content.startswith(mark):
            return content.decode(name, "replace")
    known = _known(declared) or (_meta(content) if html else "")
    if content.isascii():
        known = "iso2022_jp" if b"\x1b$" in content and known in ("", "ascii") else known
        return (
            content.decode("ascii") if known in ("", "ascii", "utf-8") else _lenient(content, WIDER.get(known, known))
        )
    if not known.startswith(("utf-16", "utf-32")) and _is_utf_8(content):
        return _lenient(content, "utf-8")
    if known:
        return _lenient(content, WIDER.get(known, known))
    return _lenient(content, _guess(content))


def _known(declared: str) -> str:
    """Python's name of a declared charset; "" for one that it cannot read."""
    name = declared.strip().strip("\"'").lower()
    try:
        found = codecs.lookup(ALIASES.get(name, name).replace("cp-", "cp")).name
        " ".encode(found)
    except (LookupError, ValueError):  # no such charset, or no text encoding
        return _known(name.rpartition("-")[0]) if name.startswith("ks_c_5601-") else ""
    return "" if found in NO_CHARSETS else found


def _meta(content: bytes) -> str:
    found = META.search(content[:2000])
    return _known(found[1].decode("ascii")) if found else ""


def _is_utf_8(content: bytes) -> bool:
    """Whether nearly all beyond ASCII is valid: hardly any text in another charset is so by chance."""
    text = content.decode("utf-8", "replace")
    wrong = text.count("\ufffd")
    return wrong == 0 or wrong * 4 < len(content.decode("utf-8", "ignore").encode("utf-8").translate(None, _ASCII)) / 2


def _lenient(content: bytes, name: str) -> str:
    """As declared; bytes that are no text in it are read as Windows' Western European, which mostly they are."""
    return content.decode(name, "western" if name in ("utf-8", LEGACY, "cp1252") else "replace")


def _western(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return "".join(_WESTERN[byte] for byte in wrong), error.end


_ASCII = bytes(range(128))
_UNDEFINED = b"\x81\x8d\x8f\x90\x9d"
_WESTERN = [chr(byte) if byte in _UNDEFINED else bytes([byte]).decode(LEGACY) for byte in range(256)]
codecs.register_error("western", _western)


def _guess(content: bytes) -> str:
    beyond = [byte for byte in content[:MOST_LOOKED_AT] if byte > 127]
    if len(beyond) < LEAST_TO_GUESS:
        return LEGACY
    best = from_bytes(content[:MOST_LOOKED_AT]).best()
    return best.encoding if best is not None else LEGACY
