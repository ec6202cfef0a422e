"""Redis on a free port of loopback, which tests may stop and start again."""

import shutil
import socket
import subprocess
import time

import redis

from tests.conftest import need


class RedisServer:
    """Runs until `stop`; `start` brings it back at the same address, empty."""

    def __init__(self, folder):
        need(shutil.which("redis-server") is not None, "redis-server")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.folder, self.url = folder, f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self):
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)]
        self.process = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)
        client = redis.Redis(port=self.port)
        for _ in range(500):
            try:
                if client.ping():
                    return
            except redis.exceptions.ConnectionError:
                time.sleep(0.02)
        raise AssertionError("redis-server did not start")

    def stop(self):
        self.process.kill()
        self.process.wait(10)
