"""What was measured -> which of the targets were reached. A target that was missed stays in the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

from inkread.evaluation.risk import SureWords
from inkread.evaluation.wording import ABSENT, percent
from inkread.interfaces.bench.measure import SetScore

OWN: Final = "inkread"
BETTER: Final = 10.0  # times that the character error is to lie below that of the better of the other engines
SURE_RISK: Final = 0.02  # of the words that are sure, the share that may be wrong
COLD: Final = 0.8  # seconds from the shell to the answer
CER: Final = {"clean": 0.01, "hard": 0.04, "pages": 0.05, "real pages, capitals": 0.02, "real pages, small": 0.04}
EXACT: Final = {"clean": 0.8}
MS: Final = {"clean": 15.0, "pages": 150.0}


@dataclass(frozen=True)
class Verdict:
    """One target: what, how much was asked for and what was measured, as people read it, and whether it was reached."""

    what: str
    target: str
    measured: str
    reached: bool

    def to_dict(self) -> dict[str, object]:
        """Plain values, ready for ``json.dumps``."""
        return asdict(self)


def verdicts(rows: Sequence[SetScore], sure: SureWords | None, cold: float | None) -> list[Verdict]:
    """Every target that the rows speak about, character errors with case ignored."""
    found = []
    for row in rows:
        kind = target_of(row.set)
        if row.engine != OWN or kind is None:
            continue
        found.append(_at_most(f"{row.set}: character error", row.folded.cer, CER[kind]))
        if kind in EXACT:
            reached = row.folded.exact >= EXACT[kind]
            asked = f"at least {percent(EXACT[kind], 0)}"
            found.append(Verdict(f"{row.set}: exact lines", asked, percent(row.folded.exact, 1), reached))
        if kind in MS:
            asked = f"at most {MS[kind]:g}"
            found.append(Verdict(f"{row.set}: ms a picture", asked, f"{row.ms:.0f}", row.ms <= MS[kind]))
        if (other := best_other(rows, row.set)) is not None:
            times = other.folded.cer / row.folded.cer if row.folded.cer else float("inf")
            found.append(
                Verdict(
                    f"{row.set}: below the better engine",
                    f"{BETTER:g} times",
                    f"{_apart(times)} {other.engine}",
                    times >= BETTER,
                )
            )
    if sure is not None:
        share = f"{percent(sure.share)} of {sure.sure:,}" if sure.sure else ABSENT
        asked = f"at most {percent(SURE_RISK, 0)}"
        found.append(
            Verdict("sure words that are wrong", asked, share, sure.share is not None and sure.share <= SURE_RISK)
        )
    if cold is not None:
        found.append(Verdict("cold from the shell", f"at most {COLD:g} s", f"{cold:.2f} s", cold <= COLD))
    return found


def _apart(times: float) -> str:
    """How many times lower an error is than another one, which may be none at all."""
    if times >= 1:
        return f"{times:.1f} times below"
    return f"{1 / times:.1f} times above" if times else "above"


def target_of(name: str) -> str | None:
    """The kind whose targets a set has to meet; None for sets without."""
    return next((kind for kind in CER if name == kind or name.startswith(f"{kind},")), None)


def best_other(rows: Sequence[SetScore], name: str) -> SetScore | None:
    """The best of the other engines on one set, however it was asked; None where none was."""
    others = [row for row in rows if row.set == name and row.engine != OWN]
    return min(others, key=lambda row: row.folded.cer, default=None)


def _at_most(what: str, share: float, most: float) -> Verdict:
    return Verdict(what, f"at most {percent(most, 1)}", percent(share), share <= most)
