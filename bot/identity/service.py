"""Proves which e-mail addresses a conversation may speak for: one-time codes, identity tokens, Slack profiles."""

import datetime
import uuid
from collections.abc import Callable, Container, Sequence

from prometheus_client import Counter
from sqlalchemy.engine import Connection, Row

from bot.clock import Clock
from bot.database import Database
from bot.errors import InvalidToken
from bot.identity import limits, store
from bot.identity.address import normalise, normalised
from bot.identity.code import find_code, hash_code, matches, new_code
from bot.identity.counting import Asking, wait_for_code, wait_for_try
from bot.identity.proof import (
    CheckAnswer,
    CodeAnswer,
    CodeExpired,
    CodeRequested,
    CodeWaiting,
    Held,
    Locked,
    NoCode,
    Proven,
    Refusal,
    TooManyCodes,
    WrongCode,
)
from bot.identity.store import Lock
from bot.identity.token import check_secret, read_token

SendCode = Callable[[Connection, str, str, datetime.datetime], None]
CODES_SENT = Counter("codes_sent", "One-time codes that were put into the outbox", ("channel",))
CODES_TRIED = Counter("codes_tried", "One-time codes that were typed", ("result",))
CODE_RESULTS: dict[type, str] = {Proven: "right", WrongCode: "wrong", CodeExpired: "expired", Locked: "locked"}


