import pytest

from bot.attachments.store import store_of
from tests.servers.s3 import S3Server


@pytest.fixture()
def s3():
    server = S3Server()
    yield server
    server.close()


@pytest.fixture(params=["folder", "s3"])
def store_url(request, tmp_path):
    """ATTACHMENTS_URL of every kind."""
    return f"folder:{tmp_path}/attachments" if request.param == "folder" else request.getfixturevalue("s3").url()


@pytest.fixture()
def store(store_url):
    return store_of(store_url)
