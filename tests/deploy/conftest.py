import threading
from http.server import ThreadingHTTPServer

import pytest

from tests.deploy.servers import Echo


@pytest.fixture()
def echoes():
    """Starts servers on loopback that answer with what has come."""
    begun = []

    def start():
        begun.append(ThreadingHTTPServer(("127.0.0.1", 0), Echo))
        begun[-1].asked, begun[-1].does = [], "answer"
        threading.Thread(target=begun[-1].serve_forever, daemon=True).start()
        return begun[-1]

    yield start
    for server in begun:
        server.shutdown()
