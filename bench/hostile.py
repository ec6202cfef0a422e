"""`python -m bench.hostile ADDRESS`: how long an honest learner waits while six hostile messages arrive, and quietly.

On a running stack. Each round six conversations send a text of the most characters allowed, all at once, and the
learner sends a question right after them. The site's rate limits bound the rounds.
"""

import statistics
import sys
import threading
import time

import httpx

ROUNDS, HOSTILE = 12, 6
LONGEST = 2000  # characters of a message
QUESTION = "what is credly"
PAUSE = 0.02  # seconds, by which the hostile ones have arrived
SETTLED = 0.5  # seconds between rounds
TEXTS = {
    "a run of plus signs": "+" * (LONGEST - 10) + "x",
    "brackets": "[x](" * (LONGEST // 4),
    "single letters and signs": "a+b" * (LONGEST // 3),
    "a long letter": ("My badge for Level 1 is missing and I passed on Monday, can you check it? " * 30)[:LONGEST],
}


def main(arguments: list[str]) -> None:
    """Ask, measure, print."""
    learner = _begun(arguments[0])
    others = [_begun(arguments[0]) for _ in range(HOSTILE)]
    for _ in range(3):
        _ask(learner, QUESTION)
    quiet = [_ask(learner, QUESTION) for _ in range(ROUNDS)]
    print(f"{'quiet':28} p50 {_ms(quiet, 50):7.1f} ms   worst {1000 * max(quiet):7.1f} ms")
    for name, text in TEXTS.items():
        _wait_for_a_minute()
        found = [_round(learner, others, text) for _ in range(ROUNDS)]
        waited, hostile = [one[0] for one in found], [seconds for one in found for seconds in one[1]]
        times = _ms(waited, 50) / _ms(quiet, 50)
        print(
            f"{name:28} p50 {_ms(waited, 50):7.1f} ms   worst {1000 * max(waited):7.1f} ms   {times:.1f} times quiet"
            f"   (the hostile ones: p50 {_ms(hostile, 50):.0f} ms, worst {1000 * max(hostile):.0f} ms)"
        )


def _begun(address: str) -> httpx.Client:
    client = httpx.Client(base_url=address, timeout=60)
    client.post("/api/conversations").raise_for_status()
    return client


def _round(learner: httpx.Client, others: list[httpx.Client], text: str) -> tuple[float, list[float]]:
    """Seconds that the learner waited, and each of the others."""
    spent: list[float] = []
    threads = [threading.Thread(target=lambda one=one: spent.append(_ask(one, text))) for one in others]
    for thread in threads:
        thread.start()
    time.sleep(PAUSE)
    waited = _ask(learner, QUESTION)
    for thread in threads:
        thread.join()
    time.sleep(SETTLED)
    return waited, spent


def _ask(client: httpx.Client, text: str) -> float:
    started = time.perf_counter()
    client.post("/api/messages", json={"text": text}).raise_for_status()
    return time.perf_counter() - started


def _wait_for_a_minute() -> None:
    """Until the limit of a conversation has room for another set of rounds."""
    time.sleep(61)


def _ms(seconds: list[float], percent: int) -> float:
    return 1000 * statistics.quantiles(seconds, n=100)[percent - 1]


if __name__ == "__main__":
    main(sys.argv[1:])
