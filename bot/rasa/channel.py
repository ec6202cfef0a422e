"""Rasa's only door: takes messages that the site has signed, and never reads typed text as a command."""

import asyncio
import logging
import re
import time
from pathlib import Path
from typing import Any, Awaitable, Callable, Dict, List, Optional, Sequence

from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.errors import InvalidToken
from bot.live import folder_of
from bot.nlu.encoding.encoder import cores_are_free
from bot.rasa import patches
from bot.rasa.metrics import MESSAGE_SECONDS
from bot.rasa.models import Models, answer_with
from bot.rasa.preview import Drafts, UnknownDraft
from bot.rasa.ranking import faq_ranking
from bot.rasa.reading import ShortMessages, read_apart
from bot.rasa.shortcuts import close_connections
from bot.settings import Settings
from bot.telemetry.metrics import FORBIDDEN, PROXY_HEADERS, MetricsReaders, exposition
from bot.telemetry.traces import configure_traces, taken_over
from bot.tokens import MessageToken, verify_message_token

PAYLOAD = re.compile(r"/[a-z_]+(/[a-z0-9_]+)?")
RASA_COMMANDS = ("/restart", "/back", "/session_start")  # Rasa's own: no button of ours carries them
DOOR = "/webhooks/site/"
WITHOUT_API = "rasa_core_no_api"  # Rasa's name of its server, unless --enable-api: that has an --auth-token of its own
CLOSED = {"error": "This port takes messages that the site has signed, and nothing else."}
log = logging.getLogger(__name__)
LEADING_SLASHES = re.compile(r"^[\s/]+")


async def refuse_the_rest(request: Request) -> Optional[HTTPResponse]:
    """Nothing on Rasa's port answers to strangers but the door itself, not even Rasa's greeting with its version."""
    return None if request.path.startswith(DOOR) else response.json(CLOSED, status=401)


class Collector(CollectingOutputChannel):
    """Gathers the replies to one message, under the name of the channel the person uses."""

    def __init__(self, channel: str) -> None:
        """Start empty."""
        super().__init__()
        self._channel = channel
        self.replies: List[Dict[str, Any]] = []

    def name(self) -> str:
        """The person's channel; Rasa picks the response variant by it."""
        return self._channel

    async def send_response(self, recipient_id: str, message: Dict[str, Any]) -> None:
        """Keep text, buttons and the name of the utterance."""
        self.replies.append(
            {
                "text": message.get("text") or "",
                "buttons": message.get("buttons") or [],
                "utterance": message.get("utter_action") or "",
            }
        )


