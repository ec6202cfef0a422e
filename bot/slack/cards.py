"""A ticket as Slack shows it, and the letters that keep its message in the ticket channel up to date."""

from collections.abc import Callable, Sequence

from sqlalchemy.engine import Connection

from bot.clock import Clock
from bot.content.links import linked_mrkdwn
from bot.content.markdown import escape_mrkdwn, to_mrkdwn
from bot.outbox.store import OutboxStore
from bot.slack import sentences
from bot.slack.blocks import Block, Post, actions, button, context, divide, posts, section, sections, shorten
from bot.slack.store import begin_card, place_of
from bot.slack.transport import CARD, UNDER_CARD, letter
from bot.tickets.ticket import LEARNER, Ticket, TicketEvent, What, by_mail

TICKET = "ticket"  # what the ids of a ticket's buttons begin with
LONGEST_ABOUT, LONGEST_RECORD = 1200, 1200  # the rest is in the console
LONGEST_EVENT, MOST_EVENTS = 300, 3  # of what was written last, below a ticket
ANSWER = "answer"  # what the id of the learner's button begins with
_TOLD = {
    What.REPLIED: "team_replied",
    What.RESOLVED: "team_resolved",
    What.ASKED_AGAIN: "team_asked_again",
    What.CLOSED: "team_closed",
    What.ANSWERED: "you_wrote",
}
_NEWS = (What.ANSWERED, What.WITHDRAWN, What.GIVEN_UP, What.BOUNCED)  # from the learner's side
_WRITTEN = (What.REPLIED, What.RESOLVED, *_NEWS)
EventsOf = Callable[[Connection, str], list[TicketEvent]]


class Announcer:
    """Listens to tickets: puts the new look of a ticket's message into the outbox, in the transaction of the change.

    What comes from the learner's side is a new message in its thread, too: nobody notices that an old one changes.
    """

    def __init__(self, outbox: OutboxStore, events: EventsOf, channel: str, site: str, clock: Clock) -> None:
        """Put the parts together.

        Args:
            events: a ticket's history within a transaction.
            channel: the ticket channel's id.
            site: leads to the console.
        """
        self._outbox, self._events, self._clock = outbox, events, clock
        self._channel, self._site = channel, site

    def __call__(self, connection: Connection, ticket: Ticket, event: TicketEvent) -> None:
        """The first event that is heard of posts the message, later ones change it."""
        first = begin_card(connection, ticket.reference, self._channel)
        about = {"key": ticket.reference, "version": f"{ticket.updated_at:%Y-%m-%dT%H:%M:%S.%f}", "first": first}
        post = Post(tuple(card(ticket, self._site, self._events(connection, ticket.reference))), title(ticket))
        self._outbox.add_held(connection, letter(CARD, {**about, "post": post.arguments()}, self._clock()), "")
        if event.what not in _NEWS:
            return
        said = [section(sentences.say(f"news_{event.what.value}", reference=link(ticket, self._site)))]
        for one in posts([*said, *quotation(event.text)]):
            news = {"key": ticket.reference, "post": one.arguments()}
            self._outbox.add_held(connection, letter(UNDER_CARD, news, self._clock(), secret=True), "")


class Messenger:
    """Listens to tickets: tells somebody who asked in Slack there what the team answers, beside the mail."""

    def __init__(self, outbox: OutboxStore, clock: Clock) -> None:
        """Put the parts together."""
        self._outbox, self._clock = outbox, clock

    def __call__(self, connection: Connection, ticket: Ticket, event: TicketEvent) -> None:
        """Only what the learner should see, and only where their conversation is Slack's."""
        name = _TOLD.get(event.what) if event.who != LEARNER or by_mail(ticket, event) else None
        channel = place_of(connection, ticket.conversation_id) if name and ticket.channel == "slack" else ""
        if not name or not channel:
            return
        said = [section(sentences.say(name, reference=ticket.reference)), *sections(linked_mrkdwn(event.text))]
        if event.files:
            names = sentences.quoted(", ".join(file.name for file in event.files))
            said.append(context(sentences.say("files_by_mail", names=names)))
        if event.who != LEARNER:
            answer = button(sentences.plain("button_answer"), f"{ANSWER}:{event.what.value}", ticket.reference)
            said += [*actions([answer]), context(sentences.say("answer_how"))]
        for post in posts(said):
            arguments = {"channel": channel, **post.arguments()}
            one = letter("chat.postMessage", arguments, self._clock(), secret=True, about=ticket.reference)
            self._outbox.add_held(connection, one, "")


