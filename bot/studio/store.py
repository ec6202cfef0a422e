"""Drafts, trials and publications in the database; the caller brings the transaction."""

import datetime
import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from bot.database import Moment, begin_alone, metadata
from bot.studio.drafts import LONGEST_DRAFT_TITLE, TRIAL_SILENCE, Draft, DraftChange, DraftState, Trial, TrialState
from bot.studio.holder import has_died
from bot.studio.items import Change, Item
from bot.studio.publications import Publication, PublicationState

STUDIO_LOCK = 7_262_030  # any number, as long as every process asks for the same
PUT_AWAY = "The draft was put away."
TRIAL_DIED = "The process that tried the draft out has stopped in the middle. Try the draft out again."
TRIAL_REPLACED = "The draft was changed, and a newer trial took this one's place."

content_drafts = sql.Table(
    "content_drafts",
    metadata,
    sql.Column("id", sql.Integer, primary_key=True, autoincrement=True),
    sql.Column("title", sql.String(LONGEST_DRAFT_TITLE), nullable=False),
    sql.Column("author", sql.String(255), nullable=False),
    sql.Column("created_at", Moment, nullable=False),
    sql.Column("updated_at", Moment, nullable=False),
    sql.Column("state", sql.String(16), nullable=False, index=True),
    sql.Column("revision", sql.Integer, nullable=False),
    sql.Column("brings_in", sql.String(64), nullable=False),
)
content_changes = sql.Table(
    "content_changes",
    metadata,
    sql.Column("draft_id", sql.ForeignKey("content_drafts.id", ondelete="CASCADE"), primary_key=True),
    sql.Column("item", sql.String(255), primary_key=True),
    sql.Column("change", sql.Text, nullable=False),  # JSON
    sql.Column("by", sql.String(255), nullable=False),
    sql.Column("at", Moment, nullable=False),
    sql.Column("version", sql.Integer, nullable=False),
    sql.Column("authors", sql.Text, nullable=False),  # with a line each
    # Kept although it changes nothing any more: who still sees the change must not save over what came after it.
    sql.Column("undone", sql.Boolean, nullable=False),
)
content_trials = sql.Table(
    "content_trials",
    metadata,
    sql.Column("id", sql.Integer, primary_key=True, autoincrement=True),
    sql.Column("draft_id", sql.ForeignKey("content_drafts.id", ondelete="CASCADE"), nullable=False, index=True),
    sql.Column("digest", sql.String(64), nullable=False),
    sql.Column("by", sql.String(255), nullable=False),
    sql.Column("asked_at", Moment, nullable=False),
    sql.Column("state", sql.String(16), nullable=False, index=True),
    sql.Column("share", sql.Float, nullable=False),
    sql.Column("words", sql.Text, nullable=False),
    sql.Column("result", sql.Text, nullable=False),  # JSON
    sql.Column("model", sql.String(255), nullable=False),
    sql.Column("worker", sql.String(100), nullable=False),
    sql.Column("begun_at", Moment, nullable=True),
    sql.Column("touched_at", Moment, nullable=True),
    sql.Column("ended_at", Moment, nullable=True),
)
content_publications = sql.Table(
    "content_publications",
    metadata,
    sql.Column("id", sql.Integer, primary_key=True, autoincrement=True),
    sql.Column("at", Moment, nullable=False),
    sql.Column("by", sql.String(255), nullable=False),
    sql.Column("approved_by", sql.String(255), nullable=False),
    sql.Column("message", sql.Text, nullable=False),
    sql.Column("override", sql.Text, nullable=False),
    sql.Column("floors_fallen", sql.Text, nullable=False),  # with a line each
    sql.Column("reason", sql.Text, nullable=False),
    sql.Column("draft_id", sql.Integer, nullable=False, index=True),
    sql.Column("authors", sql.Text, nullable=False),  # with a line each
    sql.Column("state", sql.String(16), nullable=False, index=True),
    sql.Column("commit_id", sql.String(64), nullable=False),
    sql.Column("model", sql.String(255), nullable=False),
    sql.Column("root", sql.String(255), nullable=False),
    sql.Column("back_to", sql.Integer, nullable=True),
    sql.Column("digest", sql.String(64), nullable=False),
    sql.Column("follows", sql.Integer, nullable=False),
    sql.Column("installed", sql.String(64), nullable=False),
    # The process that puts it live, and its last sign of life; "" when none does.
    sql.Column("holder", sql.String(100), nullable=False),
    sql.Column("touched_at", Moment, nullable=True),
)
ON_THE_WAY = (PublicationState.WAITING.value, PublicationState.PUBLISHING.value)


