"""`python -m bench.phishing ADDRESS MAILDIR [TRIES]`: what strangers get when others use the site to write to them.

Half of the tries go through the chat, half through the form, each to another victim; the site is one that runs, and
without SMTP_URL its worker puts all mail into the Maildir.
"""

import email
import mailbox
import sys
import time
from collections.abc import Iterable
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import httpx

LURE = "Your account is locked, sign in at https://login.evil.example/reset before tonight"
TEAM = "certification@onestreamsoftware.com"
SETTLED_SECONDS = 60.0  # the worker sends within seconds


def main(arguments: list[str]) -> None:
    """Attack, count, print."""
    address, folder, tries = arguments[0], Path(arguments[1]), int((arguments[2:] or ["25"])[0])
    victims = [f"victim{n}@example.net" for n in range(tries)]
    opened = attack(address, victims)
    found = received(folder, victims, opened)
    print(f"{tries} tries: {opened} tickets opened, {tries - opened} refused")
    print(f"{len(found)} mails to victims, of which {sum(map(carries_lure, found))} with the writer's text")


def attack(address: str, victims: Iterable[str]) -> int:
    """One try a victim; returns how many became tickets."""
    tries = [by_chat if n % 2 else by_form for n, _ in enumerate(victims)]
    return sum(attempt(address, victim) for attempt, victim in zip(tries, victims))


def by_form(address: str, victim: str) -> bool:
    """Whether the form made a ticket."""
    answer = httpx.post(f"{address}/api/tickets", json={"email": victim, "about": LURE}, timeout=60)
    return answer.status_code == 201


def by_chat(address: str, victim: str) -> bool:
    """Whether the chat made a ticket."""
    with httpx.Client(base_url=address, timeout=60) as client:
        client.post("/api/conversations").raise_for_status()
        last = ""
        for text in ("I want to talk to a person", victim, LURE):
            last = client.post("/api/messages", json={"text": text}).text
        if "utter_ticket_summary" not in last:
            raise RuntimeError(f"the chat did not ask for consent: {last}")
        return "utter_ticket_opened" in client.post("/api/messages", json={"payload": "/affirm"}).text


def received(folder: Path, victims: Iterable[str], opened: int) -> list[EmailMessage]:
    """The mails to victims, once the team has one for each ticket."""
    deadline = time.monotonic() + SETTLED_SECONDS
    while len(mails_to(folder, [TEAM])) < opened:
        if time.monotonic() > deadline:
            raise RuntimeError("the worker does not send")
        time.sleep(0.5)
    return mails_to(folder, victims)


def mails_to(folder: Path, addresses: Iterable[str]) -> list[EmailMessage]:
    """What lies in a Maildir for some addresses."""
    if not (folder / "cur").is_dir():
        return []  # the worker makes it with the first mail
    wanted = set(addresses)
    box = mailbox.Maildir(folder, create=False)
    mails = [email.message_from_bytes(box.get_bytes(name), policy=default) for name in box.iterkeys()]
    return [mail for mail in mails if {one.strip() for one in str(mail["To"]).split(",")} & wanted]


def carries_lure(mail: EmailMessage) -> bool:
    """Whether any word of the writer's is in any part or header of a mail."""
    parts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    everything = " ".join([*(f"{name}: {value}" for name, value in mail.items()), *parts]).lower()
    return any(word in everything for word in ("evil.example", "account is locked", "before tonight"))


if __name__ == "__main__":
    main(sys.argv[1:])
