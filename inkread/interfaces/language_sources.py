"""Text files, word lists and the package wordfreq -> passages and word frequencies, as an alphabet can write them.

What is learnt from them is left to `language_learning`.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from operator import itemgetter
from pathlib import Path

from inkread.alphabet import DIGITS, FOLDED_CHARACTERS, LETTERS, Alphabet
from inkread.decoding.ngram import MOST_SYMBOLS, MOST_WORDS
from inkread.errors import BadData, BadOption, MissingDependency
from inkread.files import files_in
from inkread.interfaces.text_file import read_lines
from inkread.spelling import normalise

ALPHABETS = {"characters": FOLDED_CHARACTERS, "letters": LETTERS, "digits": DIGITS}
MOST_CHARACTERS = MOST_SYMBOLS - 1  # of an alphabet, beside the space
LONGEST_PASSAGE = 2_000  # characters; a longer line, such as a book without line breaks, is parted between words


@dataclass(frozen=True)
class Texts:
    """Passages as the alphabet spells them, the names of their files, and how many characters were left out."""

    passages: tuple[str, ...] = field(default=(), repr=False)
    files: tuple[str, ...] = ()
    left_out: int = 0

    @property
    def characters(self) -> int:
        """How many characters the passages have, with their spaces."""
        return sum(map(len, self.passages))


def choose_alphabet(asked: str) -> Alphabet:
    """characters, letters, digits, or the characters themselves -> an alphabet; raises BadOption.

    As for data sets of your own, the characters are sorted, and if all letters are capitals, both cases are one.
    """
    if asked in ALPHABETS:
        return ALPHABETS[asked]
    blank = sorted({c for c in asked if c.isspace() or not c.isprintable()})
    if blank:
        raise BadOption(
            f"the alphabet {asked!r} holds {blank[0]!r}; give characters that are seen, the space is implied"
        )
    if not 1 <= len(asked) <= MOST_CHARACTERS:
        raise BadOption(
            f"the alphabet has {len(asked)} characters; expected letters, digits, or 1 to {MOST_CHARACTERS} characters"
        )
    return Alphabet("".join(sorted(asked)), fold_case=asked == asked.upper() and asked != asked.lower())


def read_texts(paths: Sequence[Path], alphabet: Alphabet) -> Texts:
    """The passages of UTF-8 files, one a line, and of the .txt files in folders; raises BadData."""
    passages: list[str] = []
    left_out = 0
    files = [file for path in paths for file in _files(path)]
    for file in files:
        for line in read_lines(file, "one passage"):
            spelt, unwritten = normalise(line, alphabet)
            passages += parted(spelt)
            left_out += unwritten
    if paths and not passages:
        raise BadData(
            f"{paths[0]} has no character of the alphabet {alphabet.characters!r} ({left_out:,} others); give texts "
            "that can be written in it, or another --alphabet"
        )
    return Texts(tuple(passages), tuple(file.name for file in files), left_out)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    try:
        found = [file for file in files_in(path) if file.suffix == ".txt" and file.is_file()]
    except OSError as error:
        raise BadData(f"{error.filename} cannot be read ({error.strerror}); mend it, or name other texts") from error
    if not found:
        raise BadData(f"the folder {path} has no .txt files; name text files, or a folder that holds some")
    return found


def parted(passage: str) -> Iterator[str]:
    """A passage in pieces of at most LONGEST_PASSAGE characters, parted at spaces; an endless word stays whole."""
    begin = 0
    while len(passage) - begin > LONGEST_PASSAGE:
        place = passage.rfind(" ", begin, begin + LONGEST_PASSAGE + 1)
        place = place if place >= 0 else passage.find(" ", begin)
        if place < 0:
            break
        yield passage[begin:place]
        begin = place + 1
    if begin < len(passage):
        yield passage[begin:]


def read_words(path: Path, alphabet: Alphabet) -> dict[str, float]:
    """A word list, one word a line, maybe with a tab and its frequency -> frequencies; 1 where none is given.

    What the alphabet can only write as several words counts as these. Raises BadData.
    """
    words: defaultdict[str, float] = defaultdict(float)
    for line in read_lines(path, "one word"):
        word, tab, number = line.partition("\t")
        frequency = _frequency(number) if tab else 1.0
        if frequency is None:
            raise BadData(f"{path} has the line {line!r}; expected a word, or a word, a tab and a number above 0")
        for spelt in normalise(word, alphabet)[0].split():
            words[spelt] += frequency
    if not words:
        raise BadData(f"{path} has no word that can be written in the alphabet {alphabet.characters!r}")
    return dict(words)


def _frequency(number: str) -> float | None:
    """A number above 0; None for anything else."""
    try:
        value = float(number)
    except ValueError:
        return None
    return value if 0 < value < math.inf else None


def wordfreq_words(language: str, alphabet: Alphabet) -> dict[str, float]:
    """The most frequent words of a language by the package wordfreq -> their frequencies.

    Raises MissingDependency without the package, BadOption for a language that it lacks or that the alphabet cannot
    write.
    """
    try:
        import wordfreq
    except ModuleNotFoundError as error:
        raise MissingDependency("wordfreq", "language", "--wordfreq") from error
    known = sorted(wordfreq.available_languages())
    if language not in known:
        raise BadOption(f"wordfreq has no language {language!r}; expected one of {', '.join(known)}")
    words: defaultdict[str, float] = defaultdict(float)
    unwritten = 0.0
    for word, frequency in wordfreq.get_frequency_dict(language).items():
        spelt = normalise(word, alphabet)[0]
        if not spelt:
            unwritten += frequency
        elif " " not in spelt and not any(c.isdigit() for c in word):  # it keeps numbers by their length alone
            words[spelt] += frequency
    if unwritten > sum(words.values()):
        raise BadOption(f"most words of wordfreq's {language!r} cannot be written in {alphabet.characters!r}")
    return dict(nlargest(MOST_WORDS, words.items(), key=itemgetter(1)))


def blend(sources: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Word frequencies from several sources, each with the same share.

    >>> blend([{"TO": 3, "BE": 1}, {"OR": 5}])
    {'TO': 0.375, 'BE': 0.125, 'OR': 0.5}
    """
    blended: dict[str, float] = {}
    for source in sources:
        total = sum(source.values()) * len(sources)
        for word, times in source.items():
            blended[word] = blended.get(word, 0.0) + times / total
    return blended
