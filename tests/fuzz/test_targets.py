"""Every kept input of the fuzzing, and every seed, once through its target."""

from __future__ import annotations

import random

import pytest
from tests.fuzz import corpus
from tests.fuzz.targets import TARGETS

SIZE = 400_000
"""Octets of the whole corpus, as it is kept, at most."""


@pytest.mark.parametrize("target", TARGETS)
def test_kept_inputs_find_nothing(target: str) -> None:
    kept = corpus.kept(target)
    assert kept, "python -m tests.fuzz --keep"
    for content in (*corpus.seeds(target), *kept):
        TARGETS[target](content)


@pytest.mark.parametrize("target", TARGETS)
def test_seeds_that_are_cut_or_spoiled_find_nothing(target: str) -> None:
    rng = random.Random(target)
    seeds = corpus.seeds(target)
    for _ in range(60):
        content = bytearray(rng.choice(seeds))
        for _ in range(rng.randrange(1, 4)):
            if content:
                content[rng.randrange(len(content))] = rng.choice((0, 1, 0x7F, 0xFF, rng.randrange(256)))
        TARGETS[target](bytes(content[: rng.randrange(len(content) + 1)]))


def test_the_corpus_is_small() -> None:
    assert sum(path.stat().st_size for path in corpus.FOLDER.iterdir()) <= SIZE
