import contextlib
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
import yaml

from actions.server import FOR_ANYBODY
from bench.machine import free_port
from bench.replicas import balancer_configuration
from bot.settings import Settings
from bot.telemetry.requests import id_of
from tests.conftest import need
from tests.deploy.files import DEPLOY, DOOR, OF_OTHERS, compose, is_setting, may_be_secret, script
from tests.deploy.servers import answering

OURS = ("site", "rasa", "actions", "worker", "migrate", "backup")
PARTS = ("replicas", "observe")  # further files, which add services


def added(part):
    """What a further file adds."""
    return yaml.safe_load((DEPLOY / f"compose.{part}.yml").read_text(encoding="utf-8"))


def confined():
    """Each service that starts a container of its own, by its name."""
    found = {name: one for part in PARTS for name, one in added(part)["services"].items() if "image" in one}
    return {**compose()["services"], **found}


@pytest.mark.parametrize("service", confined())
def test_a_container_may_do_as_little_as_it_needs(service):
    one = confined()[service]
    assert one["read_only"] is True and one["cap_drop"] == ["ALL"]
    assert one["security_opt"] == ["no-new-privileges:true"]
    assert re.fullmatch("[1-9][0-9]*:[1-9][0-9]*", one["user"])
    assert not {"privileged", "cap_add", "pid", "network_mode", "devices"} & set(one)
    assert {"cpus", "memory", "pids"} == set(one["deploy"]["resources"]["limits"])
    assert one["restart"] == ("no" if service in ("migrate", "backup", "restore") else "unless-stopped")


def test_only_the_proxy_is_reached_from_outside():
    services = compose()["services"]
    assert [name for name, one in services.items() if "ports" in one] == ["proxy"]
    assert services["proxy"]["networks"] == ["edge"]
    assert [name for name, one in services.items() if "edge" in one["networks"]] == ["proxy", "site"]
    assert compose()["networks"]["inside"] == {"internal": True}
    for name in ("rasa", "postgres", "redis", "migrate", "backup"):
        assert services[name]["networks"] == ["inside"], "it needs nobody outside"
    assert added("replicas")["services"]["rasa-balancer"]["networks"] == ["inside"]
    assert added("observe")["services"]["prometheus"]["ports"] == ["127.0.0.1:9090:9090"]


def test_what_is_set_are_settings_and_no_secrets():
    for name, one in compose()["services"].items():
        for setting in one.get("environment", {}):
            assert is_setting(setting) or setting in OF_OTHERS, f"{name}: {setting}"
            assert not may_be_secret(setting), f"{name}: {setting}"
    assert all(one["file"].startswith("secrets/") for one in compose()["secrets"].values())
    ignored = Path(".gitignore").read_text(encoding="utf-8").splitlines()
    assert "deploy/secrets/" in ignored


def test_the_settings_hold_together():
    given = {**compose()["services"]["site"]["environment"], "SITE_SECRET_KEY": "k" * 32, "SITE_URL": "https://a.b"}
    settings = Settings.load(given)
    assert settings.rasa_url == "http://rasa:5005" and settings.rasa_host == settings.actions_host == "0.0.0.0"
    assert settings.worker_metrics_address == "0.0.0.0:9101" and "9101" in str(compose()["services"]["worker"])
    assert settings.actions_url == "http://actions:5055/webhook" and settings.trusted_proxies == 1


def test_nothing_starts_before_the_schema_is_there():
    services = compose()["services"]
    for name in ("site", "rasa", "actions", "worker"):
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert "migrate" not in services["backup"]["depends_on"]  # a backup before an upgrade migrates nothing
    assert services["migrate"]["depends_on"]["postgres"] == {"condition": "service_healthy"}


def test_health_is_asked_where_it_is_told(app):
    places = {"site": (8000, "/healthz"), "rasa": (5005, DOOR), "actions": (5055, "/health")}
    for name, (port, path) in places.items():
        *python, code = compose()["services"][name]["healthcheck"]["test"][1:]
        assert python == ["python", "-IS", "-c"]
        assert f'("127.0.0.1", {port})' in code and f'b"GET {path} HTTP/1.1' in code
    assert app.test_client().get("/healthz").status_code == 200 and "/health" in FOR_ANYBODY


