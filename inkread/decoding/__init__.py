"""log_probs (T, C) -> the text that was meant, ranked, with reasons. Knows letters and language, not pixels.

`greedy`, `viterbi` and `beam` are the algorithms in order of power, each readable alone; `decode` is the call that puts
the last of them, constraints and explanations together. `language` says what a language model is, `ngram` how one is
learnt. What a text must be, where that is known, is a constraint: `pattern`, `allowed`, `date`, `luhn` and their like;
`constrained` searches it exactly.
"""

from inkread.decoding.beam import beam, best_paths, posteriors
from inkread.decoding.case import Cased, fold_case, restore_case, unfold_case, unfold_posteriors
from inkread.decoding.check_digits import ean13, isbn10, luhn, mod97, weighted
from inkread.decoding.constrained import constrained
from inkread.decoding.constraint import Constraint, allowed, both
from inkread.decoding.corrections import Mark
from inkread.decoding.decode import UNSURE, decode, shipped_language, worded
from inkread.decoding.fields import amount, date, phone
from inkread.decoding.greedy import greedy
from inkread.decoding.islands import fitting, seen_characters
from inkread.decoding.language import LanguageModel, checked_language, load_language
from inkread.decoding.lines import DecodedLine, decode_lines, line_lattices
from inkread.decoding.ngram import NgramOptions, train_language
from inkread.decoding.options import DecodingOptions, checked_options, stored_options
from inkread.decoding.pattern import pattern
from inkread.decoding.viterbi import viterbi

__all__ = [
    "UNSURE",
    "Cased",
    "Constraint",
    "DecodedLine",
    "DecodingOptions",
    "LanguageModel",
    "Mark",
    "NgramOptions",
    "allowed",
    "amount",
    "beam",
    "best_paths",
    "both",
    "checked_language",
    "checked_options",
    "constrained",
    "date",
    "decode",
    "decode_lines",
    "ean13",
    "fitting",
    "fold_case",
    "greedy",
    "isbn10",
    "line_lattices",
    "load_language",
    "luhn",
    "mod97",
    "pattern",
    "phone",
    "posteriors",
    "restore_case",
    "seen_characters",
    "shipped_language",
    "stored_options",
    "train_language",
    "unfold_case",
    "unfold_posteriors",
    "viterbi",
    "weighted",
    "worded",
]
