r"""Regular expression as text -> a constraint on a whole text, as ``re.fullmatch`` would check it.

Supported is what describes fields of forms, and what an automaton can follow: characters, ``.``, classes ``[A-Z0-9]``,
``\d \w \s``, groups, ``|`` and repeats; everything else is refused by name. Spaces, dashes and other separators that
the alphabet lacks are put into the text without being read: ``\d\d/\d\d`` over DIGITS reads four glyphs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from inkread.decoding.expression import Characters, Group, Node, Repeat, Rest, after, classes, may_end
from inkread.errors import BadOption

LONGEST = 2_000  # characters of an expression; longer ones are lists of texts in disguise
DEEPEST = 50  # groups within groups; each costs three calls of Python's limited stack
MOST_REPEATS = 10_000  # as many characters as the longest line that decoding is made for
MOST_OPEN = 5_000  # parts of the pattern in all the ways to go on after one text; people's patterns have some dozens
SUPPORTED = r"supported are characters, . [A-Z] [^A-Z] \d \w \s ( ) (?: ) | ? * + {m} {m,} {m,n}, and \ before a symbol"


@dataclass(frozen=True)
class Pattern:
    """What the rest of a text must match: at first the whole expression, after a character what is left of it."""

    regex: str
    rests: frozenset[Rest] = field(repr=False)
    known: tuple[Characters, ...] = field(repr=False, compare=False)  # every class of the expression
    fold_case: bool = False

    @property
    def complete(self) -> bool:
        """Whether the text may end here."""
        return any(may_end(rest) for rest in self.rests)

    @cached_property
    def separators(self) -> str:
        r"""Symbols that the expression names, and a space for ``\s``: they may stand in a text unread."""
        found: dict[str, None] = {}
        for one in (one for rest in self.rests for one in classes(rest) if not one.negated):
            found |= dict.fromkeys(first for first, last in one.ranges if first == last and not first.isalnum())
            found |= dict.fromkeys(" " if "s" in one.kinds else "")
        return "".join(found)

    def after(self, character: str) -> Pattern | None:
        """What the rest must match once a character is written; None where it may not come."""
        cases = character.lower() + character.upper() if self.fold_case else character
        rests = after(self.rests, _holding(self.known, cases))
        if sum(map(len, rests)) > MOST_OPEN:
            raise BadOption(
                f"{self} can go on in too many ways; write it with fewer repeats within repeats, or fewer ?"
            )
        return Pattern(self.regex, rests, self.known, self.fold_case) if rests else None

    def __str__(self) -> str:
        return f"the pattern {_shown(self.regex)!r}"


def pattern(regex: str) -> Pattern:
    r"""A regular expression that the whole text must match.

    Where the alphabet takes both cases of a letter for one, so does the pattern. Raises BadOption with the place of
    what is not supported.

    >>> plate = pattern(r"[A-Z]{2} ?\d{2}")
    >>> plate.after("A").after("B").after("1").after("2").complete, plate.after("1")
    (True, None)
    """
    if not isinstance(regex, str):
        raise BadOption(f"a pattern is a regular expression as text; got {type(regex).__name__} {regex!r}")
    if len(regex) > LONGEST:
        raise BadOption(
            f"a pattern has at most {LONGEST:,} characters, this one {len(regex):,}; for lists use allowed()"
        )
    rest = _parse(regex)
    return Pattern(regex, frozenset({rest}), tuple(classes(rest)))


@lru_cache(maxsize=1 << 16)
def _holding(known: tuple[Characters, ...], cases: str) -> frozenset[Characters]:
    """The classes of a pattern that hold a character: characters in the same ones lead to the same."""
    return frozenset(one for one in known if one.hold(cases))


@lru_cache(maxsize=256)  # a pattern made twice is the same pattern
def _parse(regex: str) -> Rest:
    rest, at = _options(regex, 1 if regex.startswith("^") else 0, 0)
    if at < len(regex):
        raise _refused(regex, at, "this ) closes no group")
    return rest


def _options(regex: str, at: int, depth: int) -> tuple[Rest, int]:
    """Sequences between bars, up to the end or the bracket that closes the group."""
    option, at = _sequence(regex, at, depth)
    options = [option]
    while regex.startswith("|", at):
        option, at = _sequence(regex, at + 1, depth)
        options.append(option)
    return (options[0] if len(options) == 1 else (Group(tuple(options)),)), at


def _sequence(regex: str, at: int, depth: int) -> tuple[Rest, int]:
    nodes: list[Node] = []
    while at < len(regex) and regex[at] not in "|)":
        if regex[at] == "$" and at == len(regex) - 1:  # a whole text ends here anyway
            return tuple(nodes), at + 1
        node, at = _node(regex, at, depth)
        node, at = _repeated(regex, at, node)
        nodes.append(node)
    return tuple(nodes), at


def _node(regex: str, at: int, depth: int) -> tuple[Node, int]:
    """A group, a class or a character."""
    character = regex[at]
    if character == "(":
        return _group(regex, at, depth + 1)
    if character == "[":
        return _class(regex, at)
    if character == ".":
        return Characters(negated=True), at + 1
    if character in "*+?{":
        raise _refused(regex, at, "there is nothing before it to repeat")
    if character in "^$":
        raise _refused(regex, at, "^ may only begin and $ only end a pattern, which matches the whole text anyway")
    return _escaped_or_plain(regex, at)


def _group(regex: str, at: int, depth: int) -> tuple[Node, int]:
    if depth > DEEPEST:
        raise _refused(regex, at, f"groups lie in groups more than {DEEPEST} deep")
    start = at + 3 if regex.startswith("(?:", at) else at + 1
    if regex.startswith("?", start):
        raise _refused(regex, at, "this kind of group is not supported")
    rest, end = _options(regex, start, depth)
    if not regex.startswith(")", end):
        raise _refused(regex, at, "this group is never closed")
    return (rest[0] if len(rest) == 1 else Group((rest,))), end + 1


def _class(regex: str, at: int) -> tuple[Node, int]:
    """A class in square brackets; a ] that comes first is one of its characters."""
    negated = regex.startswith("[^", at)
    first = place = at + 1 + negated
    ranges: list[tuple[str, str]] = []
    kinds = ""
    while place == first or not regex.startswith("]", place):
        if place >= len(regex):
            raise _refused(regex, at, "this class is never closed")
        one, end = _escaped_or_plain(regex, place)
        if regex.startswith("-", end) and end + 1 < len(regex) and regex[end + 1] != "]":
            last, end = _escaped_or_plain(regex, end + 1)
            if one.kinds or last.kinds or one.ranges[0][0] > last.ranges[0][0]:
                raise _refused(regex, place, "this range does not go from a lower to a higher character")
            ranges.append((one.ranges[0][0], last.ranges[0][0]))
        else:
            ranges += one.ranges
            kinds += one.kinds
        place = end
    return Characters(tuple(ranges), kinds, negated), place + 1


def _escaped_or_plain(regex: str, at: int) -> tuple[Characters, int]:
    character = regex[at]
    if character != "\\":
        return Characters(((character, character),)), at + 1
    escaped = regex[at + 1 : at + 2]
    if escaped and escaped in "dwsDWS":
        return Characters(kinds=escaped), at + 2
    if not escaped or escaped.isalnum():
        raise _refused(regex, at, f"\\{escaped} is not supported")
    return Characters(((escaped, escaped),)), at + 2


def _repeated(regex: str, at: int, node: Node) -> tuple[Node, int]:
    """The node with the ? * + or {m,n} that follows it."""
    limits: dict[str, tuple[int, int | None]] = {"?": (0, 1), "*": (0, None), "+": (1, None)}
    symbol, end = regex[at : at + 1], at + 1
    if symbol == "{":
        (least, most), end = _counts(regex, at)
    elif symbol in limits:
        least, most = limits[symbol]
    else:
        return node, at
    if end < len(regex) and regex[end] in "*+?{":
        raise _refused(regex, end, "a repeat directly after a repeat is not supported")
    return (Group(((),)) if most == 0 else Repeat(node, least, most)), end


def _counts(regex: str, at: int) -> tuple[tuple[int, int | None], int]:
    """{m}, {m,} or {m,n}."""
    end = regex.find("}", at)
    parts = regex[at + 1 : max(end, at)].split(",")
    if (
        end < 0
        or len(parts) > 2
        or not parts[0]
        or not all(part.isascii() and part.isdigit() for part in parts if part)
    ):
        raise _refused(regex, at, "a repeat is {m}, {m,} or {m,n}; a plain { is written \\{")
    if any(len(part.lstrip("0")) > len(str(MOST_REPEATS)) or int(part or 0) > MOST_REPEATS for part in parts):
        raise _refused(regex, at, f"a repeat goes up to {MOST_REPEATS:,}")
    least = int(parts[0])
    most = int(parts[-1]) if parts[-1] else None
    if most is not None and most < least:
        raise _refused(regex, at, "the second number is lower than the first")
    return (least, most), end + 1


def _refused(regex: str, at: int, reason: str) -> BadOption:
    return BadOption(f"pattern {_shown(regex)!r}, character {at + 1} ({regex[at : at + 8]!r}): {reason}; {SUPPORTED}")


def _shown(regex: str) -> str:
    return regex if len(regex) <= 60 else f"{regex[:57]}..."