def alone(connection: Connection) -> None:
    """Wait until nobody else changes anything in the studio; to the end of the transaction, which begins with this."""
    begin_alone(connection, STUDIO_LOCK)


# Drafts
def add_draft(connection: Connection, title: str, by: str, now: datetime.datetime, brings_in: str = "") -> int:
    """Keep a new one; its number."""
    values = {
        "title": title,
        "author": by,
        "created_at": now,
        "updated_at": now,
        "state": DraftState.OPEN.value,
        "revision": 0,
        "brings_in": brings_in,
    }
    return int(connection.execute(content_drafts.insert().values(values)).inserted_primary_key[0])


def find_draft(connection: Connection, draft_id: int) -> Draft | None:
    """One of them with its changes."""
    return next(iter(_drafts(connection, content_drafts.c.id == draft_id)), None)


def open_drafts(connection: Connection) -> list[Draft]:
    """Those that are open, newest change first."""
    return _drafts(connection, content_drafts.c.state == DraftState.OPEN.value)


def set_draft(connection: Connection, draft_id: int, **values: Any) -> None:
    """Change columns of a draft."""
    connection.execute(content_drafts.update().where(content_drafts.c.id == draft_id).values(values))


def kept_change(connection: Connection, draft_id: int, item: Item) -> tuple[DraftChange, bool] | None:
    """The change of an item with whether it was taken back; None where it has never been changed."""
    this = (content_changes.c.draft_id == draft_id) & (content_changes.c.item == item.id)
    row = connection.execute(content_changes.select().where(this)).first()
    return (_change(row), row.undone) if row else None


def keep_change(connection: Connection, draft: Draft, made: DraftChange, undone: bool, now: datetime.datetime) -> None:
    """Keep a change, or that it was taken back; the draft is as old as its newest change."""
    this = (content_changes.c.draft_id == draft.id) & (content_changes.c.item == made.item.id)
    values = {
        "change": json.dumps(made.change.to_json(), ensure_ascii=False),
        "by": made.by,
        "at": made.at,
        "version": made.version,
        "authors": "\n".join(made.authors),
        "undone": undone,
    }
    if not connection.execute(content_changes.update().where(this).values(values)).rowcount:
        connection.execute(content_changes.insert().values(draft_id=draft.id, item=made.item.id, **values))
    set_draft(connection, draft.id, revision=made.version, updated_at=now)


def _drafts(connection: Connection, these: Any) -> list[Draft]:
    order = content_drafts.c.updated_at.desc(), content_drafts.c.id.desc()
    rows = connection.execute(content_drafts.select().where(these).order_by(*order)).all()
    numbers = [row.id for row in rows]
    changes: dict[int, list[DraftChange]] = {number: [] for number in numbers}
    made = content_changes.c.draft_id.in_(numbers) & ~content_changes.c.undone
    for row in connection.execute(content_changes.select().where(made).order_by(content_changes.c.version)):
        changes[row.draft_id].append(_change(row))
    waits = content_publications.c.draft_id.in_(numbers) & content_publications.c.state.in_(ON_THE_WAY)
    columns = content_publications.c.draft_id, content_publications.c.id
    waiting = {row.draft_id: row.id for row in connection.execute(sql.select(*columns).where(waits))}
    return [
        Draft(
            id=row.id,
            title=row.title,
            author=row.author,
            created_at=row.created_at,
            updated_at=row.updated_at,
            state=DraftState(row.state),
            changes=tuple(changes[row.id]),
            revision=row.revision,
            brings_in=row.brings_in,
            waiting=waiting.get(row.id, 0),
        )
        for row in rows
    ]


def _change(row: Any) -> DraftChange:
    return DraftChange(
        change=Change.of_json(json.loads(row.change)),
        by=row.by,
        at=row.at,
        version=row.version,
        authors=tuple(row.authors.splitlines()),
    )


