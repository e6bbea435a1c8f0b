"""The lattice that people look at, against every text that the islands of a line could mean."""

from collections import defaultdict
from itertools import pairwise, product

import numpy as np
import pytest

from inkread.alphabet import CHARACTERS
from inkread.decoding import DecodingOptions, decode_lines, line_lattices, pattern, text_lattice
from inkread.decoding.islands import islands
from inkread.errors import BadOption
from tests.decoding.every_text import ABC, random_language
from tests.decoding.test_lines import FREE, frames_of, written


@pytest.mark.parametrize("seed", range(5))
def test_choices_and_steps_are_as_probable_as_all_ways_that_take_them(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_lattice, "MOST", 99)
    monkeypatch.setattr(text_lattice, "LEAST", 0.0)
    language, frames = random_language(seed), frames_of(seed)
    found = islands(frames)
    if any(island.texts[0] == (len(ABC),) for island in found[:1] + found[-1:]):
        pytest.skip("a space at an end is left out")
    options = DecodingOptions(language_weight=0.7, length_bonus=0.4, **FREE)  # type: ignore[arg-type]
    (lattice,) = line_lattices([frames], ABC, options, language=language)
    ways: dict[tuple[str, ...], float] = {}
    first: dict[str, float] = {}
    for way in product(*(range(len(island.texts)) for island in found)):
        texts = [island.texts[number] for island, number in zip(found, way, strict=True)]
        state, score = np.array([language.start]), 0.0
        for place, text in enumerate(texts):
            before = score
            for symbol in text:
                score += float(language.log_probs(state)[0, symbol])
                state = language.step(state, np.array([symbol]))
            if place == 0:
                first["".join((ABC.characters + " ")[s] for s in text)] = float(np.exp(score - before))
        score += float(language.log_probs(state)[0, language.space])
        eye = sum(float(island.log_probs[number]) for island, number in zip(found, way, strict=True))
        name = tuple("".join((ABC.characters + " ")[s] for s in text) for text in texts)
        ways[name] = float(np.exp(eye + 0.7 * score + 0.4 * sum(map(len, texts))))
    total = sum(ways.values())
    both: dict[tuple[int, str, str], float] = defaultdict(float)
    for name, weight in ways.items():
        for place, pair in enumerate(pairwise(name)):
            both[(place, *pair)] += weight / total
    for place, (before, after) in enumerate(pairwise(lattice.columns)):
        told = {(place, before[s.before].text, after[s.after].text): s.probability for s in lattice.steps[place + 1]}
        assert told == pytest.approx({key: value for key, value in both.items() if key[0] == place}, abs=1e-9)
    assert {lattice.columns[0][s.after].text: s.language for s in lattice.steps[0]} == pytest.approx(first)
    assert lattice.text == "".join(max(ways, key=lambda name: ways[name]))


def test_the_best_text_is_that_of_the_decoder_and_the_eye_keeps_its_own_probability() -> None:
    frames = written("MEFT AT NOON", r2=("E", 0.45))
    (lattice,) = line_lattices([frames], CHARACTERS)
    assert lattice.text == decode_lines([frames], CHARACTERS)[0].text == "MEET AT NOON"
    assert lattice.seen == "MEFT AT NOON"
    e, f = lattice.columns[2][:2]
    assert (e.text, e.chosen, f.text, f.chosen) == ("E", True, "F", False)
    assert (e.eye, f.eye) == pytest.approx((0.45, 0.54), abs=1e-3)
    assert e.probability > 0.9 > f.probability


def test_without_language_there_is_nothing_that_language_says() -> None:
    (lattice,) = line_lattices([written("AB")], CHARACTERS, DecodingOptions(language_weight=0))
    assert {step.language for steps in lattice.steps for step in steps} == {None}


def test_an_empty_line_has_no_lattice_and_a_constraint_is_refused() -> None:
    blank = np.log(np.full((4, len(ABC) + 2), 1e-9))
    blank[:, -1] = 0
    assert line_lattices([blank], ABC) == ()
    with pytest.raises(BadOption, match="under a constraint"):
        line_lattices([written("AB")], CHARACTERS, DecodingOptions(constraint=pattern("A+")))