@pytest.mark.parametrize(("does", "code"), [("answer", 0), ("refuse", 1), ("end", 1)])
def test_a_health_check_believes_nothing_but_a_200(echoes, does, code):
    server = echoes()
    server.does, written = does, compose()["services"]["actions"]["healthcheck"]["test"][-1]
    asked = written.replace("5055", str(server.server_port))
    assert subprocess.run([sys.executable, "-IS", "-c", asked], timeout=20, check=False).returncode == code


def test_what_is_written_lies_where_it_may_be_written():
    for name in OURS:
        places = [one.partition(":")[0] for one in compose()["services"][name]["tmpfs"]]
        assert {"/tmp", "/srv/assistant/var"} == set(places)
    volumes = {
        one.partition(":")[0] for service in compose()["services"].values() for one in service.get("volumes", ())
    }
    assert volumes == set(compose()["volumes"])


def test_the_studio_changes_nothing_but_image_room_and_memory():
    studio = yaml.safe_load((DEPLOY / "compose.studio.yml").read_text(encoding="utf-8"))["services"]
    assert set(studio) == {"site", "worker"}
    assert all(set(one) == {"image", "build", "tmpfs", "deploy"} for one in studio.values())
    assert all(one["build"]["target"] == "studio" for one in studio.values())


@pytest.fixture()
def secrets(tmp_path, monkeypatch):
    """The script that makes the first secrets, in a folder of its own."""
    monkeypatch.syspath_prepend(DEPLOY)
    module = script("first_settings.py")
    monkeypatch.setattr(module, "FOLDER", tmp_path / "secrets")
    monkeypatch.setattr(module.os, "chown", lambda *args: None)
    return module


def test_the_first_settings_are_taken_and_fit_each_other(secrets, tmp_path, monkeypatch):
    secrets.main(["help.example.com", "--own-certificate"])
    made = {path.name: path.read_text() for path in secrets.FOLDER.iterdir()}
    assert set(made) == {Path(one["file"]).name for one in compose()["secrets"].values()} | {"settings.env"}
    assert all(path.stat().st_mode & 0o777 == 0o400 for path in secrets.FOLDER.iterdir())
    for name in Settings.__fields__:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    Path(".env").symlink_to("secrets/site.env")  # as in the image
    settings = Settings.load()
    assert settings.site_url == "https://help.example.com" and len(settings.site_secret_key) == 64
    assert settings.database_url == f"postgresql://assistant:{made['postgres_password']}@postgres/assistant"
    assert f"requirepass {settings.redis_url.partition('@')[0].rpartition(':')[2]}\n" in made["redis.conf"]


def test_what_was_made_stays(secrets, capsys):
    secrets.main(["help.example.com"])
    before = (secrets.FOLDER / "settings.env").read_text()
    assert "Put the certificate" in capsys.readouterr().out
    secrets.main(["other.example.com", "--own-certificate"])
    assert (secrets.FOLDER / "settings.env").read_text() == before
    assert "BEGIN CERTIFICATE" in (secrets.FOLDER / "certificate.pem").read_text()


def test_who_is_taken_off_a_list_is_out_once_the_files_are_made_again(secrets, tmp_path, monkeypatch):
    secrets.main(["help.example.com"])
    for name in Settings.__fields__:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    Path(".env").symlink_to("secrets/site.env")
    source, before = secrets.FOLDER / "settings.env", (secrets.FOLDER / "site.env").stat().st_ino
    kept = source.read_text()
    for listed in ("anna@example.com,bob@example.com", "anna@example.com"):
        source.chmod(0o600)
        source.write_text(kept.replace("STAFF_EMAILS=", f"STAFF_EMAILS={listed}"))
        secrets.split(source, secrets.FOLDER)
        assert Settings.load().staff_now() == set(listed.split(","))
    assert (secrets.FOLDER / "site.env").stat().st_ino == before, "a container has this very file"
    assert (secrets.FOLDER / "site.env").stat().st_mode & 0o777 == 0o400


