"""Builds the services from settings; the only place that picks implementations."""

import datetime
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlalchemy.engine import Connection

from bot.attachments.attachment import Attachment
from bot.attachments.records import shown_by
from bot.attachments.service import Attachments
from bot.attachments.store import store_of
from bot.clock import Clock, now
from bot.content.faq_dates import bring_up_to_date
from bot.content.responses import related_buttons, render, responses
from bot.conversations.admission import Admission
from bot.conversations.assistant import Assistant
from bot.conversations.service import Conversations
from bot.conversations.store import FILE, ConversationStore, Message, add_message
from bot.conversations.turns import Turns
from bot.database import Database
from bot.desk.answers import CannedAnswers
from bot.desk.service import Desk
from bot.desk.waiting import WaitingTickets
from bot.heartbeats import Heartbeats
from bot.identity.limits import CODE_LIFETIME
from bot.identity.service import Identity, SendCode
from bot.insight.masking import masked
from bot.issuance.catalogue import Catalogue, LiveCatalogue
from bot.issuance.credly import Credly
from bot.issuance.record import IssuingRule
from bot.issuance.service import Issuance
from bot.issuance.sources import BadgeSource
from bot.issuance.store import CompletionStore, LocalBadges
from bot.lookups.service import StaffLookups
from bot.outbox import templates, transport
from bot.outbox.message import Letter, OutgoingMail, parse_address
from bot.outbox.service import GivenUp, Outbox
from bot.outbox.store import OutboxStore
from bot.retention.purge import Purge
from bot.retention.tracker_events import TrackerEvents
from bot.settings import Settings
from bot.slack.cards import Announcer, Messenger, NewsMessenger
from bot.slack.store import EventStore
from bot.slack.transport import KIND, SlackTransport
from bot.slack.web import SlackApi
from bot.staff import StaffList
from bot.studio.asked_in_tests import asked_in_tests
from bot.studio.checks import UnitVectors
from bot.studio.editing import Judging
from bot.studio.files import ContentFiles
from bot.studio.repository import Repository
from bot.studio.service import Studio
from bot.tickets import mailboxes
from bot.tickets.addresses import TicketAddresses
from bot.tickets.answer_times import AnswerTimes
from bot.tickets.inbox import Inbox
from bot.tickets.mailed_files import MailedFiles
from bot.tickets.mails import Mails
from bot.tickets.received import ReceivedMails
from bot.tickets.replies import Replies
from bot.tickets.senders import Senders
from bot.tickets.service import PostMail, TicketListener, Tickets
from bot.tickets.service_level import ServiceLevel
from bot.tickets.store import TicketStore
from bot.tickets.ticket import Ticket, TicketEvent, What
from bot.tickets.transcript_mail import TranscriptMails
from bot.watching.news import Announcements, News
from bot.watching.service import Watching
from bot.watching.stop_links import StopLinks
from bot.watching.store import WatchStore
from bot.working_hours import ALL_DAY_ON_WEEKDAYS


@dataclass(frozen=True)
class Services:
    """Everything the faces use."""

    settings: Settings
    database: Database
    store: ConversationStore
    assistant: Assistant
    conversations: Conversations
    catalogue: Catalogue
    identity: Identity
    issuance: Issuance
    outbox: Outbox
    attachments: Attachments
    tickets: Tickets
    answer_times: AnswerTimes
    watching: Watching
    purge: Purge
    clock: Clock
    received: ReceivedMails
    lookups: StaffLookups
    waiting: WaitingTickets
    desk: Desk
    canned_answers: CannedAnswers
    transcripts: TranscriptMails
    studio: Studio
    heartbeats: Heartbeats
    slack: SlackApi | None = None
    replies: Replies | None = None
    inbox: Inbox | None = None