class Identity:
    """Use cases of identity, one transaction each; nothing here looks at any learner's record.

    A conversation id stands for one person: where several write in one place (a Slack thread), the caller makes an id
    for each.
    """

    def __init__(
        self,
        database: Database,
        secret: str,
        send: SendCode,
        clock: Clock,
        *,
        proof_lifetime: datetime.timedelta,
        accepted: Sequence[str] = (),
        staff: Container[str] = (),
        token_secret: str = "",
        token_audience: str = "credential-assistant",  # noqa: S107  a name, not a secret
        total_times: int = 1,
    ) -> None:
        """Put the parts together.

        Args:
            database: one whose schema exists.
            secret: the site's secret key, for hashing codes.
            send: puts the mail (address, code, when it expires) into the outbox within the given transaction.
            clock: gives the time now.
            proof_lifetime: how long a proof holds.
            accepted: former keys of the site, whose codes are good until they expire.
            staff: e-mail addresses, in lower case, of those who may see any record; asked at each use.
            token_secret: shared with the host site; when empty every identity token is refused.
            token_audience: whom identity tokens must be meant for.
            total_times: how many times as many codes as usual may be sent to all people together.

        Raises:
            InvalidSetting: the token secret is too short.
        """
        check_secret(token_secret)
        self._database, self._secret, self._send, self._clock = database, secret, send, clock
        self._proof_lifetime, self._staff, self._accepted = proof_lifetime, staff, accepted
        self._token_secret, self._token_audience = token_secret, token_audience
        self._total_times = total_times

    def request_code(self, conversation_id: str, address: str, channel: str, network: str = "") -> CodeAnswer:
        """Send a code to an address; it takes the place of the conversation's former one.

        Answer, mail and work are the same for every address, because nothing is looked up.

        Args:
            conversation_id: whose code it is.
            address: where it goes.
            channel: "site", "slack" or "console".
            network: what stands for the network that the request came from, "" where none is known.

        Raises:
            InvalidAddress: it is none.
        """
        email, asking = normalise(address), Asking(conversation_id, channel, network)
        with store.locked(self._database, conversation_id) as connection:
            store.take_lock(connection, Lock.ADDRESS, email)
            if network:
                store.take_lock(connection, Lock.NETWORK, network)
            now = self._clock()
            if wait := wait_for_code(connection, asking, email, now, self._total_times):
                return TooManyCodes(wait)
            code, code_id, expires_at = new_code(), str(uuid.uuid4()), now + limits.CODE_LIFETIME
            code_hash = hash_code(self._secret, code_id, conversation_id, code)
            store.add_code(connection, code_id, vars(asking), email, code_hash, now, expires_at)
            self._send(connection, email, code, expires_at)
        CODES_SENT.labels(channel).inc()
        return CodeRequested(email, expires_at, int(limits.RESEND.window.total_seconds()))

    def check_code(self, conversation_id: str, typed: str) -> CheckAnswer:
        """Compare what was typed with the code that this conversation waits for; the right one proves the address.

        A text in which `find_code` finds no code is answered as a wrong code, but costs no try.
        """
        answer = self._checked(conversation_id, typed)
        CODES_TRIED.labels(CODE_RESULTS.get(type(answer), "none waits")).inc()
        return answer

    def _checked(self, conversation_id: str, typed: str) -> CheckAnswer:
        with store.locked(self._database, conversation_id) as connection:
            now = self._clock()
            row = store.open_code(connection, conversation_id)
            if row is None:
                return NoCode()
            if row.expires_at <= now:
                return CodeExpired()
            store.take_lock(connection, Lock.ADDRESS, row.email)
            if wait := wait_for_try(connection, row.channel, row.network, row.email, now):
                return Locked(wait)
            code = find_code(typed)
            if code is None:
                return WrongCode(limits.TRIES_PER_CODE - row.tries)
            return self._compare(connection, row, code, now)

    def proven_by(self, conversation_id: str, typed: str) -> str:
        """The address that this conversation has proven by this code within the last minutes, "" if none.

        For the chat alone, where what is proven belongs to the conversation: it gives nobody anything new there.
        """
        code, now = find_code(typed), self._clock()
        with self._database.transaction() as connection:
            row = store.used_code(connection, conversation_id, now - limits.TYPED_AGAIN)
            if code is None or row is None or not matches(row.code_hash, self._secret, row.id, conversation_id, code):
                return ""
            held = [one for one in store.proofs_of(connection, conversation_id) if one.expires_at > now]
        return str(row.email) if any((one.email, one.method) == (row.email, "code") for one in held) else ""

    def waiting(self, conversation_id: str) -> CodeWaiting | None:
        """The code that this conversation can still type, if any."""
        with self._database.transaction() as connection:
            row = store.open_code(connection, conversation_id)
        if row is None or row.expires_at <= self._clock() or row.tries >= limits.TRIES_PER_CODE:
            return None
        return CodeWaiting(row.email, row.expires_at)

    def cancel(self, conversation_id: str) -> None:
        """Wait for no code any more."""
        with store.locked(self._database, conversation_id) as connection:
            store.cancel_codes(connection, conversation_id, self._clock())

    def proven(self, conversation_id: str, now: datetime.datetime | None = None) -> list[str]:
        """The addresses that this conversation has proven and that still hold, newest first."""
        now = now or self._clock()
        with self._database.transaction() as connection:
            rows = store.proofs_of(connection, conversation_id)
        return list(dict.fromkeys(row.email for row in rows if row.expires_at > now))

    def held(self, conversation_id: str) -> list[Held]:
        """When this conversation had proven something, or still has."""
        with self._database.transaction() as connection:
            rows = store.proofs_of(connection, conversation_id)
        return [Held(row.proven_at, row.expires_at) for row in rows]

    def forget(self, conversation_id: str) -> None:
        """End every proof of this conversation, and its code."""
        with store.locked(self._database, conversation_id) as connection:
            now = self._clock()
            store.cancel_codes(connection, conversation_id, now)
            store.end_proofs(connection, conversation_id, now)

    def prove_by_token(self, conversation_id: str, token: str, former: str = "") -> str:
        """The address in an identity token of the host site, proven for this conversation and no other.

        The first conversation that shows a token owns it: a token that leaks afterwards opens nothing elsewhere.
        Showing it again in the same conversation renews the proof; one that has been started afresh takes it over from
        `former`, the conversation that the same person had until now. Raises InvalidToken.
        """
        now = self._clock()
        identity = read_token(self._token_secret, token, now, self._token_audience)
        with store.locked(self._database, conversation_id) as connection:
            store.take_lock(connection, Lock.TOKEN, identity.fingerprint)
            owner = store.token_owner(connection, identity.fingerprint)
            if owner not in (None, conversation_id, former or None):
                raise InvalidToken("the token was used in another conversation")
            if owner not in (None, conversation_id):
                store.move_token(connection, identity.fingerprint, conversation_id)
            self._prove(connection, conversation_id, identity.email, "token", now, identity.fingerprint)
        return identity.email

    def prove_by_profile(self, conversation_id: str, address: str, method: str = "slack") -> str:
        """An address that the workspace itself vouches for; the caller has read it from there, never from a text.

        It takes the place of what the workspace vouched for before. `method` is "slack", or "slack_staff" for a member
        of the staff's user group. Raises InvalidAddress.
        """
        email = normalise(address)
        with store.locked(self._database, conversation_id) as connection:
            now = self._clock()
            store.end_proofs(connection, conversation_id, now, store.PROFILE, but=(email, method))
            if method != store.STAFF_PROFILE:
                store.end_staff(connection, email, now)
            self._prove(connection, conversation_id, email, method, now)
        return email

    def withdraw_profile(self, conversation_id: str) -> None:
        """The workspace vouches for this person no more; what was proven otherwise holds."""
        with store.locked(self._database, conversation_id) as connection:
            store.end_proofs(connection, conversation_id, self._clock(), store.PROFILE)

    def refuse_reason(self, conversation_id: str, address: str) -> Refusal | None:
        """Why this conversation may not see the record of an address; None when it may, as it has proven the address.

        Depends on the conversation's own proofs only, so that it tells nothing about the address. Staff rights are a
        question apart (`is_staff`).
        """
        with self._database.transaction() as connection:
            rows = store.proofs_of(connection, conversation_id)
        now, email = self._clock(), normalised(address)
        if any(row.email == email and row.expires_at > now for row in rows):
            return None
        if any(row.email == email for row in rows):
            return Refusal.PROOF_EXPIRED
        return Refusal.OTHER_ADDRESS if any(row.expires_at > now for row in rows) else Refusal.NOTHING_PROVEN

    def is_staff(self, address: str) -> bool:
        """Whether a proven address is on the allow-list, or its owner in the staff's user group; ask at each use."""
        email = normalised(address)
        if not email or email in self._staff:
            return bool(email)
        with self._database.transaction() as connection:
            return store.is_proven_by(connection, email, store.STAFF_PROFILE, self._clock())

    def log_lookup(
        self, conversation_id: str, channel: str, asker: str, subject: str, *, rights: str, outcome: str
    ) -> None:
        """Keep who looked at whose record: `rights` as a proof's method or "staff", `outcome` in a word."""
        texts = {"conversation_id": conversation_id, "channel": channel, "asker": asker, "subject": subject}
        with self._database.transaction() as connection:
            store.add_lookup(connection, self._clock(), {**texts, "rights": rights, "outcome": outcome})

    def purge(self, before: datetime.datetime) -> int:
        """Delete what is older than a moment, in batches, except what the limits still count; returns how many rows."""
        total, uncounted = 0, self._clock() - limits.COUNTED
        while True:
            with self._database.transaction() as connection:
                deleted = store.delete_before(connection, before, uncounted)
            if not deleted:
                return total
            total += deleted

    def _compare(self, connection: Connection, row: Row, code: str, now: datetime.datetime) -> CheckAnswer:
        if not store.count_try(connection, row.id, limits.TRIES_PER_CODE, now):
            return WrongCode(0)
        wrong_try = store.add_wrong_try(connection, row, now)
        right = matches(row.code_hash, self._secret, row.id, row.conversation_id, code, self._accepted)
        if not right or not store.use_code(connection, row.id, now):
            return WrongCode(limits.TRIES_PER_CODE - row.tries - 1)
        store.take_back(connection, wrong_try)
        self._prove(connection, row.conversation_id, row.email, "code", now)
        return Proven(row.email)

    def _prove(
        self,
        connection: Connection,
        conversation_id: str,
        email: str,
        method: str,
        now: datetime.datetime,
        token: str | None = None,
    ) -> None:
        store.keep_proof(connection, conversation_id, email, method, now, now + self._proof_lifetime, token)
