"""Finds one person in what is kept: their address, however it is written and wherever in a value it stands. No I/O."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from bot.mail_reading import headers, parts

ERASED = "erased"
LONGEST_EXCERPT = 200  # characters around a mention
_BEFORE, _AFTER = r"(?<![\w.+-])", r"(?![\w-]|\.\w)"  # else it is a part of another address


class Traces:
    """One address: in any case, with a tag (jane+badges@), as Markdown, Slack and URLs write it; and names, if given.

    A tag is counted as the same person, although only the mail server can know: nothing must stay because of a tag.
    """

    def __init__(self, address: str, names: Iterable[str] = ()) -> None:
        """`address` is normalised; `names` are looked for as whole words."""
        self._local, self.domain = address.rsplit("@", 1)
        own = rf"{_spelt(self._local)}(?:\\*\+[\w.+=\\-]{{0,64}})?"
        self._address = re.compile(rf"{_BEFORE}{own}\\*(?:@|%40|&#64;){_spelt(self.domain)}{_AFTER}", re.IGNORECASE)
        wordings = [r"\s+".join(map(re.escape, name.split())) for name in names]
        self._names = re.compile(rf"(?<!\w)(?:{'|'.join(wordings)})(?!\w)", re.IGNORECASE) if wordings else None

    @property
    def hints(self) -> tuple[str, ...]:
        """Words in small letters that each text with the address holds, for a first look by the database."""
        found = (re.findall(r"[a-z0-9]+", part.lower()) for part in (self._local, self.domain))
        return tuple(max(words, key=len) for words in found if words)

    def is_address(self, value: Any) -> bool:
        """Whether a value is the address and nothing else."""
        return isinstance(value, str) and self._address.fullmatch(value.strip()) is not None

    def in_value(self, value: Any) -> bool:
        """Whether a text, JSON or mail mentions the person."""
        return any(map(self._in_text, texts(value)))

    def without(self, value: Any) -> Any:
        """The same value with the address replaced, JSON being kept whole; names stay, as others may bear them."""
        return _changed(value, lambda text: self._address.sub(ERASED, text))

    def excerpts(self, value: Any) -> Iterator[str]:
        """The lines that mention the person, cut to what is around the mention."""
        for text in texts(value):
            for line in text.splitlines():
                if found := self._address.search(line):
                    begin = max(0, found.start() - LONGEST_EXCERPT // 2)
                    yield line[begin : found.end() + LONGEST_EXCERPT // 2].strip()

    def _in_text(self, text: str) -> bool:
        return bool(self._address.search(text) or (self._names and self._names.search(text)))


def texts(value: Any) -> Iterator[str]:
    """All texts in a value: itself, what its JSON holds, or a mail's headers and parts."""
    if isinstance(value, (bytes, memoryview)):
        yield from _of_mail(bytes(value))
    elif isinstance(value, str):
        found = _json(value)
        if found is None:
            yield value
        else:
            yield from texts(found)
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from texts(key)
            yield from texts(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from texts(one)


def _of_mail(content: bytes) -> Iterator[str]:
    yield content.decode("utf-8", "replace")
    try:
        message = parts.parse(content)
        for part in message.walk():
            yield from (headers.readable(value) for _, value in part.raw_items())
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                yield payload.decode("utf-8", "replace")
    except Exception:  # noqa: BLE001, S110  Python's parser fails in many ways; the bytes themselves were looked at
        pass


def _changed(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        found = _json(value)
        if found is None:
            return change(value)
        changed = _changed(found, change)
        return value if changed == found else json.dumps(changed, ensure_ascii=False)
    if isinstance(value, dict):
        return {_changed(key, change): _changed(one, change) for key, one in value.items()}
    if isinstance(value, list):
        return [_changed(one, change) for one in value]
    return value


def _json(text: str) -> Any:
    """What a text says as JSON, where it is an object or a list; else None."""
    if text[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _spelt(text: str) -> str:
    """Each character, or behind backslashes where Markdown would escape it."""
    return "".join(one if one.isalnum() else rf"\\*{re.escape(one)}" for one in text)
