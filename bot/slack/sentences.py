"""The Slack face's own sentences, from data/slack.yml."""

from pathlib import Path

from bot.content.markdown import escape_mrkdwn, to_mrkdwn
from bot.content.responses import fill
from bot.content.root import kept
from bot.yaml_files import read_yaml

SENTENCES_FILE = Path("data/slack.yml")


@kept
def every(root: Path) -> dict[str, str]:
    """All sentences by name, in Markdown."""
    found: dict[str, str] = read_yaml(root / SENTENCES_FILE)
    return found


def say(name: str, **values: str) -> str:
    """A sentence as mrkdwn; so must the values be. Raises KeyError for a name or value that is missing."""
    return fill(to_mrkdwn(every()[name]), values)


def plain(name: str, **values: str) -> str:
    """A sentence where Slack takes no mrkdwn: titles and labels."""
    return fill(every()[name].strip(), values)


def quoted(text: str) -> str:
    """What a person wrote, as a value: on one line, acting as nothing."""
    return escape_mrkdwn(" ".join(text.split()))