def test_each_container_has_the_settings_of_its_own_process():
    for name in OURS:
        (mounted,) = compose()["services"][name]["secrets"]
        assert mounted["target"] == "/run/secrets/assistant/settings.env"
        assert compose()["secrets"][mounted["source"]]["file"] == f"secrets/{name}.env"


def test_a_backup_comes_back_to_where_the_nightly_one_took_it_from():
    nightly, back = compose()["services"]["backup"], compose()["services"]["restore"]
    assert back["image"] == nightly["image"] and back["profiles"] == nightly["profiles"]
    assert {volume.removesuffix(":ro") for volume in nightly["volumes"]} == set(back["volumes"])
    assert back["secrets"] == compose()["services"]["worker"]["secrets"], "an erasure is done again wherever it reaches"


@pytest.mark.parametrize("name", ["haproxy.cfg", "rasa.cfg"])
def test_the_proxies_take_their_configuration(name, tmp_path, secrets):
    certificate = tmp_path / "certificate.pem"
    certificate.write_text(secrets.certificate("help.example.com"))
    written = (DEPLOY / "proxy" / name).read_text(encoding="utf-8")
    (tmp_path / name).write_text(written.replace("/run/secrets/certificate.pem", str(certificate)))
    done = subprocess.run([program(), "-c", "-f", tmp_path / name], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    targets = {one["target"] for one in compose()["services"]["proxy"]["secrets"]}
    assert name == "rasa.cfg" or targets == set(re.findall(r"crt (\S+)", written))


def program():
    haproxy = shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    need(haproxy is not None, "haproxy")
    return haproxy


@pytest.mark.parametrize(("kind", "name"), [("site", "haproxy.cfg"), ("rasa", "rasa.cfg")])
def test_a_balancer_here_does_as_the_documented_one(kind, name):
    written = {line.strip() for line in (DEPLOY / "proxy" / name).read_text(encoding="utf-8").splitlines()}
    wanted = {line.strip() for line in balancer_configuration({kind: 1}, {}).splitlines()}
    here = (
        "listen ",
        "bind ",
        "timeout ",
        "default-server ",
        "http-request deny",
        "http-request set-header X-Forwarded",
    )
    assert {line for line in wanted if not line.startswith(here)} - written == set()


@contextlib.contextmanager
def running(name, changes, tmp_path, address):
    """HAProxy with a configuration of ours, changed to what is here, once it gives requests on at an address."""
    text = (DEPLOY / "proxy" / name).read_text(encoding="utf-8")
    for written, here in changes.items():
        assert written in text
        text = text.replace(written, here)
    (tmp_path / name).write_text(text)
    process = subprocess.Popen([program(), "-db", "-f", tmp_path / name], stdout=subprocess.DEVNULL)
    try:
        answering(address)
        yield
    finally:
        process.terminate()
        process.wait(60)


@pytest.fixture()
def site(echoes):
    return echoes()


@pytest.fixture()
def proxy(tmp_path, secrets, site):
    """HAProxy with its configuration before a server on loopback; a client of its, and its plain address."""
    certificate, (plain, tls) = tmp_path / "certificate.pem", (free_port(), free_port())
    certificate.write_text(secrets.certificate("localhost"))
    changes = {
        "/run/secrets/certificate.pem": str(certificate),
        "bind :8080": f"bind 127.0.0.1:{plain}",
        "bind :8443": f"bind 127.0.0.1:{tls}",
        "1-4 site:8000": f"1-1 127.0.0.1:{site.server_port}",
        " resolvers docker init-addr libc,none": "",
    }
    address = f"https://127.0.0.1:{tls}"
    begun = running("haproxy.cfg", changes, tmp_path, address)
    with begun, httpx.Client(verify=False, base_url=address, trust_env=False) as client:
        yield client, f"http://127.0.0.1:{plain}"


def test_a_conversation_keeps_its_rasa_and_goes_to_another_at_once_where_that_is_dead(tmp_path, echoes):
    rasas, port = [echoes(), echoes()], free_port()
    servers = "\n".join(f"    server rasa-{rasa.server_port} 127.0.0.1:{rasa.server_port}" for rasa in rasas)
    changes = {
        "bind :5005": f"bind 127.0.0.1:{port}",
        "    server-template rasa- 1-8 rasa:5005": servers,
        " resolvers docker init-addr libc,none": "",
        "inter 500ms": "inter 60s",  # that one is dead is found out by the message alone
    }
    address = f"http://127.0.0.1:{port}/"

    def asked(*numbers):
        headers = {number: {"X-Conversation-ID": f"conversation-{number}"} for number in numbers}
        with httpx.Client(trust_env=False) as client:
            answers = {number: client.post(address, headers=headers[number]) for number in numbers}
        assert {answer.status_code for answer in answers.values()} == {200}
        return {number: int(answer.headers["X-Port"]) for number, answer in answers.items()}

    with running("rasa.cfg", changes, tmp_path, address):
        before = asked(*range(31))
        dead, alive = (rasa.server_port for rasa in rasas)
        assert asked(*range(31)) == before and set(before.values()) == {dead, alive}
        rasas[0].shutdown()
        rasas[0].server_close()
        began = time.monotonic()
        assert set(asked(*range(31)).values()) == {alive}
        assert time.monotonic() - began < 10


def test_the_proxy_tells_the_site_who_asks_and_by_what(proxy):
    client, plain = proxy
    forged = {"X-Forwarded-For": "10.0.0.1", "Forwarded": "for=10.0.0.1", "X-Forwarded-Proto": "http"}
    forged |= {"X-Request-ID": "of-a-stranger", "traceparent": f"00-{'a' * 32}-{'b' * 16}-01"}
    told = {name.lower(): value for name, value in client.get("/", headers=forged).json().items()}
    assert told["x-forwarded-for"] == "127.0.0.1" and told["x-forwarded-proto"] == "https"
    assert id_of(told["x-request-id"]) == told["x-request-id"] != "of-a-stranger" and "traceparent" not in told
    assert "forwarded" not in told and told["host"].startswith("127.0.0.1:")
    assert [client.get(path).status_code for path in ("/metrics", "/readyz", "/faq/x")] == [404, 404, 200]
    moved = httpx.get(f"{plain}/faq/x?a=1", trust_env=False)
    assert moved.status_code == 301 and moved.headers["location"].endswith("/faq/x?a=1")
    assert moved.headers["location"].startswith("https://")


MESSAGE = {"text": "hello", "id": "one"}


def test_who_says_that_there_is_too_much_to_do_is_not_asked_again(proxy, site):
    client, _ = proxy
    site.asked.clear()
    site.does = "refuse"
    sent = [("GET", "/faq/x", None), ("POST", "/api/messages", MESSAGE), ("POST", "/api/tickets", {"topic": "x"})]
    for method, path, body in sent:
        assert client.request(method, path, json=body).status_code == 503
    assert [(method, path) for method, path, _ in site.asked] == [(method, path) for method, path, _ in sent]


@pytest.mark.parametrize(
    ("method", "path", "body", "again"),
    [
        ("GET", "/faq/x", None, True),
        ("POST", "/api/messages", MESSAGE, True),
        ("POST", "/api/messages", {"text": 'my "id" is 7'}, False),
        ("POST", "/api/tickets", MESSAGE, False),
        ("POST", "/console/sign-in", None, False),
    ],
)
def test_only_what_may_be_repeated_is_sent_again_where_no_answer_came(proxy, site, method, path, body, again):
    client, _ = proxy
    site.asked.clear()
    site.does = "end"
    assert client.request(method, path, json=body).status_code == 502
    assert len(site.asked) == (3 if again else 1)
