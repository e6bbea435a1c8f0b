"""`inkread language`: learn a language model from texts, show one, and score texts with one."""

from __future__ import annotations

import time
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import numpy as np
from cyclopts import Parameter
from rich.console import Console
from rich.table import Table

from inkread.decoding import NgramOptions
from inkread.errors import BadOption
from inkread.interfaces.target_file import refuse_foreign

if TYPE_CHECKING:
    from inkread.alphabet import Alphabet
    from inkread.decoding import LanguageModel
    from inkread.decoding.border import FloatArray
    from inkread.interfaces.language_learning import Sources
    from inkread.interfaces.language_sources import Texts

Several = Annotated[tuple[Path, ...], Parameter(consume_multiple=True)]

DEFAULT = NgramOptions()
LITTLE = 1_000_000  # characters; below, a list of words adds much
UNEXPECTED = 10  # words that `score` shows
AROUND = 30  # characters of a passage that are shown before such a word


def train(
    *texts: Path,
    out: Path,
    alphabet: str = "characters",
    like: Several = (),
    words: Several = (),
    wordfreq: str | None = None,
    options: Annotated[NgramOptions, Parameter(name="*")] = DEFAULT,
) -> None:
    """Learn a language model from texts.

    Parameters
    ----------
    texts
        UTF-8 files with one passage a line, or folders of .txt files.
    out
        The file to write, such as my.lm.
    alphabet
        characters (letters, digits, punctuation: what inkread read reads), letters, digits, or the characters
        themselves, such as 0123ABC.
    like
        Texts nearer to what will be read; they count more than the others.
    words
        Word lists, one word a line; after a tab there may be its frequency.
    wordfreq
        A language's code, such as de: its words and their frequencies come from the package wordfreq, not from TEXTS.
    """
    from inkread.decoding import load_language
    from inkread.interfaces import language_learning, language_sources

    if not texts:
        raise BadOption("name at least one text: inkread language train notes.txt --out my.lm")
    refuse_foreign(f"--out {out}", out, "my.lm", "language model", load_language)
    began = time.monotonic()
    console = Console(soft_wrap=True, highlight=False, markup=False)
    chosen = language_sources.choose_alphabet(alphabet)
    reach = language_learning.within_reach(options, chosen)
    with console.status("Reading"):
        general, nearer = (language_sources.read_texts(paths, chosen) for paths in (texts, like))
        sources = language_learning.Sources(
            texts=general.passages,
            nearer=nearer.passages,
            common=language_sources.wordfreq_words(wordfreq, chosen) if wordfreq is not None else None,
            lists=tuple(language_sources.read_words(path, chosen) for path in words),
        )
    console.print(f"Read {told(general)}")
    if like:
        console.print(f"Nearer to what will be read: {told(nearer)}")
    measure(console, sources, chosen, reach)
    with console.status("Learning from all passages"):
        language = language_learning.learn(sources, chosen, reach, told_sources(general, nearer, words, wordfreq))
        language.save(out, compact=True)
    console.print(
        f"Wrote {out} ({megabytes(out.stat().st_size)}) in {time.monotonic() - began:.0f} s: {parts(language)}"
    )
    console.print(f"Try next: {advice(out, chosen, general, sources)}")


def measure(console: Console, sources: Sources, alphabet: Alphabet, options: NgramOptions) -> None:
    """Tell how well passages are predicted by a model that was trained without them."""
    from inkread.interfaces.language_learning import HELD_OUT, bits_per_character, hold_out, learn

    held = hold_out(sources)
    if not held:
        console.print(f"Not measured: there are fewer than {HELD_OUT} different passages to hold one out")
        return
    with console.status("Learning without a twentieth of the passages, to measure it on them"):
        bits = bits_per_character(learn(sources.without(held), alphabet, options), held)
    kind = "nearer passage" if sources.nearer else "passage"
    held_out = f"{number(len(held), kind)} ({sum(map(len, held)):,} characters) held out"
    console.print(
        f"Measured: {bits:.2f} bits a character on {held_out}; guessing takes {np.log2(len(alphabet) + 1):.2f}. "
        "The model that is saved learns from these, too"
    )


def told(texts: Texts) -> str:
    """What was read, and what of it the alphabet cannot write."""
    read = f"{number(len(texts.files), 'file')}: {number(len(texts.passages), 'passage')}"
    left_out = f"{number(texts.left_out, 'character')} that the alphabet lacks left out"
    return f"{read}, {number(texts.characters, 'character')}; {left_out}"


def number(many: int, what: str) -> str:
    """How many there are, in words that fit.

    >>> number(1, "file"), number(1200, "file")
    ('1 file', '1,200 files')
    """
    return f"{many:,} {what}" if many == 1 else f"{many:,} {what}s"


def told_sources(general: Texts, nearer: Texts, words: tuple[Path, ...], wordfreq: str | None) -> str:
    """The sentence that the model carries about what it learnt from."""
    told = [f"{number(len(general.passages), 'passage')} of {names(general.files)}"]
    if nearer.passages:
        told.append(f"nearer: {number(len(nearer.passages), 'passage')} of {names(nearer.files)}")
    told += [f"words of {path.name}" for path in words]
    if wordfreq is not None:
        told.append(f"word frequencies of wordfreq's {wordfreq!r}")
    return "; ".join(told)


