"""Redis on a free port of loopback, which tests may stop and start again."""

import shutil
import subprocess
import time

import redis

from bench.machine import free_port
from tests.conftest import need


class RedisServer:
    """Runs until `stop`; `start` brings it back at the same address, empty."""

    def __init__(self, folder):
        need(shutil.which("redis-server") is not None, "redis-server")
        self.port = free_port()
        self.folder, self.url = folder, f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self):
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)]
        self.process = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)
        client = redis.Redis(port=self.port)
        for _ in range(3000):
            try:
                if client.ping():
                    return
            except redis.exceptions.ConnectionError:
                time.sleep(0.02)
        raise AssertionError("redis-server did not start")

    def stop(self):
        self.process.kill()
        self.process.wait(60)
