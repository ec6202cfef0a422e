"""The other end of Slack's Socket Mode on loopback: sends envelopes and records what is acknowledged."""

import asyncio
import json
import queue
import threading

import websockets


class SlackSocket:
    """One connection at a time; `acknowledged` has the envelope ids."""

    def __init__(self):
        self.acknowledged, self._connected = queue.Queue(), queue.Queue()
        self._loop, ready = asyncio.new_event_loop(), threading.Event()
        self.thread = threading.Thread(target=self._serve, args=(ready,), daemon=True)
        self.thread.start()
        assert ready.wait(60)

    def connection(self):
        """The next connection that is made."""
        return self._connected.get(timeout=60)

    def send(self, connection, kind, payload, envelope_id="e1"):
        """An envelope; returns the id that is acknowledged next."""
        envelope = {"type": kind, "envelope_id": envelope_id, "payload": payload, "accepts_response_payload": True}
        self._run(connection.send(json.dumps(envelope)))
        return self.acknowledged.get(timeout=60)

    def drop(self, connection):
        """Break the connection off."""
        self._run(connection.close())

    def close(self):
        self._run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self.thread.join()

    def _run(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    async def _stop(self):
        self._server.close()
        await self._server.wait_closed()

    def _serve(self, ready):
        asyncio.set_event_loop(self._loop)
        self._server = self._loop.run_until_complete(websockets.serve(self._talk, "127.0.0.1", 0))
        self.url = f"ws://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/link"
        ready.set()
        self._loop.run_forever()

    async def _talk(self, connection, path=None):
        await connection.send(json.dumps({"type": "hello", "num_connections": 1}))
        self._connected.put(connection)
        async for message in connection:
            self.acknowledged.put(json.loads(message).get("envelope_id"))
