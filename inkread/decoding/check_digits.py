r"""Numbers with a check digit -> constraints: credit cards, articles, books, companies.

Each says only that the digits add up; how many there are is said by a pattern: ``both(pattern(r"\d{16}"), luhn())``.
Separators are passed over. Sources: ISO/IEC 7812-1 (Luhn), GS1 General Specifications (EAN), ISO 2108 (ISBN),
ISO/IEC 7064 (mod 97-10), ISO 17442 (LEI).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from inkread.alphabet import DIGITS
from inkread.decoding.border import is_whole
from inkread.errors import BadOption

TEN = "X"  # how ISBN-10 writes a check digit of ten


@dataclass(frozen=True)
class Luhn:
    """Every second digit from the right counts double: both sums so far, should the last digit count once or double."""

    single: int = 0
    double: int = 0
    separators: str = ""

    @property
    def complete(self) -> bool:
        """Whether the digits so far add up to tens."""
        return self.single == 0

    def after(self, character: str) -> Luhn | None:
        """The sums with one digit more; None for what is no digit."""
        if not character.isalnum():
            return self
        if character not in DIGITS:
            return None
        digit = int(character)
        return Luhn((self.double + digit) % 10, (self.single + sum(divmod(2 * digit, 10))) % 10)

    def __str__(self) -> str:
        return "Luhn's check digit"


@dataclass(frozen=True)
class Weighted:
    """Digits times weights must leave ``remainder`` when divided by ``modulus``: the weights still to come."""

    weights: tuple[int, ...]
    modulus: int
    remainder: int = 0
    separators: str = ""

    @property
    def complete(self) -> bool:
        """Whether every weight had its digit and they add up."""
        return not self.weights and self.remainder == 0

    def after(self, character: str) -> Weighted | None:
        """The weights and the remainder that are left; None for what is no digit, or one too many."""
        if not character.isalnum():
            return self
        last = len(self.weights) == 1
        if not self.weights or (character not in DIGITS and not (last and self.modulus == 11 and character == TEN)):
            return None
        digit = 10 if character == TEN else int(character)
        return Weighted(self.weights[1:], self.modulus, (self.remainder - digit * self.weights[0]) % self.modulus)

    def __str__(self) -> str:
        return f"a check digit modulo {self.modulus}"


@dataclass(frozen=True)
class Mod97:
    """A number that leaves 1 when divided by 97, letters standing for 10 to 35: the remainder so far."""

    remainder: int = 0
    separators: str = ""

    @property
    def complete(self) -> bool:
        """Whether the number so far leaves 1."""
        return self.remainder == 1

    def after(self, character: str) -> Mod97 | None:
        """The remainder with one character more; None for what is neither a digit nor a letter."""
        if not character.isalnum():
            return self
        if not character.isascii():
            return None
        value = int(character, 36)
        return Mod97((self.remainder * (10 if value < 10 else 100) + value) % 97)

    def __str__(self) -> str:
        return "two check digits modulo 97"


def luhn() -> Luhn:
    """Numbers of credit cards, SIM cards and many accounts.

    >>> from inkread.decoding.constraint import fits
    >>> fits(luhn(), "79927398713"), fits(luhn(), "79927398710")
    (True, False)
    """
    return Luhn()


def weighted(weights: Iterable[int], modulus: int, remainder: int = 0) -> Weighted:
    """Numbers of as many digits as there are weights; their weighted sum leaves ``remainder`` modulo ``modulus``.

    Routing numbers of banks in the USA: ``weighted((3, 7, 1) * 3, 10)``. German IBANs, without the DE before them, have
    ``weighted`` too: powers of ten modulo 97, see the tests.
    """
    if isinstance(weights, str) or not isinstance(weights, Iterable):
        raise BadOption(f"weighted() takes whole numbers, the weights in a tuple; got {weights!r}")
    given = tuple(weights)
    wrong = [number for number in (*given, modulus, remainder) if not is_whole(number)]
    if wrong:
        raise BadOption(f"weighted() takes whole numbers, the weights in a tuple; got {wrong[0]!r}")
    if not given or modulus < 2 or not 0 <= remainder < modulus:
        raise BadOption(
            f"weighted() takes at least one weight, a modulus of 2 or more and a remainder below it; got {len(given)} "
            f"weights, modulus {modulus}, remainder {remainder}"
        )
    return Weighted(tuple(int(weight) % modulus for weight in given), modulus, remainder)


def ean13() -> Weighted:
    """The thirteen digits under a bar code; an ISBN of thirteen digits is one that begins with 978 or 979.

    >>> from inkread.decoding.constraint import fits
    >>> fits(ean13(), "978-3-16-148410-0"), fits(ean13(), "978-3-16-148410-1")
    (True, False)
    """
    return Weighted((1, 3) * 6 + (1,), 10)


def isbn10() -> Weighted:
    """The ten characters of an older ISBN; X, in the last place only, stands for ten.

    >>> from inkread.decoding.constraint import fits
    >>> fits(isbn10(), "0-306-40615-2"), fits(isbn10(), "080442957X")
    (True, True)
    """
    return Weighted(tuple(range(10, 0, -1)), 11)


def mod97() -> Mod97:
    """Numbers with ISO 7064's two check digits modulo 97 at the end, such as Legal Entity Identifiers.

    (An IBAN is checked with its first four characters moved to its end, so this is not for IBANs as they are written.)

    >>> from inkread.decoding.constraint import fits
    >>> fits(mod97(), "5493001KJTIIGC8Y1R12"), fits(mod97(), "5493001KJTIIGC8Y1R21")
    (True, False)
    """
    return Mod97()
