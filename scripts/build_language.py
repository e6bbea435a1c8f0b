"""Texts and word frequencies -> the language model that ships.

    python scripts/build_language.py                    # needs INKREAD_DATA, and wordfreq
    python scripts/build_language.py --out other.lm --contexts 300000

What it learns from, and under which licences, is told in docs/model-cards/english.md.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from typing import Final

import corpora

from inkread.alphabet import LETTERS
from inkread.decoding import NgramOptions, train_language
from inkread.spelling import normalise

SHIPPED: Final = Path(__file__).parent.parent / "inkread" / "weights" / "english.lm"
WORDS: Final = 60_000  # the most frequent English ones
MESSAGES_SHARE: Final = 0.4  # of the lexicon: words as messages use them
LONGEST_WORD: Final = 24


def frequencies(own: list[str]) -> dict[str, float]:
    """Words as the alphabet spells them -> how often they are used: English at large, blended with the messages."""
    import wordfreq

    general: Counter[str] = Counter()
    for word in wordfreq.top_n_list("en", 2 * WORDS):
        spelt = normalise(word, LETTERS)[0]
        if " " not in spelt and not any(c.isdigit() for c in word) and 0 < len(spelt) <= LONGEST_WORD:
            general[spelt] += wordfreq.word_frequency(word, "en")
    used = Counter(word for text in own for word in normalise(text, LETTERS)[0].split() if len(word) <= LONGEST_WORD)
    blended: Counter[str] = Counter()
    for counts, share in ((dict(general.most_common(WORDS)), 1 - MESSAGES_SHARE), (used, MESSAGES_SHARE)):
        total = sum(counts.values())
        for word, times in counts.items():
            blended[word] += share * times / total
    return dict(blended)


def main() -> None:
    """Read the command line and write the model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=SHIPPED)
    parser.add_argument("--contexts", type=int, default=NgramOptions.contexts)
    arguments = parser.parse_args()
    messages = corpora.messages("train")
    model = train_language(
        corpora.general(),
        LETTERS,
        nearer=messages,
        frequencies=frequencies(messages),
        options=NgramOptions(contexts=arguments.contexts),
        about="English: general texts and short messages; see docs/model-cards/english.md",
    )
    model.save(arguments.out)
    print(f"wrote {arguments.out.name}: {arguments.out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