class NewsMessenger:
    """Tells somebody who waits for a credential, and asked in Slack, what has become of it, beside the mail."""

    def __init__(self, outbox: OutboxStore, clock: Clock) -> None:
        """Put the parts together."""
        self._outbox, self._clock = outbox, clock

    def __call__(self, connection: Connection, conversation_id: str, text: str) -> None:
        """Markdown, in the transaction of the change; nothing where the conversation is not Slack's."""
        channel = place_of(connection, conversation_id)
        for post in posts(sections(to_mrkdwn(text))) if channel else ():
            arguments = {"channel": channel, **post.arguments()}
            self._outbox.add_held(connection, letter("chat.postMessage", arguments, self._clock(), secret=True), "")


def card(ticket: Ticket, site: str, events: Sequence[TicketEvent] = ()) -> list[Block]:
    """The whole ticket in one message, with what was written last, and its buttons."""
    facts = [
        sentences.say("ticket_title", reference=link(ticket, site), state=sentences.say(f"state_{ticket.state.value}"))
    ]
    proven = sentences.say("contact_proven" if ticket.contact_proven else "contact_not_proven")
    facts.append(sentences.say("ticket_contact", contact=sentences.quoted(ticket.contact), proven=proven))
    facts.append(sentences.say("ticket_reason", reason=sentences.say(f"reason_{ticket.reason.value}")))
    facts.append(sentences.say("ticket_channel", channel=sentences.say(f"channel_{ticket.channel}")))
    if ticket.suggested_action.value:
        facts.append(sentences.say("ticket_action", action=sentences.say(f"action_{ticket.suggested_action.value}")))
    if ticket.assigned_to:
        facts.append(sentences.say("ticket_assigned", who=sentences.quoted(ticket.assigned_to)))
    blocks = [section("\n".join(facts)), section(quote(ticket.about, LONGEST_ABOUT))]
    if ticket.diagnosis:
        shown = divide(to_mrkdwn("\n".join(_item(one) for one in ticket.diagnosis)), LONGEST_RECORD)[0]
        blocks.append(section(f"{sentences.say('ticket_record')}\n{shown}"))
    written = [one for one in events if one.what in _WRITTEN and one.text][-MOST_EVENTS:]
    blocks += [section(f"{happened('event', one)}\n{quote(one.text, LONGEST_EVENT)}") for one in written]
    return [*blocks, *actions(buttons(ticket))]


def happened(form: str, event: TicketEvent) -> str:
    """What somebody did, as the sentences of a form ("event", "change") say it."""
    return sentences.say(f"{form}_{event.what.value}", who=sentences.quoted(event.who))


def quote(text: str, most: int) -> str:
    """The beginning of what somebody wrote as a quotation, of so many characters as Slack counts them: escaped."""
    first, *more = divide(_quoted(shorten(text, most)), most) or ["> …"]
    return f"{first}…" if more else first


def quotation(text: str) -> list[Block]:
    """All that somebody wrote, in paragraphs that are all marked as a quotation."""
    parts = divide(_quoted(text))
    return [section(part if part.startswith(">") else f"> {part}") for part in parts]


def line(ticket: Ticket, site: str) -> Block:
    """The ticket in a list."""
    who = sentences.quoted(ticket.assigned_to) if ticket.assigned_to else sentences.say("nobody")
    state, about = (
        sentences.say(f"state_{ticket.state.value}"),
        sentences.quoted(ticket.title),
    )
    return section(sentences.say("ticket_line", reference=link(ticket, site), state=state, who=who, about=about))


def title(ticket: Ticket) -> str:
    """For notifications."""
    state = sentences.say(f"state_{ticket.state.value}")
    return (
        f"{sentences.say('ticket_title', reference=ticket.reference, state=state)} · {sentences.quoted(ticket.title)}"
    )


def buttons(ticket: Ticket) -> list[Block]:
    """What can be done with a ticket now; nothing with a resolved one."""
    if not ticket.open:
        return []
    claim = [_button("claim", ticket, "primary")] if not ticket.assigned_to else []
    parts = ("title", "text", "confirm", "deny")
    sure = {part: {"type": "plain_text", "text": sentences.plain(f"resolve_{part}")} for part in parts}
    return [*claim, _button("reply", ticket), {**_button("resolve", ticket), "confirm": sure}]


def link(ticket: Ticket, site: str) -> str:
    """The reference, leading to the console."""
    return f"<{site}/console/tickets/{ticket.reference}|{ticket.reference}>"


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in escape_mrkdwn(text).splitlines())


def _button(what: str, ticket: Ticket, style: str = "") -> Block:
    value = f"{ticket.reference} {ticket.version}"  # so that nobody resolves what they have not seen
    return button(sentences.plain(f"button_{what}"), f"{TICKET}:{what}", value, style)


def _item(sentence: str) -> str:
    return f"- {sentence.removeprefix('- ').strip()}"
