"""Small languages learnt in milliseconds, and every text that rows could mean, scored by force: the truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
import numpy.typing as npt

from inkread.alphabet import Alphabet
from inkread.decoding import LanguageModel, NgramOptions, train_language

Floats = npt.NDArray[np.float64]
Says = Callable[[tuple[int, ...]], float]  # symbols of a text, its last space among them -> natural log of their chance

ABC = Alphabet("ABC")
SPACE = len(ABC)
MEETING = Alphabet("AEMNOT", fold_case=True)
SENTENCES = ("MEET ME AT NOON", "NO ONE MET MOM AT TEN", "TOM ATE MEAT", "A TEAM MET AT NOON", "NOT ONE MAN TO MEET")


@cache
def five_sentences() -> LanguageModel:
    """A language of five sentences in six letters, with a lexicon of their words."""
    options = NgramOptions(context=4, contexts=500)
    return train_language(SENTENCES * 3, MEETING, options=options, about="five sentences")


def rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def random_sentences(seed: int, alphabet: Alphabet = ABC, sentences: int = 40) -> list[str]:
    """Sentences of one to five words out of twelve that came by chance."""
    chance = rng(seed)
    letters = np.array(list(alphabet))
    words = ["".join(chance.choice(letters, chance.integers(1, 5))) for _ in range(12)]
    return [" ".join(chance.choice(words, chance.integers(1, 6))) for _ in range(sentences)]


@cache
def random_language(seed: int, context: int = 3, alphabet: Alphabet = ABC) -> LanguageModel:
    """What such sentences teach: an n-gram and a lexicon."""
    options = NgramOptions(context=context, contexts=60)
    return train_language(random_sentences(seed, alphabet), alphabet, options=options)


def random_log_probs(seed: int, rows: int, classes: int = len(ABC), spread: float = 1.5) -> Floats:
    logits = rng(seed).normal(0, spread, (rows, classes))
    log_probs: Floats = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return log_probs


def seen_as(text: str, alphabet: Alphabet, probability: float = 0.9, **otherwise: tuple[str, float]) -> Floats:
    """Rows that read as ``text``, each letter with a probability, the rest shared; ``r2=("E", 0.4)`` adds a second."""
    shares = np.full((len(text), len(alphabet)), (1 - probability) / (len(alphabet) - 1))
    shares[np.arange(len(text)), alphabet.encode(text)] = probability
    for row, (character, second) in otherwise.items():
        shares[int(row[1:]), alphabet.index(character)] = second
    log_probs: Floats = np.log(shares / shares.sum(axis=1, keepdims=True))
    return log_probs


def said_by(language: LanguageModel) -> Says:
    """A language model as a function of symbols: the chain rule, one symbol at a time."""

    @cache
    def after(symbols: tuple[int, ...]) -> int:
        if not symbols:
            return language.start
        return int(language.step(np.array([after(symbols[:-1])]), np.array([symbols[-1]]))[0])

    @cache
    def said(symbols: tuple[int, ...]) -> float:
        if not symbols:
            return 0.0
        return said(symbols[:-1]) + float(language.log_probs(np.array([after(symbols[:-1])]))[0, symbols[-1]])

    return said


@dataclass(frozen=True)
class Texts:
    """Every text that can be written at all, best first: letters (N, T), spaces after rows (N, T-1), scores (N,)."""

    letters: npt.NDArray[np.int64]
    spaced: npt.NDArray[np.bool_]
    scores: Floats

    @property
    def mass(self) -> float:
        return float(self.scores[0] + np.log(np.exp(self.scores - self.scores[0]).sum()))

    @property
    def chances(self) -> Floats:
        """The probability of each text among all, (N,)."""
        chances: Floats = np.exp(self.scores - self.mass)
        return chances

    def posteriors(self, classes: int) -> Floats:
        """(T, C): the share of the texts with each letter in each row."""
        return np.array([[self.chances[column == c].sum() for c in range(classes)] for column in self.letters.T])

    def space_posteriors(self) -> Floats:
        """(T-1,): the share of the texts with a space after each row."""
        return np.array([self.chances[column].sum() for column in self.spaced.T])

    def spelt(self, alphabet: Alphabet) -> list[str]:
        """The texts themselves."""
        pairs = zip(self.letters.tolist(), self.spaced.tolist(), strict=True)
        return ["".join(_spell(letters, spaced, alphabet)) for letters, spaced in pairs]


def _spell(letters: list[int], spaced: list[bool], alphabet: Alphabet) -> list[str]:
    return [alphabet[c] + " " * space for c, space in zip(letters, [*spaced, False], strict=True)]


def every_text(log_probs: Floats, says: Says, weight: float = 1.0, gaps: Floats | None = None) -> Texts:
    """All texts of these rows, each scored for itself."""
    rows, space = log_probs.shape
    found = []
    for letters in product(range(space), repeat=rows):
        eye = sum(float(log_probs[row, c]) for row, c in enumerate(letters))
        for spaced in product((False, True), repeat=rows - 1):
            chances = [] if gaps is None else [g if s else 1 - g for g, s in zip(gaps, spaced, strict=True)]
            if eye == -np.inf or 0.0 in chances:
                continue
            symbols: list[int] = []
            for c, apart in zip(letters, (*spaced, True), strict=True):
                symbols += [c, space] if apart else [c]
            found.append((eye + weight * says(tuple(symbols)) + float(np.log(chances).sum()), letters, spaced))
    found.sort(key=lambda text: -text[0])
    scores, all_letters, all_spaced = zip(*found, strict=True)
    spaces = np.array(all_spaced, bool).reshape(len(found), rows - 1)
    return Texts(np.array(all_letters), spaces, np.array(scores))
