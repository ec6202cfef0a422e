"""Mails that came in: the refused ones, which wait for a person, and each one whole."""

from flask import Response, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from bot.errors import UnknownTicket
from bot.site.console.entrance import bp, note, services
from bot.tickets.mail_store import MAILS_SHOWN, MailState

PageOrRedirect = tuple[str, int] | AnyResponse


@bp.get("/mails")
def refused_mails() -> str:
    """The refused mails that nobody has seen to."""
    return _list()


@bp.get("/mails/<int(max=2147483647):number>")
def whole_mail(number: int) -> str:
    """All words of a mail, as plain text."""
    mail, whole, length = services().received.whole(number)
    return render_template("console/mail.html", mail=mail, whole=whole, bytes=length)


@bp.get("/mails/<int(max=2147483647):number>/original")
def original_mail(number: int) -> Response:
    """A mail as it came, to be saved; no browser shows it, so nothing in it can do anything here."""
    _, content = services().received.get(number)
    name = f"mail-{number}.eml"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Security-Policy": "sandbox"}
    return Response(content, mimetype="application/octet-stream", headers=headers)


@bp.post("/mails/<int(max=2147483647):number>/add")
def add_mail(number: int) -> PageOrRedirect:
    """Make it part of a ticket."""
    reference = request.form.get("reference", "")[:40].replace("\0", "")
    state = services().received.get(number)[0].state
    try:
        ticket = services().received.add_to_ticket(number, reference, g.staff)
    except UnknownTicket:
        if state is not MailState.REFUSED:
            flash("", "no_such_ticket")
            return redirect(url_for("console.whole_mail", number=number), 303)
        return _list(number, reference), 404
    note("mail added", ticket=ticket.reference)
    flash("", "mail_there" if state is MailState.KEPT else "mail_added")
    return redirect(url_for("console.ticket", reference=ticket.reference), 303)


@bp.post("/mails/<int(max=2147483647):number>/dismiss")
def dismiss_mail(number: int) -> AnyResponse:
    """Nothing is to be done about it."""
    dismissed = services().received.dismiss(number, g.staff)
    note("mail dismissed" if dismissed else "mail not dismissed")
    flash(str(number), "mail_dismissed" if dismissed else "mail_not_dismissed")
    return redirect(url_for("console.refused_mails"), 303)


def mail_alarm() -> int:
    """How many refused mails wait for a person, those of machines aside."""
    return sum(number for reason, number in services().received.counts().items() if reason != "automatic")


def _list(wrong: int = 0, given: str = "") -> str:
    """The page; `wrong` is the mail that could not be added to the ticket `given`."""
    waiting = services().received.waiting()
    values = {"more": max(0, sum(services().received.counts().values()) - MAILS_SHOWN), "wrong": wrong, "given": given}
    by_people = [mail for mail in waiting if mail.reason != "automatic"]
    automatic = [mail for mail in waiting if mail.reason == "automatic"]
    return render_template("console/mails.html", by_people=by_people, automatic=automatic, **values)
