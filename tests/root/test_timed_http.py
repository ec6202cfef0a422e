"""What a server may take its time for ends all the same."""

import socket
import threading
import time

import httpx
import pytest

from bot.timed_http import timed, within


@pytest.fixture()
def dribbling():
    """The address of a server that says a little, again and again; what it says is put into the list."""
    says, done = [b"x"], threading.Event()

    def answer(connection):
        with connection:
            connection.recv(65536)
            try:
                connection.sendall(b"".join(says[:-1]))
                while not done.wait(0.05):
                    connection.sendall(says[-1])
            except OSError:
                return

    def serve():
        while True:
            try:
                threading.Thread(target=answer, args=(listening.accept()[0],), daemon=True).start()
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/", says
        done.set()


@pytest.mark.parametrize(
    "said",
    [
        [b"H"],
        [b"HTTP/1.1 100 Continue\r\n\r\n"],
        [b"HTTP/1.1 200 OK\r\n", b"X: 1\r\n"],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x"],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"],
    ],
)
@pytest.mark.parametrize("proxy", [False, True])
def test_a_server_that_dribbles_is_left_when_the_time_is_over(dribbling, said, proxy, monkeypatch):
    address, says = dribbling
    says[:] = said
    if proxy:
        monkeypatch.setenv("HTTP_PROXY", address)
        monkeypatch.setenv("NO_PROXY", "")
    began = time.monotonic()
    with timed(httpx.Client(timeout=30)) as client, pytest.raises(httpx.TimeoutException), within(0.3):
        client.get("http://nowhere.example/" if proxy else address)
    assert time.monotonic() - began < 10


def test_outside_of_such_a_block_the_clients_own_time_outs_count(dribbling):
    address, says = dribbling
    says[:] = [b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", b"x"]
    with timed(httpx.Client(timeout=30)) as client:
        assert client.get(address).text == "xxxx"
    with timed(httpx.Client(timeout=30)) as client, within(60), within(120):
        assert client.get(address).text == "xxxx"
