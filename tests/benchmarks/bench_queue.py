"""A word that is typed on the diffusion page, alone and beside two visitors who never pause: seconds to its picture.

    python -m tests.benchmarks.bench_queue [--words 2] [--page langevin]

The two others change the seed of a heavy scene again and again, without a pause, so that both places are always wanted.
Each word is a new one, so that nothing of it is kept.
"""

from __future__ import annotations

import argparse
import os
import statistics
import threading
import time

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.benchmarks.serving import serving
from tests.dashboard.client import Visitor, visitor

WORDS = ("flow", "drift", "score", "noise", "energy", "well")
FACTOR = 5.0  # of the time alone: two others on two cores, and the interpreter's lock


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--words", type=int, default=2)
    parser.add_argument("--page", default="langevin", help="where the two others are")
    parser.add_argument("--query", default="method=mala&steps=2000", help="what they look at")
    options = parser.parse_args()
    half = options.words
    with serving() as (port, _), visitor(port) as one:
        picture(one, "diffusion", "")
        alone = [picture(one, "diffusion", f"data=word&word={word}") for word in WORDS[:half]]
        ended, counts = threading.Event(), [0, 0]
        others = [
            threading.Thread(target=_busy, args=(port, options.page, options.query, ended, counts, i)) for i in range(2)
        ]
        for other in others:
            other.start()
        while min(counts) < 1:
            time.sleep(0.05)
        beside = [picture(one, "diffusion", f"data=word&word={word}") for word in WORDS[half : 2 * half]]
        ended.set()
        for other in others:
            other.join()
    factor = statistics.median(beside) / statistics.median(alone)
    print(
        f"alone {', '.join(f'{s:.1f}' for s in alone)} s; beside two visitors {', '.join(f'{s:.1f}' for s in beside)} s"
    )
    print(f"meanwhile they had {sum(counts)} pictures; load {os.getloadavg()[0]:.1f}")
    print(f"factor: {factor:.1f}; bar: ≤ {FACTOR:g}: {'held' if factor <= FACTOR else 'MISSED'}")
    return factor <= FACTOR


def picture(one: Visitor, page: str, query: str, seconds: float = 300) -> float:
    """Seconds from asking to the picture of the page; waits for the end of the run."""
    one.ask(page, query)
    start, shown = time.monotonic(), None
    while True:
        message = ForwardMsg.FromString(one._socket.recv(timeout=seconds))
        kind = message.delta.new_element.WhichOneof("type") if message.WhichOneof("type") == "delta" else ""
        if kind == "bidi_component" and len(message.delta.new_element.bidi_component.bytes) > 10_000:
            shown = shown or time.monotonic() - start
        if message.WhichOneof("type") == "script_finished":
            if shown is None:
                raise SystemExit(f"/{page}?{query} gave no picture.")
            return shown


def _busy(port: int, page: str, query: str, ended: threading.Event, counts: list[int], number: int) -> None:
    with visitor(port) as one:
        while not ended.is_set():
            picture(one, page, f"{query}&seed={1000 * number + counts[number]}")
            counts[number] += 1


if __name__ == "__main__":
    raise SystemExit(0 if main() else 1)
