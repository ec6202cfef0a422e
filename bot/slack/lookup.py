"""`/credential status`: a learner's record, told to staff."""

from bot.content.markdown import escape_markdown, from_mrkdwn, to_mrkdwn
from bot.content.responses import fill
from bot.errors import InvalidAddress
from bot.identity.address import normalise
from bot.identity.service import Identity
from bot.issuance.record import IssuingRule
from bot.issuance.service import Issuance, Report
from bot.lookups.addresses import read_addresses
from bot.lookups.lookup import StaffLookup
from bot.lookups.service import StaffLookups, TooManyLookups
from bot.lookups.table import STAGE_TITLES, TableRow, rows
from bot.slack import sentences, staff_words
from bot.slack.blocks import sections
from bot.slack.directory import Person
from bot.slack.posting import Place, name_of
from bot.slack.replies import respond

MOST_IN_SLACK = 25  # addresses of one command; the console takes more


class Lookup:
    """Looks records up and keeps who did."""

    def __init__(self, issuance: Issuance, identity: Identity, lookups: StaffLookups, console_url: str) -> None:
        """Put the parts together; `console_url` is where longer lists are looked up."""
        self._issuance, self._identity, self._lookups, self._console_url = issuance, identity, lookups, console_url

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
        return to_mrkdwn(tell(report, self._issuance.rule))

    def status_of_many(self, place: Place, asker: Person, arguments: str, response_url: str) -> str:
        """Several addresses: looked up in the background, the table comes to the response_url.

        Returns:
            what to say meanwhile, in mrkdwn; "" where the command names one address at most.
        """
        given = read_addresses(from_mrkdwn(arguments), MOST_IN_SLACK)
        if len(given.addresses) + given.left_out < 2:
            return ""
        if given.left_out:
            number, most = str(MOST_IN_SLACK + given.left_out), str(MOST_IN_SLACK)
            return sentences.say("status_too_many", number=number, most=most, console=f"<{self._console_url}>")

        def tell_them(lookup: StaffLookup) -> None:
            respond(response_url, sections(to_mrkdwn(table(lookup))))

        where, who = name_of(place.team, place.channel, place.user, "command"), asker.address or asker.user
        try:
            self._lookups.begin(who, given.addresses, "slack", place=where, unusable=given.unusable, then=tell_them)
        except TooManyLookups:
            return sentences.say("busy")
        return sentences.say("status_under_way", number=str(len(given.addresses)))

    def refused(self, place: Place, asker: Person, why: str) -> None:
        """Keep that somebody tried who may not."""
        self._log(place, asker, "", "none", f"refused: {why}")

    def _log(self, place: Place, asker: Person, subject: str, rights: str, outcome: str) -> None:
        conversation_id = name_of(place.team, place.channel, place.user, "command")
        who = asker.address or asker.user
        self._identity.log_lookup(conversation_id, "slack", who, subject, rights=rights, outcome=outcome)


def table(lookup: StaffLookup) -> str:
    """What was found of several addresses in Markdown, a line for each credential; and what was not."""
    words = sentences.every()
    found = [fill(words["status_of_many"], {"number": str(len(lookup.found))})]
    found.append("\n".join(f"- {_line(row)}" for row in rows(lookup.found)))
    if any(one.problem for one in lookup.found):
        found.append(words["status_some_unknown"])
    if lookup.stopped:
        found.append(words["status_stopped"])
    if lookup.unusable:
        found.append(fill(words["status_unusable"], {"unusable": escape_markdown(", ".join(lookup.unusable))}))
    return "\n\n".join(found)


def _line(row: TableRow) -> str:
    day = row.issued_on or row.completed_on
    what = f"{escape_markdown(row.credential)}, " if row.credential else ""
    return f"{escape_markdown(row.address)}: {what}**{STAGE_TITLES[row.stage].lower()}**{f' ({day})' if day else ''}"


def tell(report: Report, rule: IssuingRule) -> str:
    """A report in Markdown: a list of credentials, and what could not be asked."""
    first = report.diagnoses[0]
    where = ", ".join(escape_markdown(address) for address in report.addresses)
    intro = fill(sentences.every()["status_list"], {"addresses": where})
    lines = [f"- {staff_words.item(diagnosis, rule)}" for diagnosis in report.diagnoses]
    found = [intro, "\n".join(lines)]
    if first.kind and not report.badges_known:
        found.append(sentences.every()["status_badges_unknown"])
    if first.kind and not report.completions_known:
        found.append(sentences.every()["status_completions_unknown"])
    return "\n\n".join(found)
