"""The pages of the documentation -> their code blocks, their commands, and what they show."""

from __future__ import annotations

import ast
import io
import re
import shlex
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
GENERATED = ROOT / "docs" / "reference" / "commands.md"
PAGES = [README, ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")), ROOT / "records" / "README.md"]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
STRING = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""")
LEFT_OUT = "…"


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, '' where none is named, and its text."""

    language: str
    text: str


def blocks(page: Path, *languages: str) -> list[Block]:
    """The blocks of a page, of these languages or of all."""
    found = [Block(*match) for match in BLOCK.findall(page.read_text(encoding="utf-8"))]
    return [block for block in found if not languages or block.language in languages]


def spans(page: Path) -> list[str]:
    """What stands between single backticks, outside of blocks."""
    return SPAN.findall(BLOCK.sub("", page.read_text(encoding="utf-8")))


def typed(block: Block) -> Iterator[tuple[list[str], list[str]]]:
    """Each command of a console block, as words, and the lines shown below it."""
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, *shown = part.splitlines()
        yield shlex.split(command, comments=True), shown


def calls(page: Path) -> list[list[str]]:
    """The words after `inkread` of every command that a page tells to type, in pipes and after other commands, too."""
    found = []
    for block in blocks(page, "console"):
        for words, _ in typed(block):
            for place, word in enumerate(words):
                if word == "inkread" and (place == 0 or words[place - 1] in ("|", "&&", "nice")):
                    rest = words[place + 1 :]
                    ends = [i for i, other in enumerate(rest) if other in ("|", "&&", ">")]
                    found.append(rest[: min(ends, default=len(rest))])
    return found


def outlines(page: Path) -> list[str]:
    """Every mention of the command that is no whole call: the lists of verbs, and what stands in running text."""
    listed = [line for block in blocks(page, "") for line in re.sub(r"\n +", " ", block.text).splitlines()]
    return [text for text in (*listed, *spans(page)) if text.startswith("inkread ")]


def shown_values(block: Block) -> Iterator[tuple[str, str]]:
    """The expressions of a Python block that stand alone in a line, and the comments behind them."""
    comments = {
        token.start[0]: token.string.removeprefix("#").strip()
        for token in tokenize.generate_tokens(io.StringIO(block.text).readline)
        if token.type == tokenize.COMMENT
    }
    for statement in ast.parse(block.text).body:
        if isinstance(statement, ast.Expr) and statement.end_lineno in comments:
            yield ast.unparse(statement), comments[statement.end_lineno]


def run_block(block: Block, names: dict[str, object]) -> int:
    """Execute a Python block; how many of the values that its comments show were compared with those that come out.

    A comment shows a value where it begins with a string, a bracket or a parenthesis.
    """
    compared = 0
    shown = dict(shown_values(block))
    for statement in ast.parse(block.text).body:
        source = ast.unparse(statement)
        if not isinstance(statement, ast.Expr) or source not in shown:
            exec(compile(ast.Module([statement], []), "<page>", "exec"), names)
            continue
        value, comment = eval(source, names), shown[source]
        literal = STRING.match(comment)
        if literal:
            assert value == ast.literal_eval(literal[0]), f"{source} is {value!r}, not {literal[0]}"
        elif comment.startswith(("(", "[")):
            assert comment.startswith(repr(value)), f"{source} is {value!r}, not {comment}"
        compared += literal is not None or comment.startswith(("(", "["))
    return compared


def masked(line: str) -> str:
    """A line without its figures and its spacing: what is the same on every machine."""
    return re.sub(r"\d[\d.,:]*", "#", " ".join(line.split()))


def in_order(shown: list[str], printed: str, *, exactly: bool = False) -> str | None:
    """The first line of a page that a command did not print in its turn; None where all came.

    Lines that a page leaves out are marked by a …, at the end of a line what follows in it. Figures are compared where
    ``exactly``.
    """
    plain = (lambda line: " ".join(line.split())) if exactly else masked
    lines = iter([plain(line) for line in printed.splitlines() if line.strip()])
    for line in shown:
        wanted = plain(line)
        if not wanted or wanted.startswith(LEFT_OUT):
            continue
        begin = wanted.removesuffix(LEFT_OUT).rstrip()
        if not any(one == wanted or (wanted.endswith(LEFT_OUT) and one.startswith(begin)) for one in lines):
            return line
    return None
