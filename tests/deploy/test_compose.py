import contextlib
import importlib.util
import json
import re
import shutil
import socket
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
import yaml

from actions.server import FOR_ANYBODY
from bot.settings import Settings
from tests.conftest import need
from tests.deploy.files import DEPLOY, DOOR, OF_OTHERS, compose, is_setting, may_be_secret

OURS = ("site", "rasa", "actions", "worker", "migrate")


@pytest.mark.parametrize("service", compose()["services"])
def test_a_container_may_do_as_little_as_it_needs(service):
    one = compose()["services"][service]
    assert one["read_only"] is True and one["cap_drop"] == ["ALL"]
    assert one["security_opt"] == ["no-new-privileges:true"]
    assert re.fullmatch("[1-9][0-9]*:[1-9][0-9]*", one["user"])
    assert not {"privileged", "cap_add", "pid", "network_mode", "devices"} & set(one)
    assert {"cpus", "memory"} <= set(one["deploy"]["resources"]["limits"])
    assert one["restart"] == ("no" if service == "migrate" else "unless-stopped")


def test_only_the_proxy_is_reached_from_outside():
    services = compose()["services"]
    assert [name for name, one in services.items() if "ports" in one] == ["proxy"]
    assert services["proxy"]["networks"] == ["edge"]
    assert [name for name, one in services.items() if "edge" in one["networks"]] == ["proxy", "site"]
    assert compose()["networks"]["inside"] == {"internal": True}
    for name in ("rasa", "postgres", "redis", "migrate"):
        assert services[name]["networks"] == ["inside"], "it needs nobody outside"


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
    assert settings.actions_url == "http://actions:5055/webhook" and settings.trusted_proxies == 1


def test_nothing_starts_before_the_schema_is_there():
    services = compose()["services"]
    for name in ("site", "rasa", "actions", "worker"):
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert services["migrate"]["depends_on"]["postgres"] == {"condition": "service_healthy"}


def test_health_is_asked_where_it_is_told(app):
    asked = {name: str(one.get("healthcheck")) for name, one in compose()["services"].items()}
    assert "127.0.0.1:8000/healthz" in asked["site"] and app.test_client().get("/healthz").status_code == 200
    assert f"127.0.0.1:5005{DOOR}" in asked["rasa"]
    assert "127.0.0.1:5055/health" in asked["actions"] and "/health" in FOR_ANYBODY


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
    found = importlib.util.spec_from_file_location("first_settings", DEPLOY / "first_settings.py")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    monkeypatch.setattr(module, "FOLDER", tmp_path / "secrets")
    monkeypatch.setattr(module.os, "chown", lambda *args: None)
    return module


def test_the_first_settings_are_taken_and_fit_each_other(secrets, tmp_path, monkeypatch):
    secrets.main(["help.example.com", "--own-certificate"])
    made = {path.name: path.read_text() for path in secrets.FOLDER.iterdir()}
    assert set(made) == {Path(one["file"]).name for one in compose()["secrets"].values()}
    assert all(path.stat().st_mode & 0o777 == 0o400 for path in secrets.FOLDER.iterdir())
    for name in Settings.__fields__:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    Path(".env").symlink_to("secrets/settings.env")  # as in the image
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


def test_the_proxy_takes_its_configuration(tmp_path, secrets):
    haproxy = shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    need(haproxy is not None, "haproxy")
    certificate = tmp_path / "certificate.pem"
    certificate.write_text(secrets.certificate("help.example.com"))
    written = (DEPLOY / "proxy/haproxy.cfg").read_text(encoding="utf-8")
    (tmp_path / "haproxy.cfg").write_text(written.replace("/run/secrets/certificate.pem", str(certificate)))
    done = subprocess.run([haproxy, "-c", "-f", tmp_path / "haproxy.cfg"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    targets = {one["target"] for one in compose()["services"]["proxy"]["secrets"]}
    assert targets == set(re.findall(r"crt (\S+)", written))


class Echo(BaseHTTPRequestHandler):
    """Answers with the headers that have come."""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(dict(self.headers.items())).encode())

    def log_message(self, *args):
        pass


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture()
def proxy(tmp_path, secrets):
    """HAProxy with its configuration before a server on loopback; a client of its, and its plain address."""
    haproxy = shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    need(haproxy is not None, "haproxy")
    site = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    certificate, (plain, tls) = tmp_path / "certificate.pem", (free_port(), free_port())
    certificate.write_text(secrets.certificate("localhost"))
    changes = {
        "/run/secrets/certificate.pem": str(certificate),
        "bind :8080": f"bind 127.0.0.1:{plain}",
        "bind :8443": f"bind 127.0.0.1:{tls}",
        "1-4 site:8000": f"1-1 127.0.0.1:{site.server_port}",
        " resolvers docker init-addr libc,none": "",
    }
    text = (DEPLOY / "proxy/haproxy.cfg").read_text(encoding="utf-8")
    for written, here in changes.items():
        assert written in text
        text = text.replace(written, here)
    (tmp_path / "haproxy.cfg").write_text(text)
    running = subprocess.Popen([haproxy, "-db", "-f", tmp_path / "haproxy.cfg"], stdout=subprocess.DEVNULL)
    with httpx.Client(verify=False, base_url=f"https://127.0.0.1:{tls}", trust_env=False) as client:
        until = time.monotonic() + 20
        while time.monotonic() < until:
            with contextlib.suppress(httpx.HTTPError):
                if client.get("/").status_code == 200:
                    break
            time.sleep(0.05)
        yield client, f"http://127.0.0.1:{plain}"
    running.terminate()
    running.wait(10)
    site.shutdown()


def test_the_proxy_tells_the_site_who_asks_and_by_what(proxy):
    client, plain = proxy
    forged = {"X-Forwarded-For": "10.0.0.1", "Forwarded": "for=10.0.0.1", "X-Forwarded-Proto": "http"}
    told = {name.lower(): value for name, value in client.get("/", headers=forged).json().items()}
    assert told["x-forwarded-for"] == "127.0.0.1" and told["x-forwarded-proto"] == "https"
    assert "forwarded" not in told and told["host"].startswith("127.0.0.1:")
    assert [client.get(path).status_code for path in ("/metrics", "/readyz", "/faq/x")] == [404, 404, 200]
    moved = httpx.get(f"{plain}/faq/x?a=1", trust_env=False)
    assert moved.status_code == 301 and moved.headers["location"].endswith("/faq/x?a=1")
    assert moved.headers["location"].startswith("https://")
