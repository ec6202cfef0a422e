"""`python -m bench.reply ADDRESS`: what a look-up adds to a reply, on a running stack with the sample learners.

The stack needs IDENTITY_TOKEN_SECRET, so that addresses can be proven without mail; this process reads the same
setting. The kinds of messages take turns in each conversation; the site's rate limits bound their number.
"""

import statistics
import sys
import time

import httpx
import jwt

from bot.settings import Settings

CONVERSATIONS, ROUNDS = 24, 4
KINDS = {
    "answer by a rule": "what is credly",
    "answer by an action": "how much is the exam",
    "look-up": "has my badge been issued",
}
LEARNERS = ("sofia.rossi", "priya.raman", "leila.haddad", "hannah.schmidt", "lucas.almeida")


def main(arguments: list[str]) -> None:
    """Ask, measure, print."""
    seconds: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for number in range(CONVERSATIONS):
        with httpx.Client(base_url=arguments[0], timeout=30) as client:
            _begin(client, LEARNERS[number % len(LEARNERS)])
            for turn in range(ROUNDS):
                for kind, text in KINDS.items():
                    spent = _ask(client, text)
                    if turn:  # the first of each kind warms up
                        seconds[kind].append(spent)
    for kind, found in seconds.items():
        print(f"{kind:20} p50 {_ms(found, 50):6.1f} ms   p95 {_ms(found, 95):6.1f} ms   n {len(found)}")
    for percent in (50, 95):
        added = _ms(seconds["look-up"], percent) - _ms(seconds["answer by an action"], percent)
        print(f"added by the look-up, p{percent}: {added:.1f} ms")


def _begin(client: httpx.Client, learner: str) -> None:
    now, settings = int(time.time()), Settings.load()
    claims = {"email": f"{learner}@example.com", "iat": now, "exp": now + 600, "jti": str(time.perf_counter_ns())}
    claims["aud"] = settings.identity_token_audience
    token = jwt.encode(claims, settings.identity_token_secret, algorithm="HS256")
    client.post("/api/conversations", json={"identity_token": token}).raise_for_status()


def _ask(client: httpx.Client, text: str) -> float:
    started = time.perf_counter()
    client.post("/api/messages", json={"text": text}).raise_for_status()
    return time.perf_counter() - started


def _ms(seconds: list[float], percent: int) -> float:
    return 1000 * statistics.quantiles(seconds, n=100)[percent - 1]


if __name__ == "__main__":
    main(sys.argv[1:])
