"""`bin/bench similarity`: what comparing a text costs in a sender's heaviest week, 350 texts of 2,000 characters.

Pure Python, no database: the texts come by one query. Where all are alike none can be left after a few words.
"""

import random
import time
from statistics import median

from bench import stage

TEXTS, CHARACTERS, TURNS = 350, 2_000, 10
LETTERS = {
    "English": "abcdefghijklmnopqrstuvwxyz",
    "with marks": "aäbcčdeéfghiíjklmnňoöprřsštuüvyz",
    "Chinese": "".join(map(chr, range(0x4E00, 0x4E00 + 3_000))),
}


def main() -> None:
    with stage.servers():
        print(stage.machine(), flush=True)
        for script in LETTERS:
            each, all_same = measure(script, same=False), measure(script, same=True)
            print(f"{script}: {each:.0f} ms of processor where none is alike, {all_same:.0f} where all are", flush=True)


def measure(script: str, *, same: bool) -> float:
    from messaging.similarity import Personal, is_like, runs

    chance = random.Random(4)
    texts = [_text(chance, script) for _ in range(TEXTS)]
    own, took = _text(chance, script), []
    texts = [own] * TEXTS if same else texts
    for _ in range(TURNS):
        start = time.process_time()
        mine = runs(own, without=Personal.of("Mei Tan", "Elbe Works"))
        others = (is_like(text, mine, without=Personal.of("Tomás Lind", "Nordlicht"), percent=85) for text in texts)
        assert sum(others) == (TEXTS if same else 0)
        took.append((time.process_time() - start) * 1_000)
    return median(took)


def _text(chance: random.Random, script: str) -> str:
    letters, gap = LETTERS[script], "" if script == "Chinese" else " "
    words = ("".join(chance.choices(letters, k=chance.randint(2, 9))) for _ in range(CHARACTERS))
    return gap.join(words)[:CHARACTERS]


if __name__ == "__main__":
    main()
