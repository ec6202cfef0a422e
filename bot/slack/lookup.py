"""`/credential status`: a learner's record, told to staff."""

from collections.abc import Callable

from bot.content.markdown import escape_markdown, from_mrkdwn, to_mrkdwn
from bot.content.responses import fill, render
from bot.errors import InvalidAddress
from bot.identity.address import normalise
from bot.identity.service import Identity
from bot.issuance import wording
from bot.issuance.record import Diagnosis
from bot.issuance.service import Issuance, Report
from bot.slack import sentences
from bot.slack.directory import Person
from bot.slack.posting import Place, name_of


class Lookup:
    """Looks a record up and keeps who did."""

    def __init__(self, issuance: Issuance, identity: Identity) -> None:
        """Put the parts together."""
        self._issuance, self._identity = issuance, identity

    def status(self, place: Place, asker: Person, arguments: str) -> str:
        """The answer in mrkdwn.

        Args:
            place: where the command was given.
            asker: staff; the caller has made sure.
            arguments: an address and perhaps a credential.
        """
        typed, _, credential = from_mrkdwn(arguments).strip().partition(" ")
        if not typed:
            return sentences.say("status_needs_address")
        try:
            address = normalise(typed)
        except InvalidAddress:
            return sentences.say("address_invalid", address=sentences.quoted(typed))
        report = self._issuance.status([address], credential=credential.strip())
        self._log(place, asker, address, "staff", report.outcome)
        return to_mrkdwn(tell(report, self._sentence))

    def refused(self, place: Place, asker: Person, why: str) -> None:
        """Keep that somebody tried who may not."""
        self._log(place, asker, "", "none", f"refused: {why}")

    def _log(self, place: Place, asker: Person, subject: str, rights: str, outcome: str) -> None:
        conversation_id = name_of(place.team, place.channel, place.user, "command")
        who = asker.address or asker.user
        self._identity.log_lookup(conversation_id, "slack", who, subject, rights=rights, outcome=outcome)

    def _sentence(self, diagnosis: Diagnosis) -> str:
        name, values = wording.utterance(diagnosis, self._issuance.rule)
        own = sentences.every().get(name.removeprefix("utter_"))
        return fill(own, values) if own else render(name, values, "slack")


def tell(report: Report, sentence: Callable[[Diagnosis], str]) -> str:
    """A report in Markdown: a list of credentials, and what could not be asked."""
    first = report.diagnoses[0]
    where = ", ".join(escape_markdown(address) for address in report.addresses)
    intro = fill(sentences.every()["status_list"], {"addresses": where})
    lines = [_line(diagnosis, sentence) for diagnosis in report.diagnoses]
    found = [intro, "\n".join(lines)]
    if first.kind and not report.badges_known:
        found.append(sentences.every()["status_badges_unknown"])
    if first.kind and not report.completions_known:
        found.append(sentences.every()["status_completions_unknown"])
    return "\n\n".join(found)


def _line(diagnosis: Diagnosis, sentence: Callable[[Diagnosis], str]) -> str:
    said, links = f"- {sentence(diagnosis)}", wording.link(diagnosis)
    if not links:
        return said
    return f"{said} {render('utter_badge_link', links[1], 'slack')}"  # staff add nothing to their own profiles
