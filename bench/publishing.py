"""`python -m bench.publishing [A_SECOND]`: what people notice of publications, on a stack of its own.

It needs the trained model. A thousand messages are sent through the site, so many a second (default 4), while three
publications and a roll-back go live; a look-up goes on across one of them. Told are messages that got no answer,
errors, and how long answers took while a model was loaded, as a share of how long they took at other times.
"""

import io
import itertools
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bench import phishing
from bench.machine import end_all_on_sigterm, free_port
from bot.certificates import trusted
from bot.content.responses import responses

MESSAGES, CONVERSATIONS = 1000, 25
_networks = itertools.count()
START_SECONDS, FOLLOW_SECONDS = 600.0, 300.0
ANSWER, QUESTION = "utter_faq/what_is_credly", "what is credly"
QUESTIONS = (QUESTION, "does my badge expire", "how do I share it on linkedin", "can I export my badges", "thank you")
LEARNER = "amara.okafor@example.com"
LINKED = ("data", "models", "domain.yml", "config.yml", "endpoints.yml", "credentials.yml")
WORDS = "This is what version {number} says."


@dataclass
class Sent:
    """A message: when it was sent and answered (seconds), the status of the answer, and what was said."""

    at: float
    seconds: float
    status: int
    said: str


def main(arguments: list[str]) -> None:
    """Start, send, publish, print."""
    end_all_on_sigterm()
    rate = float(arguments[0]) if arguments else 4.0
    with tempfile.TemporaryDirectory() as name:
        stack = Stack(Path(name))
        try:
            stack.wait()
            for line in _told(stack, rate):
                print(line, flush=True)
        finally:
            stack.stop()


