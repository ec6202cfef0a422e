"""`python -m bot tickets ...`: the tickets and the outbox's dead letters, from the terminal."""

import argparse
import json
import sys
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from bot.commands.given import given_address

if TYPE_CHECKING:
    from bot.bootstrap import Services
    from bot.tickets.ticket import Ticket

STATES = ("new", "assigned", "waiting", "resolved", "reopened")
VIA = "command"
_VIAS = {"site": "chat", "slack": "Slack", "command": "command line"}  # what else there is, is called so


class _AnyOrder(argparse.ArgumentParser):
    """Takes `resolve REF --by EMAIL TEXT`: by itself, argparse gives up an optional TEXT at the first option."""

    _mixing = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Options first, then what is left; the method that does this calls this one for both."""
        if self._mixing:
            return super().parse_known_args(args, namespace)
        self._mixing = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._mixing = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One sub-command for each thing to do."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION", parser_class=_AnyOrder)

    def action(name: str, text: str) -> argparse.ArgumentParser:
        sub = actions.add_parser(name, help=text, description=text)
        sub.add_argument("--json", action="store_true", help="the result as JSON")
        return sub

    listed = action("list", "the queue, longest untouched first")
    listed.add_argument("--state", action="append", choices=STATES, help="only these; may be given several times")
    listed.add_argument("--mine", metavar="EMAIL", help="only those that this member of the team has")
    listed.add_argument("--search", default="", metavar="WORDS", help="in reference, contact, text and transcript")
    listed.add_argument("--page", type=int, default=1, metavar="N", help="which page of 50")
    action("show", "one ticket with its history").add_argument("reference", metavar="REF")
    for name, text, words in [
        ("reply", "write to the learner", "required"),
        ("resolve", "done, with a last word to the learner if any", "optional"),
        ("reopen", "not done after all", "none"),
    ]:
        changed = action(name, text)
        changed.add_argument("reference", metavar="REF")
        changed.add_argument("--by", required=True, metavar="EMAIL", help="who of the team does it")
        if words != "none":
            changed.add_argument("text", nargs=None if words == "required" else "?", default="", help="- reads it in")
            changed.add_argument("--as-it-stands", action="store_true", help="though a placeholder is not filled in")
    again = action("requeue", "try letters that were given up for another day")
    again.add_argument("letter", nargs="?", metavar="LETTER", help="one of them (default: all)")


def run(args: argparse.Namespace) -> int:
    """Do it; 0 when done, 1 when there is no such ticket or it is not possible, 2 for bad input or no database."""
    from bot import bootstrap
    from bot.errors import InvalidAddress, RequestError, UnknownTicket
    from bot.settings import Settings

    try:
        return _ACTIONS[args.action](bootstrap.build(Settings.load()), args)
    except UnknownTicket as error:
        return _fail(f"There is no ticket {error}.", 1)
    except RequestError as error:
        return _fail(error.message, 1)
    except InvalidAddress as error:
        return _fail(str(error), 2)


def _list(services: "Services", args: argparse.Namespace) -> int:
    from bot.tickets.ticket import State, TicketFilter

    if args.page < 1:
        return _fail("--page is counted from 1.", 2)
    mine = given_address(args.mine) if args.mine else None
    states = [State(state) for state in args.state or ()]
    wanted = TicketFilter(states=states, assigned_to=mine, text=args.search)
    found, total = services.tickets.find(wanted, args.page)
    if args.json:
        return _print_json({"total": total, "page": args.page, "tickets": [_values(ticket) for ticket in found]})
    for ticket in found:
        print(_row(ticket))
    print(f"{len(found)} of {total} tickets." if total else "No tickets.")
    return 0


def _show(services: "Services", args: argparse.Namespace) -> int:
    ticket = services.tickets.get(args.reference)
    history = services.tickets.events(args.reference)
    if args.json:
        return _print_json({**_values(ticket), "history": [_values(event) for event in history]})
    print(_whole(ticket))
    for event in history:
        print(
            f"  {event.at:%Y-%m-%d %H:%M} {event.what.value} by {event.who}"
            + (f" ({via(event.via)})" * bool(event.via))
        )
        print("".join(f"    {line}\n" for line in event.text.splitlines()), end="")
    return 0


def _reply(services: "Services", args: argparse.Namespace) -> int:
    by = _staff(services, args.by)
    text, reply = _text(args.text), services.tickets.reply
    return _sent(args, lambda sure: reply(args.reference, by, text, VIA, as_it_stands=sure))


def _resolve(services: "Services", args: argparse.Namespace) -> int:
    by = _staff(services, args.by)
    text, resolve = _text(args.text), services.tickets.resolve
    return _sent(args, lambda sure: resolve(args.reference, by, text, via=VIA, as_it_stands=sure))


def _sent(args: argparse.Namespace, send: "Callable[[Collection[str]], Ticket]") -> int:
    """Send; what is not filled in goes out only where the options say so."""
    from bot.errors import UnfilledPlaceholder

    try:
        return _changed(send(()), args)
    except UnfilledPlaceholder as error:
        if not args.as_it_stands:
            return _fail(f"{error.message} (--as-it-stands)", 1)
        return _changed(send(error.found), args)


def _reopen(services: "Services", args: argparse.Namespace) -> int:
    return _changed(services.tickets.reopen(args.reference, _staff(services, args.by), VIA), args)


def _requeue(services: "Services", args: argparse.Namespace) -> int:
    number = services.outbox.requeue(args.letter)
    if args.json:
        _print_json({"requeued": number})
    elif number or args.letter is None:
        print(f"{number} letters will be tried again.")
    if args.letter is not None and not number:
        return _fail(f"No letter {args.letter} was given up, or it cannot be sent any more.", 1)
    return 0


def _changed(ticket: "Ticket", args: argparse.Namespace) -> int:
    if args.json:
        return _print_json(_values(ticket))
    print(_row(ticket))
    return 0


def _staff(services: "Services", text: str) -> str:
    from bot.errors import InvalidAddress

    address, staff = given_address(text), services.settings.staff_now()
    if staff and address not in staff:
        raise InvalidAddress(f"{address} is not one of STAFF_EMAILS.")
    return address


def _text(text: str | None) -> str:
    return sys.stdin.read() if text == "-" else text or ""


def _row(ticket: "Ticket") -> str:
    from bot.tickets.title import headline

    owner = ticket.assigned_to or "nobody"
    return f"{ticket.reference}  {ticket.state.value:9} {ticket.updated_at:%Y-%m-%d %H:%M}  {owner:30} " + headline(
        ticket.title, 60
    )


def via(name: str) -> str:
    """The way that a ticket or an event came, in words."""
    return _VIAS.get(name, name)


def _whole(ticket: "Ticket") -> str:
    from bot.content.markdown import to_plain_text

    proven = "proven" if ticket.contact_proven else "not proven"
    lines = [
        f"{ticket.reference}  {ticket.state.value}, {ticket.assigned_to or 'nobody has it'}",
        f"Title: {ticket.title}",
        f"Contact: {ticket.contact} ({proven})",
        f"Opened: {ticket.created_at:%Y-%m-%d %H:%M} UTC by {via(ticket.channel)}, reason: {ticket.reason.value}",
        f"Suggested action: {ticket.suggested_action.value or 'none'}",
        "",
        ticket.about,
        "",
        *(to_plain_text(line) for line in ticket.diagnosis),
        *(f"{line.role}: {line.text}" for line in ticket.transcript),
        "",
        "History (UTC):",
    ]
    return "\n".join(lines)


def _values(value: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(value)


def _print_json(value: dict[str, Any]) -> int:
    from bot.clock import iso

    print(json.dumps(value, indent=2, ensure_ascii=False, default=iso))
    return 0


def _fail(message: str, code: int) -> int:
    print(message, file=sys.stderr)
    return code


_ACTIONS: dict[str, Callable[["Services", argparse.Namespace], int]] = {
    "list": _list,
    "show": _show,
    "reply": _reply,
    "resolve": _resolve,
    "reopen": _reopen,
    "requeue": _requeue,
}
