"""A ticket as Slack shows it, and the letters that keep its message in the ticket channel up to date."""

from sqlalchemy.engine import Connection

from bot.clock import Clock
from bot.content.links import linked_mrkdwn
from bot.content.markdown import escape_mrkdwn, to_mrkdwn
from bot.outbox.store import OutboxStore
from bot.slack import sentences
from bot.slack.blocks import Block, Post, actions, button, divide, posts, section, sections, shorten
from bot.slack.store import begin_card, place_of
from bot.slack.transport import CARD, letter
from bot.tickets.ticket import Ticket, TicketEvent, What

TICKET = "ticket"  # what the ids of a ticket's buttons begin with
LONGEST_ABOUT, LONGEST_RECORD = 1200, 1200  # the rest is in the console
_TOLD = {What.REPLIED: "team_replied", What.RESOLVED: "team_resolved"}


class Announcer:
    """Listens to tickets: puts the new look of a ticket's message into the outbox, in the transaction of the change."""

    def __init__(self, outbox: OutboxStore, channel: str, site: str, clock: Clock) -> None:
        """Put the parts together; `channel` is the ticket channel's id, `site` leads to the console."""
        self._outbox, self._channel, self._site, self._clock = outbox, channel, site, clock

    def __call__(self, connection: Connection, ticket: Ticket, event: TicketEvent) -> None:
        """The first event that is heard of posts the message, later ones change it."""
        first = begin_card(connection, ticket.reference, self._channel)
        about = {"key": ticket.reference, "version": f"{ticket.updated_at:%Y-%m-%dT%H:%M:%S.%f}", "first": first}
        post = Post(tuple(card(ticket, self._site)), title(ticket))
        self._outbox.add_held(connection, letter(CARD, {**about, "post": post.arguments()}, self._clock()), "")


class Messenger:
    """Listens to tickets: tells somebody who asked in Slack there what the team answers, beside the mail."""

    def __init__(self, outbox: OutboxStore, clock: Clock) -> None:
        """Put the parts together."""
        self._outbox, self._clock = outbox, clock

    def __call__(self, connection: Connection, ticket: Ticket, event: TicketEvent) -> None:
        """Only what the learner should see, and only where their conversation is Slack's."""
        name = _TOLD.get(event.what)
        channel = place_of(connection, ticket.conversation_id) if name and ticket.channel == "slack" else ""
        if not name or not channel:
            return
        said = [section(sentences.say(name, reference=ticket.reference)), *sections(linked_mrkdwn(event.text))]
        for post in posts(said):
            arguments = {"channel": channel, **post.arguments()}
            self._outbox.add_held(connection, letter("chat.postMessage", arguments, self._clock(), secret=True), "")


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


def card(ticket: Ticket, site: str) -> list[Block]:
    """The whole ticket in one message, with its buttons."""
    facts = [
        sentences.say("ticket_title", reference=link(ticket, site), state=sentences.say(f"state_{ticket.state.value}"))
    ]
    proven = sentences.say("contact_proven" if ticket.contact_proven else "contact_not_proven")
    facts.append(sentences.say("ticket_contact", contact=sentences.quoted(ticket.contact), proven=proven))
    facts.append(sentences.say("ticket_reason", reason=sentences.say(f"reason_{ticket.reason.value}")))
    if ticket.suggested_action.value:
        facts.append(sentences.say("ticket_action", action=sentences.say(f"action_{ticket.suggested_action.value}")))
    if ticket.assigned_to:
        facts.append(sentences.say("ticket_assigned", who=sentences.quoted(ticket.assigned_to)))
    about = escape_mrkdwn(shorten(ticket.about, LONGEST_ABOUT)).splitlines()
    blocks = [section("\n".join(facts)), section("\n".join(f"> {one}" for one in about))]
    if ticket.diagnosis:
        shown = divide(to_mrkdwn("\n".join(_item(one) for one in ticket.diagnosis)), LONGEST_RECORD)[0]
        blocks.append(section(f"{sentences.say('ticket_record')}\n{shown}"))
    return [*blocks, *actions(buttons(ticket))]


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


def _button(what: str, ticket: Ticket, style: str = "") -> Block:
    return button(sentences.plain(f"button_{what}"), f"{TICKET}:{what}", ticket.reference, style)


def _item(sentence: str) -> str:
    return f"- {sentence.removeprefix('- ').strip()}"
