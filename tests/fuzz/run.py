"""`make fuzz`: thousands of odd requests against the site, served as it is in earnest, before a Rasa-like server.

Fails on any 5xx and on any answer that the description of the API does not foresee.
"""

import multiprocessing
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from bench.machine import free_port
from bot import bootstrap
from bot.settings import Settings
from bot.site.app import create_app
from bot.site.limits import LIMITS
from bot.site.server import serve
from tests.servers.rasa import RasaServer

SECRET = "a secret for tests, 32 characters long"
FEWEST = 5_000  # requests
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,unsupported_method,allow_header_conformance"
)


def main() -> int:
    """Returns 0 when every answer was foreseen and there were enough of them."""
    rasa = RasaServer(SECRET)
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.load(
            {
                "SITE_SECRET_KEY": SECRET,
                "DATABASE_URL": os.environ.get("FUZZ_DATABASE_URL") or f"sqlite:///{folder}/bot.db",
                "RASA_URL": rasa.url,
                "ACTIONS_URL": f"{rasa.url}/webhook",
                "IDENTITY_TOKEN_SECRET": "the host site's secret for identity tokens",
            }
        )
        site = multiprocessing.Process(target=lambda: serve(unlimited(settings), "127.0.0.1", port))
        site.start()
        try:
            return fuzz(f"http://127.0.0.1:{port}", sys.argv[1:])
        finally:
            site.terminate()
            site.join(10)
            rasa.close()


def unlimited(settings):
    """The site, with limits that this many requests do not reach."""
    return create_app(bootstrap.build(settings), {name: "1000000/minute" for name in LIMITS})


def fuzz(url, options):
    wait_for(url)
    begun = httpx.post(f"{url}/api/conversations").json()
    tool = Path(".venv-tools/bin/schemathesis")
    command = [tool, "run", f"{url}/openapi.json", "--checks", CHECKS, "--max-examples", "500", "--workers", "4"]
    headers = ["-H", f"Authorization: Bearer {begun['token']}"]
    hooks = {"SCHEMATHESIS_HOOKS": "tests.fuzz.hooks", "FUZZ_MESSAGE_ID": begun["messages"][0]["id"]}
    began = time.monotonic()
    code = subprocess.run([*command, *headers, *options], env={**os.environ, **hooks}).returncode
    answers, failures = counted(httpx.get(f"{url}/metrics", timeout=30).text)
    print(f"{answers:,} requests in {time.monotonic() - began:.0f} s, {failures} answered with 5xx")
    return 1 if code or failures or answers < FEWEST else 0


def counted(metrics):
    """How many requests were answered, and how many of them with 5xx."""
    found = re.findall(r'^site_requests_total\{.*status="(\d+)"\} ([\d.e+]+)$', metrics, re.MULTILINE)
    return sum(int(float(n)) for _, n in found), sum(int(float(n)) for status, n in found if status >= "500")


def wait_for(url):
    for _ in range(600):
        try:
            if httpx.get(f"{url}/readyz", timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise SystemExit("the site did not start")


if __name__ == "__main__":
    sys.exit(main())