def build(settings: Settings, clock: Clock = now, assistant: Assistant | None = None) -> Services:
    """Services on the configured database, with its schema made; all of them go by the one clock.

    Args:
        assistant: asked instead of the Rasa server at RASA_URL.
    """
    database = Database(settings.database_url)
    database.create_schema()
    store = ConversationStore(database)
    admission = Admission()
    assistant = assistant or Assistant(settings.rasa_url, settings.site_secret_key, admission)
    catalogue = LiveCatalogue()
    slack = SlackApi(settings.slack_bot_token, settings.slack_api_url) if settings.slack_bot_token else None
    attachments = _attachments(settings, database, clock)
    carriers = {
        "mail": transport.of(settings, attachments.enclosed),
        **({KIND: SlackTransport(slack, EventStore(database))} if slack else {}),
    }
    outbox = Outbox(database, carriers, clock)
    identity = _identity(settings, database, outbox.store, clock)
    rule = IssuingRule(settings.issuing_days, settings.issuing_weekday, settings.expires_soon_days)
    badges = _badges(settings, database, catalogue)
    issuance = Issuance(CompletionStore(database), badges, catalogue, rule, clock, settings.time_zone)
    conversations = Conversations(store, Turns(database, clock), assistant, related_buttons, clock, admission)
    addresses = _ticket_addresses(settings)
    answer_times = AnswerTimes(database, clock, settings.time_zone, settings.working_hours, settings.usual_answer_time)
    tickets = _tickets(settings, database, outbox.store, addresses, answer_times, clock)
    senders = Senders(settings.certification_email, StaffList(settings), _own_addresses(settings))
    received = _received(tickets, senders, database, outbox.store, addresses, attachments, clock)
    waiting = WaitingTickets(
        database=database, tickets=tickets, clock=clock, days=settings.close_waiting_days, zone=settings.time_zone
    )
    outbox.tell_given_up(_given_up(tickets))
    inbox = Inbox(database, clock) if settings.replies_url else None
    replies = _replies(settings, tickets, senders, received, outbox.store, addresses, inbox, clock) if inbox else None
    watching = _watching(settings, database, issuance, outbox.store, clock)
    purge = Purge(
        conversations=store,
        letters=outbox.store,
        identity=identity,
        tickets=tickets.store,
        mails=received.store,
        watches=watching.store,
        tracker_events=TrackerEvents(settings.database_url),
        age=datetime.timedelta(days=settings.retention_days),
    )
    return Services(
        settings=settings,
        database=database,
        store=store,
        assistant=assistant,
        conversations=conversations,
        catalogue=catalogue,
        identity=identity,
        issuance=issuance,
        outbox=outbox,
        attachments=attachments,
        tickets=tickets,
        answer_times=answer_times,
        watching=watching,
        purge=purge,
        clock=clock,
        received=received,
        lookups=StaffLookups(issuance, identity, settings.redis_url),
        waiting=waiting,
        desk=Desk(database, tickets, StaffList(settings)),
        canned_answers=CannedAnswers(database, clock),
        transcripts=TranscriptMails(
            database, outbox.store, settings.site_url, settings.certification_email, settings.time_zone, clock
        ),
        studio=content_studio(settings, database, clock),
        heartbeats=Heartbeats(database, clock),
        slack=slack,
        replies=replies,
        inbox=inbox,
    )


def _likeness() -> UnitVectors:
    """Vectors of examples; imported when somebody first asks, as it takes as long as all else at the start."""

    @cache
    def vectors() -> UnitVectors:
        from bot.studio.example_vectors import ExampleVectors

        return ExampleVectors()

    return lambda texts: vectors()(texts)


def content_studio(settings: Settings, database: Database, clock: Clock = now) -> Studio:
    """The content studio on CONTENT_PATH."""
    folder = Path(settings.content_path)

    def date_faqs(content: Path) -> None:
        bring_up_to_date(clock().astimezone(settings.time_zone).date(), root=content)

    return Studio(
        database,
        ContentFiles(folder),
        Repository(folder / "repository"),
        clock,
        settings.may_edit_content,
        Judging(links=settings.links, masked=masked, test_texts=asked_in_tests, likeness=_likeness()),
        second_person=settings.content_approval == "second",
        date_faqs=date_faqs,
    )


def console_identity(services: Services, session: datetime.timedelta) -> Identity:
    """Identity for signing in to the console: its mails speak of that, and what is proven holds for a session."""
    store, clock = services.outbox.store, services.clock
    return _identity(services.settings, services.database, store, clock, "staff_code", session)