# Trials
def add_trial(connection: Connection, draft_id: int, digest: str, by: str, now: datetime.datetime) -> Trial:
    """Let a trial wait, and end those of the same draft that nobody waits for any more."""
    of_draft = (content_trials.c.draft_id == draft_id) & content_trials.c.state.in_(
        (TrialState.WAITING.value, TrialState.RUNNING.value)
    )
    end_trials(connection, of_draft, TRIAL_REPLACED, now)
    values = {
        "draft_id": draft_id,
        "digest": digest,
        "by": by,
        "asked_at": now,
        "state": TrialState.WAITING.value,
        "share": 0.0,
        "words": "",
        "result": "{}",
        "model": "",
        "worker": "",
    }
    number = int(connection.execute(content_trials.insert().values(values)).inserted_primary_key[0])
    return Trial(id=number, draft_id=draft_id, digest=digest, by=by, asked_at=now)


def newest_trial(connection: Connection, draft_id: int) -> Trial | None:
    """The last one of a draft."""
    query = content_trials.select().where(content_trials.c.draft_id == draft_id).order_by(content_trials.c.id.desc())
    row = connection.execute(query.limit(1)).first()
    return _trial(row) if row else None


def take_trial(connection: Connection, worker: str, trial_id: int, now: datetime.datetime) -> Trial | None:
    """Let one that waits (the oldest where no number is given) belong to a worker; None where there is none."""
    waits = content_trials.c.state == TrialState.WAITING.value
    wanted = waits & (content_trials.c.id == trial_id) if trial_id else waits
    row = connection.execute(content_trials.select().where(wanted).order_by(content_trials.c.id).limit(1)).first()
    if row is None:
        return None
    begun = {"state": TrialState.RUNNING.value, "worker": worker[:100], "begun_at": now, "touched_at": now}
    this = waits & (content_trials.c.id == row.id)
    if not connection.execute(content_trials.update().where(this).values(begun)).rowcount:
        return None
    return replace(_trial(row), state=TrialState.RUNNING, worker=worker[:100], begun_at=now, touched_at=now)


def set_trial(connection: Connection, trial_id: int, states: Collection[TrialState], **values: Any) -> bool:
    """Change columns of a trial that is in one of these states; whether it was."""
    this = (content_trials.c.id == trial_id) & content_trials.c.state.in_([state.value for state in states])
    return bool(connection.execute(content_trials.update().where(this).values(values)).rowcount)


def end_trials(connection: Connection, these: Any, words: str, now: datetime.datetime) -> None:
    """Let trials fail with words."""
    values = {"state": TrialState.FAILED.value, "words": words, "ended_at": now}
    connection.execute(content_trials.update().where(these).values(values))


def end_silent_trials(connection: Connection, now: datetime.datetime) -> None:
    """Let those fail whose process is gone: at once for one of this machine, else once it gives no sign of life."""
    running = content_trials.c.state == TrialState.RUNNING.value
    columns = content_trials.c.id, content_trials.c.worker, content_trials.c.touched_at
    rows = connection.execute(sql.select(*columns).where(running)).all()
    died = [row.id for row in rows if has_died(row.worker, row.touched_at or now, now, TRIAL_SILENCE)]
    if died:
        end_trials(connection, running & content_trials.c.id.in_(died), TRIAL_DIED, now)


def end_trials_of(connection: Connection, draft_id: int, now: datetime.datetime) -> None:
    """Nobody waits for the trials of a draft that was put away: others' come next."""
    ongoing = content_trials.c.state.in_([TrialState.WAITING.value, TrialState.RUNNING.value])
    end_trials(connection, ongoing & (content_trials.c.draft_id == draft_id), PUT_AWAY, now)


def models_of_trials(connection: Connection) -> set[str]:
    """The archives of what was last tried in drafts that are open."""
    query = sql.select(content_trials.c.draft_id, content_trials.c.model).join(content_drafts)
    these = (content_drafts.c.state == DraftState.OPEN.value) & (content_trials.c.model != "")
    newest = {row.draft_id: row.model for row in connection.execute(query.where(these).order_by(content_trials.c.id))}
    return set(newest.values())


