"""The dialogue alone: a core model trained here in seconds, and the real action server on loopback."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

import bot.clock
from bench.machine import free_port
from bot import bootstrap
from bot.issuance.samples import load_samples
from bot.nlu.text import language
from bot.nlu.text.catalogue import read_catalogue
from bot.outbox.service import Outbox
from bot.settings import Settings
from bot.tokens import action_key
from tests.conftest import SECRET, age_tickets
from tests.stories.learner import Learner
from tests.stories.mailbox import Mailbox


@pytest.fixture(scope="session")
def services(tmp_path_factory):
    """What the action server works on, for the tests to look at: the sample learners, nothing sent yet."""
    folder = tmp_path_factory.mktemp("database")
    built = bootstrap.build(Settings.load(environment(folder)))
    load_samples(built.database, built.catalogue.key, built.issuance.today())
    return built


@pytest.fixture(autouse=True)
def another_day(services):
    """Tests share the database and the addresses."""
    age_tickets(services.database)


def environment(folder):
    return {"SITE_SECRET_KEY": SECRET, "DATABASE_URL": f"sqlite:///{folder}/bot.db"}


@pytest.fixture(scope="session")
def action_server(services):
    port = free_port()
    url = f"http://127.0.0.1:{port}/webhook"
    env = {
        **os.environ,
        "ACTIONS_URL": url,
        "SITE_SECRET_KEY": services.settings.site_secret_key,
        "DATABASE_URL": services.settings.database_url,
        "STAFF_EMAILS": "staff@example.com",
    }
    process = subprocess.Popen([sys.executable, "-m", "actions"], env=env)
    deadline = time.monotonic() + 240
    with socket.socket() as probe:
        while probe.connect_ex(("127.0.0.1", port)):
            assert time.monotonic() < deadline, "the action server does not answer"
            with pytest.raises(subprocess.TimeoutExpired):  # it must not end meanwhile
                process.wait(0.1)
    yield url
    process.terminate()
    process.wait(60)


@pytest.fixture(scope="session")
def core_model(tmp_path_factory):
    from rasa.model_training import train_core

    folder = tmp_path_factory.mktemp("core")
    with open("config.yml", encoding="utf-8") as file:
        config = {**yaml.safe_load(file), "pipeline": []}
    (folder / "config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    return train_core("domain.yml", str(folder / "config.yml"), "data", str(folder / "models"))


@pytest.fixture(scope="session")
def talk(core_model, action_server):
    """A message of ours to the replies as the site gets them."""
    from rasa.core.agent import Agent
    from rasa.utils.endpoints import EndpointConfig

    from bot.rasa import patches

    patches.apply()
    key = {"Authorization": f"Bearer {action_key(SECRET)}"}
    endpoint = EndpointConfig(action_server, headers=key, enable_selective_domain=True)
    agent = Agent.load(core_model, action_endpoint=endpoint)
    loop = asyncio.new_event_loop()

    def say(message):
        loop.run_until_complete(agent.handle_message(message))
        return message.output_channel.replies

    say.agent = agent
    yield say
    loop.close()


@pytest.fixture(scope="session")
def words():
    return language.build(read_catalogue(Path("data/catalogue.yml")))


@pytest.fixture()
def mailbox(services):
    box = Mailbox()
    box.outbox = Outbox(services.database, {"mail": box}, bot.clock.now)
    return box


@pytest.fixture()
def learner(talk, words, mailbox):
    return Learner(talk, words, mailbox)


@pytest.fixture()
def stranger(talk, words, mailbox):
    return Learner(talk, words, mailbox)
