"""What somebody is told who waits for a credential: by mail in the words of data/mail, and in the conversation."""

from dataclasses import dataclass

from bot.content.markdown import to_html, to_plain_text
from bot.content.responses import render, responses
from bot.issuance import wording
from bot.issuance.record import Diagnosis, IssuingRule
from bot.outbox import templates
from bot.outbox.message import OutgoingMail
from bot.tickets.title import headline
from bot.watching.stop_links import StopLinks
from bot.watching.watch import CredentialWatch, Finding


@dataclass(frozen=True)
class News:
    """A watched credential, what became of it, and where it stands now."""

    watch: CredentialWatch
    finding: Finding
    diagnosis: Diagnosis


@dataclass(frozen=True)
class Told:
    """A message in the conversation: the name of its utterance, Markdown, and the buttons under it."""

    utterance: str
    text: str
    buttons: tuple[dict[str, str], ...]


@dataclass(frozen=True)
class Announcements:
    """Puts news into words.

    Args:
        rule: how long issuing takes.
        links: to stop.
        site: address of the support page.
        team: where an answer to the mail goes.
    """

    rule: IssuingRule
    links: StopLinks
    site: str
    team: str

    def mail(self, news: News) -> OutgoingMail:
        """To the address that is watched."""
        sentence = self._sentence(news)
        words = templates.render(
            "watch_news",
            title=headline(news.watch.title),
            sentence=to_plain_text(sentence),
            sentence_html=to_html(sentence),
            finding=news.finding.value,
            site=self.site,
            stop=self.links.of(news.watch.email),
        )
        return OutgoingMail(
            to=news.watch.email, subject=words.subject, text=words.text, html=words.html, reply_to=self.team
        )

    def message(self, news: News, channel: str = "site") -> Told:
        """In the conversation; where the day has passed, the team is offered."""
        name = "utter_watch_passed" if news.finding is Finding.PASSED else "utter_watch_news"
        buttons = tuple(responses()[name][0].get("buttons") or ())
        return Told(name, render(name, {"sentence": self._sentence(news, channel)}), buttons)

    def _sentence(self, news: News, channel: str = "site") -> str:
        """The learner's sentence of the stage, with the badge's links if it has any."""
        said = [wording.utterance(news.diagnosis, self.rule), wording.link(news.diagnosis)]
        return " ".join(render(*one, channel) for one in said if one)
