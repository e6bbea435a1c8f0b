"""Texts and word frequencies -> a language model that ships: of letters alone, or of all that notes hold.

    python scripts/build_language.py english            # needs INKREAD_DATA, and wordfreq
    python scripts/build_language.py notes
    python scripts/build_language.py english --out other.lm --contexts 300000

What they learn from, and under which licences, is told in docs/model-cards.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Final

import corpora
import learn_case
import made_up_notes

from inkread.alphabet import FOLDED_CHARACTERS, LETTERS, Alphabet
from inkread.decoding import LanguageModel, NgramOptions, train_language
from inkread.spelling import normalise

WEIGHTS: Final = Path(__file__).parent.parent / "inkread" / "weights"
WORDS: Final = 60_000  # the most frequent English ones
MESSAGES_SHARE: Final = 0.4  # of the lexicon: words as messages use them
LONGEST_WORD: Final = 24
WORD: Final = re.compile(r"[A-Z]+(?:'[A-Z]+)*")  # punctuation around words is the n-gram's
NOTES_WORDS: Final = 40_000  # a third less memory, 0.003 bits a character more
NOTES_CONTEXTS: Final = 120_000  # of 58 symbols each: 5 MB deflated
MADE_UP: Final = 12_000  # passages: 2 % of the general texts
MADE_UP_NEARER: Final = 500  # 9 % of the nearer ones


def frequencies(own: list[str], alphabet: Alphabet, words: int) -> dict[str, float]:
    """Words as the alphabet spells them -> how often they are used: English at large, blended with the messages."""
    import wordfreq

    general: Counter[str] = Counter()
    for word in wordfreq.top_n_list("en", 2 * words):
        spelt = normalise(word, alphabet)[0]
        if WORD.fullmatch(spelt) and not any(c.isdigit() for c in word) and len(spelt) <= LONGEST_WORD:
            general[spelt] += wordfreq.word_frequency(word, "en")
    used = Counter(
        word for text in own for word in WORD.findall(normalise(text, alphabet)[0]) if len(word) <= LONGEST_WORD
    )
    blended: Counter[str] = Counter()
    for counts, share in ((dict(general.most_common(words)), 1 - MESSAGES_SHARE), (used, MESSAGES_SHARE)):
        total = sum(counts.values())
        for word, times in counts.items():
            blended[word] += share * times / total
    return dict(blended)


def english(contexts: int | None) -> LanguageModel:
    """Letters and spaces."""
    messages = corpora.messages("train")
    return train_language(
        corpora.general(),
        LETTERS,
        nearer=messages,
        frequencies=frequencies(messages, LETTERS, WORDS),
        options=NgramOptions(contexts=contexts),
        about="English: general texts and short messages; see docs/model-cards/english.md",
    )


def notes(contexts: int | None) -> LanguageModel:
    """Letters, digits, punctuation and spaces."""
    messages = corpora.messages("train")
    model = train_language(
        corpora.general_as_written() + made_up_notes.made_up(MADE_UP, seed=1),
        FOLDED_CHARACTERS,
        nearer=messages + made_up_notes.made_up(MADE_UP_NEARER, seed=2),
        frequencies=frequencies(messages, FOLDED_CHARACTERS, NOTES_WORDS),
        options=NgramOptions(contexts=contexts or NOTES_CONTEXTS),
        about="English notes: general texts, short messages, made-up times and numbers; see docs/model-cards/notes.md",
    )
    return replace(model, names=learn_case.names())


MODELS: Final = {"english": english, "notes": notes}


def main() -> None:
    """Read the command line and write the model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", choices=MODELS)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--contexts", type=int)
    arguments = parser.parse_args()
    out = arguments.out or WEIGHTS / f"{arguments.model}.lm"
    MODELS[arguments.model](arguments.contexts).save(out, compact=arguments.model == "notes")
    print(f"wrote {out.name}: {out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