def _told(stack: "Stack", rate: float) -> Iterator[str]:
    versions = ["versions/0", *(f"versions/{number}" for number in (1, 2, 3))]
    for number, _ in enumerate(versions):
        stack.prepare(number)
    stack.publish(0, 0)
    stack.follow(0)
    sending = Sending(stack.site, rate)
    sending.start()
    loads: list[tuple[float, float]] = []
    talk = LookUp(stack)
    for publication, version in enumerate((1, 2, 3, 1), start=1):
        sending.reach(MESSAGES * publication // 6)
        if publication == 2:
            talk.begin()
        begun = time.monotonic()
        stack.publish(publication, version)
        content = stack.page_says(WORDS.format(number=version))
        stack.follow(publication)
        ended = time.monotonic()
        answered = stack.answers(WORDS.format(number=version))
        loads.append((begun, ended))
        after = f"the page says it after {content - begun:.1f} s, Rasa after {ended - begun:.1f} s"
        yield f"publication {publication}: {after}, first answer {answered}"
        if publication == 2:
            yield f"a look-up across it: {talk.go_on()}"
    yield from _figures(sending.end(), loads)


def _figures(sent: list[Sent], loads: list[tuple[float, float]]) -> Iterator[str]:
    during = [one.seconds for one in sent if any(begun <= one.at <= ended for begun, ended in loads)]
    quiet = [one.seconds for one in sent if not any(begun - 1 <= one.at <= ended + 1 for begun, ended in loads)]
    wrong = [one for one in sent if one.status == 200 and not one.said]
    yield f"messages {len(sent)}   lost {MESSAGES - len(sent) + len(wrong)}   errors {_errors(sent)}"
    for name, seconds in (("quiet", quiet), ("while a model is loaded", during)):
        yield f"{name:24} n {len(seconds):4}   p50 {_ms(seconds, 50):7.1f} ms   p95 {_ms(seconds, 95):7.1f} ms"
    ratios = [_ms(during, percent) / _ms(quiet, percent) for percent in (50, 95)]
    yield f"{'times quiet':24}          p50 {ratios[0]:7.2f}      p95 {ratios[1]:7.2f}"


def _errors(sent: list[Sent]) -> str:
    found = [one.status for one in sent if one.status != 200]
    return f"{len(found)} {sorted(set(found))}" if found else "0"


class Sending:
    """Sends messages at a steady rate, from a thread, in conversations of its own."""

    def __init__(self, site: str, rate: float) -> None:
        """Begin the conversations."""
        self._rate, self._number = rate, 0
        self._sent: list[Sent] = []
        self._clients = [_begun(site) for _ in range(CONVERSATIONS)]
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        """Send from now on."""
        self._thread.start()

    def reach(self, number: int) -> None:
        """Wait until so many were sent."""
        while self._number < number:
            time.sleep(0.1)

    def end(self) -> list[Sent]:
        """All of them, once they are answered."""
        self._thread.join()
        return self._sent

    def _run(self) -> None:
        begun = time.monotonic()
        with ThreadPoolExecutor(CONVERSATIONS) as pool:
            for number in range(MESSAGES):
                time.sleep(max(0.0, begun + number / self._rate - time.monotonic()))
                self._number = number + 1
                pool.submit(self._send, number)

    def _send(self, number: int) -> None:
        client, at = self._clients[number % CONVERSATIONS], time.monotonic()
        try:
            answer = client.post("/api/messages", json={"text": QUESTIONS[number % len(QUESTIONS)]})
            status, said = answer.status_code, answer.text
        except httpx.HTTPError as error:
            status, said = 0, type(error).__name__
        self._sent.append(Sent(at, time.monotonic() - at, status, said))


class LookUp:
    """A learner's look-up that is begun before a publication and ends after it."""

    def __init__(self, stack: "Stack") -> None:
        """Nothing is said yet."""
        self._stack, self._client = stack, _begun(stack.site)

    def begin(self) -> None:
        """Ask, and give the address."""
        self._say("has my badge been issued?")
        assert "utter_code_sent" in self._say(LEARNER)

    def go_on(self) -> str:
        """Give the code; tells what came of it."""
        code = re.search(r"\b\d{6}\b", self._stack.mail(LEARNER).get_body(("plain",)).get_content())
        assert code
        said = self._say(code.group())
        return "the record is shown" if "utter_status_list" in said else f"failed: {said}"

    def _say(self, text: str) -> list[str]:
        answer = self._client.post("/api/messages", json={"text": text}).raise_for_status().json()
        return [one["utterance"] for one in answer["messages"]]


class Stack:
    """All processes as `python -m bot run` starts them, in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        """Start them."""
        self.folder, self.content = folder, folder / "content"
        self.site, self._rasa, actions = (f"http://127.0.0.1:{free_port()}" for _ in range(3))
        for name in LINKED:
            (folder / name).symlink_to(Path(name).resolve())
        env = {
            **{name: value for name, value in os.environ.items() if name not in ("SITE_SECRET_KEY", "SMTP_URL")},
            "PYTHONPATH": str(Path.cwd()),
            "SITE_PORT": self.site.rpartition(":")[2],
            "RASA_URL": self._rasa,
            "ACTIONS_URL": f"{actions}/webhook",
            "CONTENT_PATH": str(self.content),
            "TRUSTED_PROXIES": "1",
        }
        self._log = (folder / "output").open("w")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run"],
            cwd=folder,
            env=env,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def wait(self) -> None:
        """Until all of them are ready."""
        deadline = time.monotonic() + START_SECONDS
        while "Ready after" not in (self.folder / "output").read_text(errors="replace"):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit((self.folder / "output").read_text(errors="replace")[-3000:])
            time.sleep(0.5)

    def stop(self) -> None:
        """End them."""
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(30)
        finally:
            if self._process.poll() is None:
                os.killpg(self._process.pid, signal.SIGKILL)
            self._log.close()

    def prepare(self, number: int) -> None:
        """Write the content and the model of a version."""
        version, text = self.content / "versions" / str(number), WORDS.format(number=number)
        shutil.copytree("data", version / "data")
        shutil.copy("domain.yml", version)
        old = responses()[ANSWER][0]["text"]
        for file in (version / "data/nlu/faq").glob("*.yml"):
            file.write_text(file.read_text(encoding="utf-8").replace(old.strip(), text), encoding="utf-8")
        (self.content / "models").mkdir(exist_ok=True)
        newest = max(Path("models").glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
        with_answers(newest, self.content / "models" / f"v{number}.tar.gz", {ANSWER: text})

    def publish(self, publication: int, version: int) -> None:
        """Let a version go live."""
        live = {"publication": publication, "root": f"versions/{version}", "model": f"models/v{version}.tar.gz"}
        (self.content / "live.new").write_text(json.dumps(live), encoding="utf-8")
        os.replace(self.content / "live.new", self.content / "live")

    def follow(self, publication: int) -> None:
        """Wait until Rasa answers with the model of a publication."""
        deadline = time.monotonic() + FOLLOW_SECONDS
        channel = f"{self._rasa}/webhooks/site/"
        while True:
            told = httpx.get(channel, verify=trusted()).json()
            if told.get("publication") == publication and "v" in str(told.get("model")):
                return
            if time.monotonic() > deadline:
                raise SystemExit(f"Rasa does not follow: {told}")
            time.sleep(0.2)

    def page_says(self, words: str) -> float:
        """When the answer's page has the words."""
        deadline = time.monotonic() + FOLLOW_SECONDS
        while words not in httpx.get(f"{self.site}/faq/what-is-credly", verify=trusted()).text:
            if time.monotonic() > deadline:
                raise SystemExit("The site does not follow.")
            time.sleep(0.2)
        return time.monotonic()

    def answers(self, words: str) -> str:
        """Whether a new conversation is answered with the words."""
        with closing(_begun(self.site)) as client:
            return "new" if words in client.post("/api/messages", json={"text": QUESTION}).text else "OLD"

    def mail(self, address: str) -> Any:
        """The newest mail to an address, once it is there."""
        deadline = time.monotonic() + phishing.SETTLED_SECONDS
        while not (found := phishing.mails_to(self.folder / "var/mail", [address])):
            if time.monotonic() > deadline:
                raise SystemExit("No mail came.")
            time.sleep(0.2)
        return found[-1]


def with_answers(archive: Path, target: Path, texts: Mapping[str, str], compression: int = 1) -> None:
    """A copy of a model in which responses say something else.

    Args:
        archive: the trained model.
        target: where the copy is written.
        texts: what they say, in all their variants, by the names of the responses.
        compression: from 0, which is quickest, to 9.
    """
    with tarfile.open(archive) as trained, tarfile.open(target, "w:gz", compresslevel=compression) as copy:
        metadata = json.load(trained.extractfile(_member(trained, "metadata.json")))  # type: ignore[arg-type]
        domain = metadata["domain"]
        for name, text in texts.items():
            for variant in domain["responses"].setdefault(name, [{}]):
                variant["text"] = text
        changed = {"metadata.json": metadata, "components/domain_provider/domain.yml": domain}  # JSON is YAML, too
        for member in trained.getmembers():
            data = changed.get(member.name.lstrip("./"))
            if data is None:
                copy.addfile(member, trained.extractfile(member) if member.isfile() else None)
            else:
                written = json.dumps(data).encode()
                member.size = len(written)
                copy.addfile(member, io.BytesIO(written))


def _member(trained: tarfile.TarFile, name: str) -> tarfile.TarInfo:
    return next(member for member in trained.getmembers() if member.name.lstrip("./") == name)


def _begun(address: str) -> httpx.Client:
    """A conversation from a network of its own: those of one network share its limits."""
    own = {"X-Forwarded-For": f"198.51.100.{next(_networks) + 1}"}
    client = httpx.Client(base_url=address, timeout=60, headers=own)
    client.post("/api/conversations").raise_for_status()
    return client


def _ms(seconds: list[float], percent: int) -> float:
    return 1000 * statistics.quantiles(seconds, n=100)[percent - 1]


if __name__ == "__main__":
    main(sys.argv[1:])