def names(files: tuple[str, ...]) -> str:
    """The first few names."""
    shown = ", ".join(files[:3])
    return f"{shown} and {len(files) - 3:,} more files" if len(files) > 3 else shown


def parts(language: LanguageModel) -> str:
    """How much a model knows."""
    contexts = language.contexts.depths
    return f"{sum(contexts):,} contexts of up to {len(contexts) - 1} characters, {known_words(language):,} words"


def known_words(language: LanguageModel) -> int:
    """How many words the lexicons hold: each ends in a space."""
    return sum(int((lexicon.symbols == language.space).sum()) for lexicon, _ in language.lexicons)


def megabytes(size: int) -> str:
    """A size in bytes as people say it."""
    return f"{size / 1e6:.2f} MB" if size >= 1e5 else f"{size / 1e3:.1f} KB"


def advice(out: Path, alphabet: Alphabet, general: Texts, sources: Sources) -> str:
    """How to use the model, and what would make it better."""
    from inkread.alphabet import DIGITS, FOLDED_CHARACTERS, LETTERS

    model = {FOLDED_CHARACTERS: "", LETTERS: " --model letters", DIGITS: " --model digits"}.get(
        alphabet, " --model RUN"
    )
    use = f"inkread read note.png{model} --language {quote(str(out))}"
    if not sources.nearer:
        return f"{use}; texts like those that you will read make it better: --like FILE"
    if general.characters < LITTLE and not sources.lists and sources.common is None:
        return f"{use}; this is little text, words from a list make it better: --words FILE or --wordfreq LANG"
    return use


def show(file: Path | None = None) -> None:
    """Show what a language model knows and what it learnt from.

    Parameters
    ----------
    file
        A language model; without it, the English of letters that ships.
    """
    language, name, size = opened(file)
    console = Console(soft_wrap=True, highlight=False, markup=False)
    folded = ", both cases of a letter one" if language.alphabet.fold_case else ""
    console.print(f"{name} ({megabytes(size)})")
    console.print(f"alphabet: {language.alphabet.characters}{folded}, and the space")
    console.print(f"contents: {parts(language)}")
    console.print(f"learnt from: {language.about or 'not told'}\n")
    table = Table("characters looked back", "contexts")
    for depth, contexts in enumerate(language.contexts.depths):
        table.add_row(str(depth), f"{contexts:,}")
    console.print(table)


def opened(file: Path | None) -> tuple[LanguageModel, str, int]:
    """A language model, the one that ships where none is named; what to call it, and its size in bytes."""
    from inkread.alphabet import LETTERS
    from inkread.decoding import load_language
    from inkread.decoding.decode import SHIPPED_LANGUAGES, shipped_content

    if file is not None:
        return load_language(file), str(file), file.stat().st_size
    content = shipped_content(LETTERS)
    return load_language(content), f"{SHIPPED_LANGUAGES[LETTERS]}, which ships", len(content)


def score(*texts: Path, language: Path | None = None) -> None:
    """Score texts: how many bits a character they take, and which of their words are least expected.

    Parameters
    ----------
    texts
        UTF-8 files with one passage a line, or folders of .txt files.
    language
        A language model; without it, the English of letters that ships.
    """
    from inkread.interfaces.language_learning import surprises
    from inkread.interfaces.language_sources import read_texts

    if not texts:
        raise BadOption("name at least one text: inkread language score notes.txt")
    console = Console(soft_wrap=True, highlight=False, markup=False)
    model, _, _ = opened(language)
    with console.status("Scoring"):
        read = read_texts(texts, model.alphabet)
        bits = surprises(model, read.passages)
    console.print(f"Read {told(read)}")
    guessing = np.log2(len(model.alphabet) + 1)
    console.print(f"{np.concatenate(bits).mean():.2f} bits a character; guessing takes {guessing:.2f}\n")
    table = Table("bits", "least expected word", "after")
    for cost, word, before in least_expected(read.passages, bits):
        table.add_row(f"{cost:.0f}", word, before)
    console.print(table)


def least_expected(passages: tuple[str, ...], bits: list[FloatArray]) -> list[tuple[float, str, str]]:
    """The words that cost most bits, each once, its ending space included, and what stands before them."""
    costliest: dict[str, tuple[float, str]] = {}
    for passage, costs in zip(passages, bits, strict=True):
        begin = 0
        for word in passage.split(" "):
            end = begin + len(word) + 1
            cost = float(costs[begin:end].sum())
            if cost > costliest.get(word, (0.0, ""))[0]:
                costliest[word] = (cost, passage[max(0, begin - AROUND) : begin])
            begin = end
    ranked = sorted(costliest.items(), key=lambda item: -item[1][0])
    return [(cost, word, before) for word, (cost, before) in ranked[:UNEXPECTED]]
