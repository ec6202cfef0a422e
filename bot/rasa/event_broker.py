"""Rasa's events on RabbitMQ where RABBITMQ_URL is set: what people write, for whoever evaluates it elsewhere.

The exchange, the queue and the form of an event are those of Rasa's PikaEventBroker. That one keeps Rasa from starting
for 100 seconds while RabbitMQ is away and then ends it, loses events before it is connected, keeps any number of them
in memory afterwards, and writes what people said into the log when one cannot be sent (rasa/core/brokers/pika.py). Here
events wait in a queue with a limit, and go out in their order whenever RabbitMQ takes them.
"""

import asyncio
import json
import logging
from asyncio import AbstractEventLoop
from collections import deque
from contextlib import suppress
from typing import Any, Deque, Dict, List, Optional, Tuple

import aio_pika
from rasa.core.brokers.pika import DEFAULT_QUEUE_NAME, PikaEventBroker
from rasa.utils.endpoints import EndpointConfig

from bot.settings import Settings

MOST_WAITING_BYTES = 20_000_000  # of events that RabbitMQ has not taken yet; then the oldest go
SENT_AT_ONCE = 100  # events, whose receipts are awaited together
BROKER_CONNECT_SECONDS, SEND_SECONDS, RECONNECT_SECONDS = 5.0, 10.0, 5.0
LAST_SECONDS = 3.0  # to send what waits, when the server ends
log = logging.getLogger(__name__)
WaitingEvent = Tuple[bytes, Any]  # an event and its headers


class QueuedEventBroker(PikaEventBroker):
    """Takes events at once and sends them later, each once or, where a receipt was lost, again; for endpoints.yml."""

    def __init__(self, url: str, event_loop: Optional[AbstractEventLoop] = None, **kwargs: Any) -> None:
        """Connect to nothing yet.

        Args:
            url: as the setting RABBITMQ_URL.
            event_loop: on which Rasa runs.
            kwargs: `queues` and `exchange_name` as Rasa's broker takes them.
        """
        super().__init__("", "", "", event_loop=event_loop, **{"queues": [DEFAULT_QUEUE_NAME], **kwargs})
        self._url = url
        self._waiting: Deque[WaitingEvent] = deque()
        self._bytes, self._lost = 0, 0
        self._more = asyncio.Event()
        self._sender: Optional[asyncio.Task[None]] = None
        self._away, self._works = False, False  # what the log knows of it; whether this connection has sent anything

    @classmethod
    async def from_endpoint_config(
        cls, broker_config: Optional[EndpointConfig], event_loop: Optional[AbstractEventLoop] = None
    ) -> Optional["QueuedEventBroker"]:
        """Called by Rasa; None where RABBITMQ_URL is empty, and then nothing is published."""
        url = Settings.load().rabbitmq_url
        if not url:
            return None
        broker = cls(url, event_loop, **(broker_config.kwargs if broker_config else {}))
        await broker.connect()
        return broker

    async def connect(self) -> None:
        """Begin to send; whether RabbitMQ is there shows later."""
        self._sender = asyncio.get_running_loop().create_task(self._send())

    def publish(self, event: Dict[str, Any], headers: Optional[Dict[str, str]] = None) -> None:
        """Take an event, for as soon as RabbitMQ does."""
        body = json.dumps(event).encode()
        self._waiting.append((body, headers))
        self._bytes += len(body)
        while self._bytes > MOST_WAITING_BYTES:
            self._bytes -= len(self._waiting.popleft()[0])
            self._lost += 1
        self._more.set()

    def is_ready(self) -> bool:
        """Whether it is connected."""
        return self._exchange is not None

    async def close(self) -> None:
        """Send what waits, as far as there is time, and close the connection."""
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._all_sent(), 0 if self._away else LAST_SECONDS)
        if self._sender is not None:
            self._sender.cancel()
        await self._disconnect()

    async def _all_sent(self) -> None:
        while self._waiting:
            await asyncio.sleep(0.02)

    async def _send(self) -> None:
        while True:
            try:
                if self._exchange is None:
                    await asyncio.wait_for(self._open(), BROKER_CONNECT_SECONDS)
                await self._more.wait()
                batch = [self._waiting[place] for place in range(min(SENT_AT_ONCE, len(self._waiting)))]
                await asyncio.wait_for(self._sent(batch), SEND_SECONDS)
                self._took(batch)
            except Exception as error:  # noqa: BLE001  whatever it is, people are answered
                at_once, self._works = self._works, False  # a connection that broke is made anew without waiting
                self._is_away(error)
                await self._disconnect()
                await asyncio.sleep(0 if at_once else RECONNECT_SECONDS)

    async def _open(self) -> None:
        self._connection = await aio_pika.connect(self._url, timeout=BROKER_CONNECT_SECONDS)
        channel = await self._connection.channel()
        self._exchange = await self._set_up_exchange(channel)

    async def _sent(self, batch: List[WaitingEvent]) -> None:
        assert self._exchange is not None
        messages = (
            aio_pika.Message(
                body=body, headers=headers, app_id=self.rasa_environment, delivery_mode=aio_pika.DeliveryMode.PERSISTENT
            )
            for body, headers in batch
        )
        await asyncio.gather(*(self._exchange.publish(message, "") for message in messages))

    def _took(self, batch: List[WaitingEvent]) -> None:
        """RabbitMQ has them; some may have gone for want of room meanwhile."""
        sent = {id(one) for one in batch}
        while self._waiting and id(self._waiting[0]) in sent:
            self._bytes -= len(self._waiting.popleft()[0])
        if not self._waiting:
            self._more.clear()
        self._works = True
        if self._away:
            self._away = False
            log.info("RabbitMQ takes events again; %d were lost for want of room", self._lost)
            self._lost = 0

    async def _disconnect(self) -> None:
        connection: Any = self._connection
        self._connection = None  # type: ignore[assignment]  # as Rasa's own has it before it connects
        self._exchange = None
        if connection is not None:
            with suppress(Exception):
                await asyncio.wait_for(connection.close(), BROKER_CONNECT_SECONDS)

    def _is_away(self, error: Exception) -> None:
        if not self._away:
            log.warning("RabbitMQ takes no events (%s): they wait, up to a limit", type(error).__name__)
        self._away = True
