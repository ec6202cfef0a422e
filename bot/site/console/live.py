"""What pages ask every few seconds, so that nobody has to reload: whether something is new, and who else is here."""

from hashlib import sha256

from flask import Response, g, jsonify, request
from sqlalchemy.engine import Connection

from bot.desk import store
from bot.desk.store import Viewer
from bot.site.console.entrance import bp, services
from bot.site.console.queue import counts, found
from bot.site.console.wanted import wanted_now


@bp.get("/live")
def live_queue() -> Response:
    """A mark that changes when the queue that is looked at does, how many tickets it has, and the number of `_news`."""
    wanted = wanted_now()
    tickets, total = found(wanted)
    seen = [(one.reference, one.version, one.due_at) for one in tickets]
    mark = sha256(repr((seen, total, counts())).encode()).hexdigest()[:16]
    with services().database.transaction() as connection:
        return jsonify(mark=mark, total=total, news=_news(connection))


@bp.post("/tickets/<reference>/live")
def live_ticket(reference: str) -> Response:
    """How the ticket stands, who else of the team has it open, the number of `_news`; tells them that this one does."""
    ticket, now = services().tickets.get(reference), services().clock()
    me = Viewer(g.staff, request.form.get("writes") == "yes")
    with services().database.transaction() as connection:
        store.look_at(connection, ticket.reference, me, now)
        others = store.viewers(connection, ticket.reference, g.staff, now)
        news = _news(connection)
    seen = [{"who": one.who, "writes": one.writes} for one in others]
    return jsonify(version=ticket.version, others=seen, news=news)


def _news(connection: Connection) -> int:
    """Grows with every new ticket and every answer of a learner, whichever ticket it is; pages make a sound of it."""
    return services().tickets.store.newest_by_learner(connection)