def _identity(
    settings: Settings,
    database: Database,
    outbox: OutboxStore,
    clock: Clock,
    mail: str = "one_time_code",
    lifetime: datetime.timedelta | None = None,
) -> Identity:
    """Identity whose codes go to the outbox, in the words of a mail."""
    return Identity(
        database,
        settings.site_secret_key,
        _code_sender(outbox, mail, clock),
        clock,
        proof_lifetime=lifetime or datetime.timedelta(minutes=settings.proof_minutes),
        accepted=settings.site_secret_keys_accepted,
        staff=StaffList(settings),
        token_secret=settings.identity_token_secret,
        token_audience=settings.identity_token_audience,
        total_times=settings.total_limits_times,
    )


def _attachments(settings: Settings, database: Database, clock: Clock) -> Attachments:
    """Files whose messages stand in their conversation."""

    def show(connection: Connection, file: Attachment) -> str:
        said = Message.new("user", file.name, FILE, now=clock())
        return said.id if add_message(connection, file.conversation_id, said) else ""

    largest = settings.attachment_megabytes * 1_000_000
    return Attachments(database, store_of(settings.attachments_url), clock, largest, show)


def _tickets(
    settings: Settings,
    database: Database,
    outbox: OutboxStore,
    addresses: TicketAddresses | None,
    answer_times: AnswerTimes,
    clock: Clock,
) -> Tickets:
    """Tickets whose mails go to the outbox, and whose answers appear in the conversation."""
    mails = Mails(
        sender=settings.mail_from,
        team=settings.certification_email,
        site=settings.site_url,
        addresses=addresses,
        answers_read=bool(addresses and settings.replies_url),
        most_enclosed=settings.mailed_megabytes * 1_000_000,
    )

    def put(connection: Connection, ticket: Ticket, event: TicketEvent, message: Message) -> None:
        if add_message(connection, ticket.conversation_id, message):
            shown_by(connection, [file.id for file in event.files], ticket.conversation_id, message.id)

    def tell(connection: Connection, ticket: Ticket, event: TicketEvent) -> None:
        if event.what is What.ANSWERED:
            return put(connection, ticket, event, Message.new("user", event.text, now=clock()))
        text = event.text or render("utter_ticket_resolved", {"reference": ticket.reference})
        buttons = responses()["utter_ticket_resolved"][0]["buttons"]
        if len(tickets.store.all_of_conversation(connection, ticket.conversation_id)) > 1:
            text = f"{ticket.reference}:\n{text}"  # which of them it is about
        put(connection, ticket, event, Message.new("staff", text, f"ticket_{event.what.value}", buttons, now=clock()))

    listeners = _listeners(settings, outbox, TicketStore(database), clock)
    tickets = Tickets(
        database,
        mails,
        _posting(outbox, clock),
        tell,
        clock,
        listeners,
        lambda: answer_times.expected().within,
        _level(settings),
        settings.total_limits_times,
        CannedAnswers(database, clock).never_filled,
    )
    return tickets


def _ticket_addresses(settings: Settings) -> TicketAddresses | None:
    """What answers by mail are addressed to, where REPLY_ADDRESS says where they come."""
    if not settings.reply_address:
        return None
    return TicketAddresses(settings.site_secret_key, settings.reply_address, settings.site_secret_keys_accepted)


def _level(settings: Settings) -> ServiceLevel:
    return ServiceLevel(
        settings.answer_within,
        settings.resolve_within,
        settings.working_hours or ALL_DAY_ON_WEEKDAYS,
        settings.time_zone,
    )


def _posting(outbox: OutboxStore, clock: Clock) -> PostMail:
    """Puts a mail into the outbox, within the transaction of what it tells of."""

    def post(connection: Connection, mail: OutgoingMail) -> str:
        return outbox.add(connection, mail, clock())

    return post


