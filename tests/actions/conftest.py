"""Actions on services of their own, with the sample learners."""

import pytest

from actions.services import use
from bot.content.responses import render
from bot.issuance.samples import load_samples


@pytest.fixture()
def acting(services):
    """The services that actions work on."""
    load_samples(services.database, services.catalogue.key, services.issuance.today())
    use(services)
    yield services
    use(None)


@pytest.fixture()
def told():
    """What a person reads of an action's answer."""

    def read(answer):
        return "\n".join(render(say.utterance, say.values) for say in getattr(answer, "says", answer))

    return read


@pytest.fixture()
def prove(acting, monkeypatch):
    """Proves addresses for the conversation c1, as a typed code does."""
    codes = []
    monkeypatch.setattr(acting.identity, "_send", lambda connection, address, code, until: codes.append(code))

    def by_code(*addresses):
        for address in addresses:
            acting.identity.request_code("c1", address, "site")
            acting.identity.check_code("c1", codes[-1])

    return by_code
