"""Files in Slack's messages: fetched with the bot's token, from Slack alone, and kept for the certification team."""

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx

from bot.attachments.attachment import Attachment, Upload, too_large
from bot.attachments.service import Attachments
from bot.certificates import trusted
from bot.errors import FileRefused, RequestError, StoreUnavailable
from bot.slack import sentences
from bot.slack.posting import name_of
from bot.tickets.files import hand_in
from bot.tickets.service import Tickets
from bot.timed_http import timed, within

FETCH_SECONDS, LONGEST_FETCH = 15.0, 60.0  # in which something must come; for a whole file
MOST_OF_A_MESSAGE = 5
PLAIN_HOST = re.compile("[a-z0-9.-]+")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Taken:
    """What became of the files of a message: those that are kept, and why others are not, in mrkdwn."""

    kept: tuple[Attachment, ...] = ()
    problems: tuple[str, ...] = ()


class SlackFiles:
    """Takes over what people add to a message."""

    def __init__(self, attachments: Attachments, token: str, api_url: str) -> None:
        """Nothing is fetched yet; the token goes to Slack's own hosts, and to that of `api_url`."""
        self._attachments, self._own = attachments, urlsplit(api_url)[:2]
        headers = {"Authorization": f"Bearer {token}"}
        self._client = timed(httpx.Client(timeout=FETCH_SECONDS, headers=headers, verify=trusted()))

    def take(
        self, files: Sequence[Mapping[str, Any]], conversation_id: str, network: str = "", *, shown: bool = True
    ) -> Taken:
        """Keep what can be kept; the same file of the same conversation is kept once.

        Args:
            files: as the event has them.
            conversation_id: whose, "" for none.
            network: what stands for who added them, for the limits.
            shown: whether the conversation has a message for each.
        """
        kept: list[Attachment] = []
        problems: list[str] = []
        for file in files[:MOST_OF_A_MESSAGE]:
            key = UUID(name_of(conversation_id, str(file.get("id")))).hex
            try:
                upload = Upload(str(file.get("name") or ""), self._fetched(file))
                kept.append(self._attachments.from_learner(upload, conversation_id, network, key=key, shown=shown))
            except StoreUnavailable:
                problems.append(sentences.say("failed"))
            except RequestError as error:
                problems.append(sentences.quoted(error.message))
        return Taken(tuple(kept), tuple(dict.fromkeys(problems)))

    def _fetched(self, file: Mapping[str, Any]) -> bytes:
        url, largest = str(file.get("url_private_download") or file.get("url_private") or ""), self._attachments.largest
        if not self._is_slacks(url):
            raise FileRefused(sentences.plain("file_unreachable"))
        content = bytearray()
        try:
            with within(LONGEST_FETCH), self._client.stream("GET", url) as answer:
                if answer.status_code != 200 or answer.headers.get("Content-Type", "").startswith("text/html"):
                    log.warning("Slack does not hand out a file (HTTP %d): files:read is needed", answer.status_code)
                    raise FileRefused(sentences.plain("file_unreachable"))
                for part in answer.iter_bytes():
                    content += part
                    if len(content) > largest:
                        raise too_large(largest)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            log.warning("a file in Slack cannot be fetched: %s", type(error).__name__)
            raise FileRefused(sentences.plain("file_unreachable")) from error
        return bytes(content)

    def _is_slacks(self, url: str) -> bool:
        """Whether the token may go there; of a file that lies elsewhere somebody has chosen the address."""
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
        except ValueError:
            return False
        named = bool(PLAIN_HOST.fullmatch(host)) and (host == "slack.com" or host.endswith(".slack.com"))
        slacks = parts.scheme == "https" and named
        return slacks or (bool(parts.netloc) and parts[:2] == self._own)


def handed_in(taken: Taken, tickets: Tickets) -> str:
    """Give what was taken to the conversation's open ticket, if there is one; what to say of it, in mrkdwn."""
    references = [hand_in(tickets, file, "slack") for file in taken.kept]
    name = "file_handed_in" if any(references) else "file_waits"
    said = [sentences.say(name, reference=references[0])] if references else []
    return "\n".join([*said, *taken.problems])
