"""Signing in to the console by a one-time code, and out again."""

import time

from flask import current_app, flash, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from bot.errors import InvalidAddress
from bot.site.console.entrance import bp, entrance, note
from bot.site.limits import caller

# Seconds that an answer takes at least, so that its time does not tell who is on the list.
EVENLY = 0.1
EVENLY_WRONG = 0.5  # of a wrong code: tries at once wait for each other, of which no more are compared than in so long


@bp.get("/sign-in")
def sign_in() -> str | Response:
    """Asks for the address."""
    return redirect(url_for("console.queue")) if g.staff else render_template("console/sign_in.html")


@bp.post("/sign-in")
def ask_for_code() -> tuple[str, int] | Response:
    """Says the same whether or not the address is on the list."""
    _limit()
    until, address = time.monotonic() + EVENLY, request.form.get("address", "")
    try:
        entrance().send_code(address, caller())
    except InvalidAddress:
        return render_template("console/sign_in.html", address=address[:254], problem=True), 400
    note("code asked for")
    time.sleep(max(0.0, until - time.monotonic()))
    return redirect(url_for("console.code"), 303)


@bp.get("/code")
def code() -> str | Response:
    """Asks for the code."""
    if g.staff or "conversation" not in session:
        return redirect(url_for("console.queue" if g.staff else "console.sign_in"))
    return render_template("console/code.html")


@bp.post("/code")
def check_code() -> tuple[str, int] | Response:
    """Signs in with the right code, and leads to where the person wanted to go."""
    _limit()
    until, wanted = time.monotonic() + EVENLY_WRONG, session.get("next", "")
    if entrance().check_code(request.form.get("code", "")):
        note("signed in")
        return redirect(wanted or url_for("console.queue"), 303)
    note("wrong code")
    time.sleep(max(0.0, until - time.monotonic()))
    return render_template("console/code.html", problem=True), 400


@bp.post("/sign-out")
def sign_out() -> Response:
    """Ends the session, in every copy of its cookie."""
    note("signed out")
    entrance().leave()
    flash("", "left")
    return redirect(url_for("console.sign_in"), 303)


def _limit() -> None:
    current_app.extensions["limiter"].check_caller("sign-ins", request.remote_addr)
