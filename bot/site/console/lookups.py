"""Look learners up: one address, a pasted list or a CSV file; and who looked at whose record."""

from typing import Any

from flask import Response, abort, current_app, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from bot.identity.address import normalised
from bot.lookups.addresses import MOST_LOOKED_UP, Pasted, read_addresses, text_of_file
from bot.lookups.log import LOG_PAGE_LENGTH, read_log
from bot.lookups.lookup import StaffLookup
from bot.lookups.service import TooManyLookups
from bot.lookups.table import STAGE_TITLES, TABLE_COLUMNS, as_csv, rows
from bot.site.console.entrance import bp, note, services

LOOK_AGAIN_SECONDS = 2  # while it is under way
SOON_SECONDS = 1.5  # most look-ups are done by then, so that no half page is shown
LONGEST_CREDENTIAL = 200
PageWithCode = tuple[str, int]


@bp.get("/lookups")
def lookups() -> str:
    """The form."""
    return _form()


@bp.post("/lookups")
def look_up() -> PageWithCode | AnyResponse:
    """Begin a look-up; its page shows what is found."""
    current_app.extensions["limiter"].check("look-ups of staff", g.staff)
    typed, file = request.form.get("addresses", ""), request.files.get("file")
    given = read_addresses(f"{typed}\n{text_of_file(file.read()) if file else ''}")
    problem = _problem(given)
    if problem:
        return _form(typed, problem, given), 400
    credential = request.form.get("credential", "").replace("\0", "").strip()[:LONGEST_CREDENTIAL]
    try:
        begun = services().lookups.begin(
            g.staff, given.addresses, "console", credential=credential, unusable=given.unusable
        )
    except TooManyLookups:
        return _form(typed, "busy", given), 503
    note("look-up", addresses=len(given.addresses))
    begun.ended.wait(SOON_SECONDS)
    return redirect(url_for("console.lookup", number=begun.number), 303)


@bp.get("/lookups/<number>")
def lookup(number: str) -> PageWithCode | Response:
    """What a look-up has found so far; the page comes again by itself while it is under way."""
    found = _found(number)
    if found is None:
        return _form(problem="gone"), 404
    lines = rows(list(found.found))
    values = {"lookup": found, "rows": lines, "columns": TABLE_COLUMNS, "stages": STAGE_TITLES}
    page = Response(render_template("console/lookup.html", **values))
    if not found.done:
        page.headers["Refresh"] = str(LOOK_AGAIN_SECONDS)
    return page


@bp.get("/lookups/<number>.csv")
def lookup_file(number: str) -> PageWithCode | Response:
    """The table as a file."""
    found = _found(number)
    if found is None:
        return _form(problem="gone"), 404
    headers = {"Content-Disposition": 'attachment; filename="credentials.csv"'}
    return Response(as_csv(list(found.found)), mimetype="text/csv", headers=headers)


@bp.get("/lookups/log")
def lookup_log() -> str:
    """Who looked at whose record; for those on AUDITOR_EMAILS."""
    if not may_audit():
        abort(403)
    typed, page = request.args.get("q", "").replace("\0", "").strip()[:254], request.args.get("page", "")
    number = int(page) if page.isascii() and page.isdigit() and 0 < len(page) < 6 else 1
    everyone = request.args.get("kind") == "all"
    who = normalised(typed) or typed.lower()
    found, total = read_log(services().database, who=who, staff_only=not everyone, page=max(1, number))
    note("look-up log")
    pages = max(1, -(-total // LOG_PAGE_LENGTH))
    values: dict[str, Any] = {"found": found, "total": total, "q": typed, "everyone": everyone}
    return render_template("console/lookup_log.html", **values, page=number, pages=pages, stages=STAGE_TITLES)


def may_audit() -> bool:
    """Whether who is signed in may see who looked at what."""
    return g.staff in services().settings.auditor_emails


def _found(number: str) -> StaffLookup | None:
    return services().lookups.get(number, g.staff)


def _problem(given: Pasted) -> str:
    if not given.addresses:
        return "no_address" if not given.unusable else "unusable"
    return "too_many" if given.left_out else ""


def _form(typed: str = "", problem: str = "", given: Pasted = Pasted()) -> str:
    values = {"typed": typed, "problem": problem, "given": given, "most": MOST_LOOKED_UP, "may_audit": may_audit()}
    return render_template("console/lookups.html", **values)
