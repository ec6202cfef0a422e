import pytest

from bot import bootstrap
from bot.settings import Settings
from tests.conftest import SECRET


@pytest.fixture()
def services(database_url):
    built = bootstrap.build(Settings.load({"SITE_SECRET_KEY": SECRET, "DATABASE_URL": database_url}))
    yield built
    built.database.engine.dispose()
