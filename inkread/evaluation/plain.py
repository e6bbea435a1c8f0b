"""Texts of our own for messages, used where nobody gives a file: short plain English, and numbers as people write them.

Knows nothing of glyphs.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from inkread.alphabet import Alphabet
from inkread.errors import BadOption

PLAIN_MESSAGES = (
    "Meet at noon by the old bridge",
    "Bring the keys and do not be late",
    "The train leaves at seven from platform nine",
    "Call me when you get home",
    "We found the dog near the river",
    "Happy birthday to the best sister in the world",
    "Please water the plants while I am away",
    "The meeting moved to Friday morning",
    "Sorry I missed you today",
    "Turn left after the church and follow the wall",
    "Milk bread eggs and a little butter",
    "The doctor can see you on Tuesday",
    "Do not open the blue box before dinner",
    "Snow is coming so take a warm coat",
    "Your parcel is with the neighbours",
    "I love you more than coffee",
    "The red car is parked behind the school",
    "Feed the cat twice a day",
    "Nobody saw the letter but me",
    "Wait for my signal then run",
    "Grandma wants the quilt back by Sunday",
    "The quick brown fox jumps over the lazy dog",
    "Jazz tonight in the small cafe on Queen street",
    "Send help we are stuck on the island",
    "Exam results come out next week",
    "Thank you for fixing my bicycle",
    "The kitchen sink leaks again",
    "Lunch is in the fridge just heat it up",
    "They danced until the lights went out",
    "Pack light and wear good shoes",
    "Buy two tickets for the evening show",
    "The password hides under the third stone",
    "Every child drew a picture of the zoo",
    "Keep the change and have a nice evening",
    "My flight was delayed by an hour",
    "Sell the boat before winter",
    "He asked for a quiet room with a view",
    "Fresh vegetables every Wednesday at the market",
    "Leave the window open for the birds",
    "We won the match by a single goal",
    "Yes",
    "No thanks",
)


def number_messages(rng: np.random.Generator, n: int) -> tuple[str, ...]:
    """``n`` made-up numbers as people write them, digits and spaces only: phone, date, time, amount, postcode, card.

    >>> all(part.isdigit() for part in number_messages(np.random.default_rng(0), 1)[0].split())
    True
    """
    _check_number(n)
    kinds: tuple[Callable[[np.random.Generator], str], ...] = (_phone, _date, _time, _amount, _postcode, _card)
    return tuple(kinds[int(rng.integers(len(kinds)))](rng) for _ in range(n))


def own_messages(alphabet: Alphabet, rng: np.random.Generator, n: int) -> tuple[str, ...]:
    """``n`` texts that suit the alphabet: plain English where it has letters, numbers where it has digits, else both
    mixed.

    The plain ones come in a drawn order, each once before any comes twice. Raises BadOption for an alphabet with
    neither.
    """
    _check_number(n)
    letters = any(c.isascii() and c.isalpha() for c in alphabet)
    digits = any(c.isascii() and c.isdigit() for c in alphabet)
    if not letters and not digits:
        raise BadOption(
            f"no text of ours can be written with {alphabet.characters!r}; give a file of texts, one a line"
        )
    if not letters:
        return number_messages(rng, n)
    order = [int(i) for _ in range(-(-n // len(PLAIN_MESSAGES))) for i in rng.permutation(len(PLAIN_MESSAGES))]
    plain = tuple(PLAIN_MESSAGES[i] for i in order[:n])
    if not digits:
        return plain
    numbers = number_messages(rng, n)
    return tuple(numbers[i] if i % 2 else plain[i] for i in range(n))


def _check_number(n: int) -> None:
    if n < 1:
        raise BadOption(f"expected one message or more; got {n}")


def _digits(rng: np.random.Generator, n: int) -> str:
    return "".join(str(d) for d in rng.integers(0, 10, n))


def _phone(rng: np.random.Generator) -> str:
    return f"0{_digits(rng, 3)} {_digits(rng, 3)} {_digits(rng, 4)}"


def _date(rng: np.random.Generator) -> str:
    return f"{rng.integers(1, 29):02d} {rng.integers(1, 13):02d} {rng.integers(1950, 2050)}"


def _time(rng: np.random.Generator) -> str:
    return f"{rng.integers(24):02d} {rng.integers(60):02d}"


def _amount(rng: np.random.Generator) -> str:
    return f"{int(10 ** rng.uniform(0, 4))} {rng.integers(100):02d}"


def _postcode(rng: np.random.Generator) -> str:
    return _digits(rng, 5)


def _card(rng: np.random.Generator) -> str:
    return " ".join(_digits(rng, 4) for _ in range(4))