class SiteChannel(InputChannel):
    """POST /webhooks/site/webhook with a signed token; see bot/conversations/assistant.py for the other end."""

    @classmethod
    def name(cls) -> str:
        """Part of the address."""
        return "site"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[str, Any]]) -> "SiteChannel":
        """The secret is a setting, not a credential file's; called once, when the server starts."""
        patches.apply()
        settings = Settings.load()
        configure_traces("rasa", settings.otel_exporter_otlp_endpoint, settings.otel_exporter_otlp_headers)
        readers = MetricsReaders(settings.metrics_networks, settings.metrics_token)
        accepted = settings.site_secret_keys_accepted
        return cls(settings.site_secret_key, folder_of(settings), readers, accepted, settings.redis_url)

    def __init__(
        self,
        secret: str,
        content: Optional[Path] = None,
        readers: MetricsReaders = MetricsReaders(()),
        accepted: Sequence[str] = (),
        redis_url: str = "",
    ) -> None:
        """Begin without a model.

        Args:
            secret: the key that tokens are signed with.
            content: where publications are; None where none are followed.
            readers: who may read metrics.
            accepted: further keys whose tokens count.
            redis_url: the setting REDIS_URL.
        """
        self._secret, self._accepted, self._content = secret, accepted, content
        self._short, self._readers, self._redis_url = ShortMessages(), readers, redis_url
        self._models: Optional[Models] = None
        self._drafts: Optional[Drafts] = None

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """What comes in here: messages, and searches of the FAQs."""
        door = Blueprint("site_door", __name__)

        @door.listener("before_server_start")
        async def shut_the_rest(app: Sanic, loop: Any) -> None:
            if app.name == WITHOUT_API:
                app.register_middleware(refuse_the_rest)

        @door.listener("after_server_start")
        async def follow(app: Sanic, loop: Any) -> None:
            self._follow(getattr(app.ctx, "agent", None), loop)

        @door.listener("after_server_stop")
        async def close(app: Sanic, loop: Any) -> None:
            await close_connections()

        @door.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            return response.json({"status": "ok", **(self._models.health() if self._models else {})})

        @door.route("/metrics", methods=["GET"])
        async def metrics(request: Request) -> HTTPResponse:
            return self._metrics(request)

        @door.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            return await self._receive(request, on_new_message)

        @door.route("/preview", methods=["POST"])
        async def preview(request: Request) -> HTTPResponse:
            return await self._preview(request)

        @door.route("/faqs", methods=["POST"])
        async def faqs(request: Request) -> HTTPResponse:
            return await self._faqs(request)

        return door

    def _follow(self, agent: Optional[Agent], loop: asyncio.AbstractEventLoop) -> None:
        if self._content is not None and agent is not None:
            self._drafts = Drafts(self._content / "models", self._redis_url)
            self._models = Models(agent, self._content, loop)
            self._models.follow()

    def _token(self, request: Request) -> MessageToken:
        return verify_message_token(self._secret, _bearer(request), self._accepted)

    async def _receive(self, request: Request, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> HTTPResponse:
        try:
            token = self._token(request)
        except InvalidToken:
            return response.json({"error": "invalid token"}, status=401)
        message = user_message(request.json, token)
        if message is None:
            return response.json({"error": "needs text or payload"}, status=400)
        with taken_over(request.headers, "answer message") as traced:
            began = time.perf_counter()
            await self._answer(message, getattr(request.app.ctx, "agent", None), on_new_message)
            answer = _replies(message)
            _tell(answer, time.perf_counter() - began)
            if answer.status >= 500:
                traced.fail("no reply")
        return answer

    async def _answer(
        self,
        message: UserMessage,
        agent: Optional[Agent],
        on_new_message: Callable[[UserMessage], Awaitable[Any]],
    ) -> None:
        processor = agent.processor if agent else None  # another model may answer before this message is done
        cores_are_free.set(self._short.one_at_most)
        with self._short.counted(message):
            await read_apart(message, processor, self._short)
            await (answer_with(agent, processor, message) if agent and processor else on_new_message(message))

    def _metrics(self, request: Request) -> HTTPResponse:
        forwarded = any(name in request.headers for name in PROXY_HEADERS)
        if not self._readers.may_read(request.headers.get("authorization") or "", request.ip, forwarded):
            return response.json({"error": FORBIDDEN}, status=403)
        body, media_type = exposition()
        return response.raw(body, content_type=media_type)

    async def _preview(self, request: Request) -> HTTPResponse:
        try:
            token = self._token(request)
        except InvalidToken:
            return response.json({"error": "invalid token"}, status=401)
        message = user_message(request.json, token)
        model = request.json.get("model") if isinstance(request.json, dict) else None
        if message is None or not isinstance(model, str):
            return response.json({"error": "needs a model, and text or payload"}, status=400)
        if self._drafts is None:
            return response.json({"error": "no publications are followed"}, status=404)
        try:
            await self._drafts.answer(model, message, request.app.ctx.agent)
        except UnknownDraft as error:
            return response.json({"error": str(error)}, status=404)
        return _replies(message)

    async def _faqs(self, request: Request) -> HTTPResponse:
        try:
            self._token(request)
        except InvalidToken:
            return response.json({"error": "invalid token"}, status=401)
        text = request.json.get("text") if isinstance(request.json, dict) else None
        if not isinstance(text, str) or not text.strip():
            return response.json({"error": "needs text"}, status=400)
        with taken_over(request.headers, "rank FAQs"):
            ranking = await faq_ranking(harmless(text), getattr(request.app.ctx, "agent", None))
        return response.json({"faqs": ranking})


def _replies(message: UserMessage) -> HTTPResponse:
    replies = message.output_channel.replies
    if not replies:  # Rasa swallows the failure of an action, a silent bot is the only sign of it
        return response.json({"error": "no reply"}, status=503)
    return response.json({"messages": replies})


def _tell(answer: HTTPResponse, seconds: float) -> None:
    """Count and log a message that was answered, or not."""
    failed = answer.status >= 500
    MESSAGE_SECONDS.labels("failed" if failed else "answered").observe(seconds)
    fields = {"route": f"{DOOR}webhook", "status": answer.status, "milliseconds": round(seconds * 1000, 1)}
    log.log(logging.ERROR if failed else logging.INFO, "request", extra={"fields": fields})


def _bearer(request: Request) -> str:
    scheme, _, token = (request.headers.get("authorization") or "").partition(" ")
    if scheme.lower() != "bearer":
        raise InvalidToken("no bearer token")
    return token


def user_message(body: Any, token: MessageToken) -> Optional[UserMessage]:
    """The message for Rasa, or None when the body has neither text nor payload."""
    if not isinstance(body, dict):
        return None
    text, payload = body.get("text"), body.get("payload")
    about = {"context": body.get("context"), "email": token.email}
    collector = Collector(token.channel)
    common = {"sender_id": token.conversation_id, "input_channel": token.channel, "metadata": about}
    if isinstance(payload, str) and PAYLOAD.fullmatch(payload) and payload not in RASA_COMMANDS:
        return UserMessage(payload, collector, parse_data=chosen(payload), **common)
    if isinstance(text, str) and text.strip():
        return UserMessage(harmless(text), collector, **common)
    return None


def harmless(text: str) -> str:
    """Typed text without any leading slash: Rasa takes what begins with one, blanks aside, for a command."""
    return LEADING_SLASHES.sub("", text).strip() or "?"


def chosen(payload: str) -> Dict[str, Any]:
    """Parse data for a button: `/faq/privacy_settings` or `/escalate`."""
    label = payload.lstrip("/")
    intent = label.split("/", 1)[0]
    parsed: Dict[str, Any] = {
        "text": payload,
        "intent": {"name": intent, "confidence": 1.0},
        "intent_ranking": [{"name": intent, "confidence": 1.0}],
        "entities": [],
        "candidates": [],
        "questions": [],
        "response_selector": {},
    }
    if "/" in label:
        answer = {
            "intent_response_key": label,
            "utter_action": f"utter_{label}",
            "confidence": 1.0,
            "responses": [],
        }
        ranking = [{"intent_response_key": label, "confidence": 1.0}]
        parsed["response_selector"] = {intent: {"response": answer, "ranking": ranking}}
    return parsed