def _trial(row: Any) -> Trial:
    return Trial(
        id=row.id,
        draft_id=row.draft_id,
        digest=row.digest,
        by=row.by,
        asked_at=row.asked_at,
        state=TrialState(row.state),
        share=row.share,
        words=row.words,
        result=json.loads(row.result),
        model=row.model,
        worker=row.worker,
        begun_at=row.begun_at,
        touched_at=row.touched_at,
        ended_at=row.ended_at,
    )


# Publications
def add_publication(connection: Connection, publication: Publication, holder: str = "") -> Publication:
    """Keep a new one, with the process that puts it live if any; it gets its number."""
    values = {
        "at": publication.at,
        "by": publication.by,
        "approved_by": publication.approved_by,
        "message": publication.message,
        "override": publication.override,
        "floors_fallen": "\n".join(publication.floors_fallen),
        "reason": publication.reason,
        "draft_id": publication.draft_id,
        "authors": "\n".join(publication.authors),
        "state": publication.state.value,
        "commit_id": publication.commit,
        "model": publication.model,
        "root": publication.root,
        "back_to": publication.back_to,
        "digest": publication.digest,
        "follows": publication.follows,
        "installed": publication.installed,
        "holder": holder,
        "touched_at": publication.at,
    }
    number = connection.execute(content_publications.insert().values(values)).inserted_primary_key[0]
    return replace(publication, id=int(number))


def find_publication(connection: Connection, publication_id: int) -> Publication | None:
    """One of them."""
    query = content_publications.select().where(content_publications.c.id == publication_id)
    row = connection.execute(query).first()
    return _publication(row) if row else None


def live_publication(connection: Connection) -> Publication | None:
    """The one that is live; None while nothing was published."""
    query = content_publications.select().where(content_publications.c.state == PublicationState.LIVE.value)
    row = connection.execute(query).first()
    return _publication(row) if row else None


def all_publications(connection: Connection) -> list[Publication]:
    """All of them, newest first."""
    rows = connection.execute(content_publications.select().order_by(content_publications.c.id.desc()))
    return [_publication(row) for row in rows]


def publishing(connection: Connection) -> list[tuple[Publication, str, datetime.datetime]]:
    """Those whose files are being written, each with its process and that one's last sign of life."""
    query = content_publications.select().where(content_publications.c.state == PublicationState.PUBLISHING.value)
    return [(_publication(row), row.holder, row.touched_at or row.at) for row in connection.execute(query)]


def set_publication(
    connection: Connection, publication_id: int, there: PublicationState, by: str = "", /, **values: Any
) -> bool:
    """Change columns of a publication that is in a state, and in the hands of a process; whether it was."""
    this = (content_publications.c.id == publication_id) & (content_publications.c.state == there.value)
    this &= content_publications.c.holder == by
    return bool(connection.execute(content_publications.update().where(this).values(values)).rowcount)


def take_back(connection: Connection, live: Publication) -> bool:
    """Let what was live before a publication be so again, if it still is live; whether it was."""
    waits = {"state": PublicationState.WAITING.value, "approved_by": "", "root": "", "commit_id": ""}
    if not set_publication(connection, live.id, PublicationState.LIVE, **waits):
        return False
    set_publication(connection, live.follows, PublicationState.PAST, state=PublicationState.LIVE.value)
    if not live.approved_by:
        delete_publication(connection, live.id)
    return True


def delete_publication(connection: Connection, publication_id: int) -> None:
    """Forget one that never went live."""
    connection.execute(content_publications.delete().where(content_publications.c.id == publication_id))


def publication_numbers(connection: Connection) -> set[int]:
    """The numbers of all that there are."""
    return set(connection.execute(sql.select(content_publications.c.id)).scalars())


def _publication(row: Any) -> Publication:
    return Publication(
        id=row.id,
        at=row.at,
        by=row.by,
        message=row.message,
        draft_id=row.draft_id,
        state=PublicationState(row.state),
        approved_by=row.approved_by,
        override=row.override,
        commit=row.commit_id,
        model=row.model,
        root=row.root,
        back_to=row.back_to,
        digest=row.digest,
        follows=row.follows,
        installed=row.installed,
        reason=row.reason,
        authors=tuple(row.authors.splitlines()),
        floors_fallen=tuple(row.floors_fallen.splitlines()),
    )


def result_text(result: Mapping[str, Any]) -> str:
    """A trial's result as it is kept."""
    return json.dumps(result, ensure_ascii=False)