def _given_up(tickets: Tickets) -> GivenUp:
    """Tells the ticket that a letter was about; the same letter given up again for another day is told again."""

    def tell(letter: Letter, reason: str) -> None:
        about = tickets.about(letter.id)
        if about:
            words = templates.line("given_up", whom="team" if about.to_team else "learner", reason=reason)
            key = f"given up {letter.id} {letter.give_up_at.isoformat()}"
            tickets.not_delivered(What.GIVEN_UP, about, words, key=key)

    return tell


def _listeners(settings: Settings, outbox: OutboxStore, store: TicketStore, clock: Clock) -> list[TicketListener]:
    """Who is told of tickets in Slack, where it is set up: the team in its channel, the one who asked."""
    if not settings.slack_bot_token:
        return []
    channel = settings.slack_ticket_channel
    messenger: TicketListener = Messenger(outbox, clock)
    announcer = Announcer(outbox, store.events, channel, settings.site_url, clock)
    return [announcer, messenger] if channel else [messenger]


def _watching(
    settings: Settings, database: Database, issuance: Issuance, outbox: OutboxStore, clock: Clock
) -> Watching:
    """Watching whose news go to the outbox and into the conversation, and to Slack where that is set up."""
    links = StopLinks(settings.site_secret_key, settings.site_url, settings.site_secret_keys_accepted)
    words = Announcements(issuance.rule, links, settings.site_url, settings.certification_email)
    messenger = NewsMessenger(outbox, clock) if settings.slack_bot_token else None

    def tell(connection: Connection, news: News) -> None:
        conversation_id, told = news.watch.conversation_id, words.message(news)
        outbox.add(connection, words.mail(news), clock())
        add_message(
            connection, conversation_id, Message.new("bot", told.text, told.utterance, told.buttons, now=clock())
        )
        if messenger:
            messenger(connection, conversation_id, words.message(news, "slack").text)

    return Watching(WatchStore(database), issuance, links, tell, clock, days=settings.watch_days)


def _own_addresses(settings: Settings) -> set[str]:
    """What we write from, beside the team's own addresses."""
    return {parse_address("From", settings.mail_from).addr_spec.lower(), settings.reply_address.lower()} - {""}


def _received(
    tickets: Tickets,
    senders: Senders,
    database: Database,
    outbox: OutboxStore,
    addresses: TicketAddresses | None,
    attachments: Attachments,
    clock: Clock,
) -> ReceivedMails:
    """The mails that came in, whether or not more are read."""
    return ReceivedMails(
        database=database,
        tickets=tickets,
        post=_posting(outbox, clock),
        addresses=addresses,
        senders=senders,
        clock=clock,
        files=MailedFiles(attachments),
    )


def _replies(
    settings: Settings,
    tickets: Tickets,
    senders: Senders,
    received: ReceivedMails,
    outbox: OutboxStore,
    addresses: TicketAddresses | None,
    inbox: Inbox,
    clock: Clock,
) -> Replies:
    """What reads answers by mail."""
    mailbox = mailboxes.of(settings.replies_url)
    return Replies(
        tickets=tickets,
        received=received,
        mailbox=mailbox,
        addresses=addresses,
        senders=senders,
        server=settings.receiving_server,
        own_letter=outbox.knows,
        domain=parse_address("From", settings.mail_from).domain,
        clock=clock,
        inbox=inbox,
    )


def _badges(settings: Settings, database: Database, catalogue: Catalogue) -> BadgeSource:
    """Credly where it is set up, the local database otherwise."""
    if settings.credly_token and settings.credly_organization_id:
        return Credly(settings.credly_api_url, settings.credly_token, settings.credly_organization_id, catalogue.key)
    return LocalBadges(database)


def _code_sender(outbox: OutboxStore, name: str, clock: Clock) -> SendCode:
    """Puts the mail with a one-time code into the outbox, within the transaction that keeps the code."""

    def send(connection: Connection, address: str, code: str, expires_at: datetime.datetime) -> None:
        minutes = int(CODE_LIFETIME.total_seconds() // 60)
        words = templates.render(name, code=code, minutes=minutes)
        mail = OutgoingMail(
            to=address, subject=words.subject, text=words.text, html=words.html, not_after=expires_at, secret=True
        )
        outbox.add(connection, mail, clock())

    return send
