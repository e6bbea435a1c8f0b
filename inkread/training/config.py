"""What a training run is made of: one flat, frozen record. Flags, help, checkpoint and record all come from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, asdict, dataclass, fields, replace
from pathlib import Path
from typing import Annotated, Literal, get_args

from cyclopts import Parameter

from inkread.errors import BadOption

Arch = Literal["mlp", "cnn", "cnn-medium", "cnn-accurate", "cnn-1k", "cnn-4k", "cnn-10k"]
OptimizerName = Literal["sgd", "adamw", "muon"]

ARCH: Arch = "cnn"  # the network where none is named

# Chosen on validation data; records/LOG.md tells how.
SHARED: Mapping[str, object] = {
    "optimizer": "muon", "learning_rate": 0.1, "batch_size": 128, "weight_decay": 1e-5, "label_smoothing": 0.0,
    "elastic": 0.0, "averaging": 0.999,
}  # fmt: skip
RECIPES: Mapping[str, Mapping[str, object]] = {
    "mlp": {
        "epochs": 12, "learning_rate": 0.1, "batch_size": 256,
        "shift": 1.0, "rotate": 8.0, "scale": 0.08, "shear": 0.08, "elastic": 0.3,
    },
    "cnn": {
        "epochs": 4, "learning_rate": 0.2, "batch_size": 256,
        "shift": 1.0, "rotate": 6.0, "scale": 0.05, "shear": 0.05, "elastic": 0.0,
    },
    "cnn-medium": {
        "epochs": 5, "learning_rate": 0.15, "batch_size": 256,
        "shift": 1.0, "rotate": 8.0, "scale": 0.08, "shear": 0.08, "elastic": 0.0, "plain_epochs": 1,
    },
    "cnn-accurate": {
        "epochs": 14, "learning_rate": 0.1, "batch_size": 128,
        "shift": 2.0, "rotate": 10.0, "scale": 0.12, "shear": 0.12, "elastic": 0.5,
    },
    "cnn-1k": {**SHARED, "epochs": 24, "shift": 0.0, "rotate": 0.0, "scale": 0.0, "shear": 0.0},
    "cnn-4k": {**SHARED, "epochs": 12, "shift": 0.5, "rotate": 5.0, "scale": 0.05, "shear": 0.05},
    "cnn-10k": {**SHARED, "epochs": 14, "shift": 1.0, "rotate": 10.0, "scale": 0.1, "shear": 0.1},
}  # fmt: skip
# What a teacher's answers are learnt with: they say themselves how sure they are.
TAUGHT: Mapping[str, object] = {"label_smoothing": 0.0}
# What a network that is there is trained further with, whatever its architecture.
FINE_TUNING: Mapping[str, object] = {
    "epochs": 4, "learning_rate": 0.01, "batch_size": 64,
    "shift": 1.0, "rotate": 6.0, "scale": 0.08, "shear": 0.08, "elastic": 0.4, "averaging": 0.0,
}  # fmt: skip
COMMON: Mapping[str, object] = {
    "dataset": "digits", "seed": 0,
    "optimizer": "sgd", "weight_decay": 5e-4, "label_smoothing": 0.05, "stroke": 0.0, "plain_epochs": 0,
    "averaging": 0.0, "teacher_temperature": 2.0,
}  # fmt: skip


def differing(before: Mapping[str, object], now: Mapping[str, object]) -> list[tuple[str, object, object]]:
    """The options in which two runs differ, as `TrainConfig.to_dict` gives them: name, value before, value now.

    Of two runs that are taught, where a teacher lies is no difference: its fingerprint tells whether it is the same.
    """
    alike = {"teacher"} if before.get("teacher") and now.get("teacher") else set()
    return [
        (name, before.get(name), value)
        for name, value in now.items()
        if before.get(name) != value and name not in alike
    ]


@dataclass(frozen=True)
class TrainConfig:
    """What a training run is made of.

    An option left out is None (``data``: empty) until `filled` gives it its value, mostly the architecture's own, tried
    one. So a run that goes on can tell what was asked for from what was not.
    """

    dataset: str | None = None
    """digits (where none is named), letters, a name of `inkread data list`, or a folder or .npz file of your own."""

    _: KW_ONLY

    data: tuple[str, ...] = ()
    """The data folder, or folders and .npz files of your own, combined into one set; may be repeated."""

    start: Annotated[str | None, Parameter(name="--from")] = None
    """Go on with a network that is there, on --data of yours: digits or letters, which ship, or a run's folder."""

    arch: Arch | None = None
    """The network: cnn where none is named; `inkread models` tells what they are."""

    teacher: tuple[str, ...] = ()
    """Learn what the network of this finished run says of each warped glyph, not its label; several: their mean."""

    teacher_temperature: float | None = None
    """Softens the teacher's probabilities and the learner's: 1 leaves them as they are, more makes them less sure."""

    seed: int | None = None
    """Seed of weights, order and augmentation, 0 where none is given; on one processor it gives the same weights."""

    epochs: int | None = None
    """How many times every picture is seen."""

    batch_size: int | None = None
    """Pictures a step."""

    optimizer: OptimizerName | None = None
    """sgd (Nesterov momentum 0.9), adamw, or muon: orthogonal steps for layers that mix channels, the last left out."""

    learning_rate: float | None = None
    """The peak of the one-cycle schedule."""

    weight_decay: float | None = None
    """Pull of every weight towards zero."""

    label_smoothing: float | None = None
    """Share of the target (0..1) that is spread over all characters."""

    shift: float | None = None
    """Augmentation: largest shift in pixels."""

    rotate: float | None = None
    """Augmentation: largest rotation in degrees."""

    scale: float | None = None
    """Augmentation: width and height each change by a factor from exp(-scale) to exp(scale); 0.1 is about 10 %."""

    shear: float | None = None
    """Augmentation: largest slant, as a ratio."""

    elastic: float | None = None
    """Augmentation: bend of the strokes in pixels (standard deviation)."""

    stroke: float | None = None
    """Augmentation: thicken or thin strokes, 0..1 of the way to the neighbouring pixels."""

    plain_epochs: int | None = None
    """Augmentation: so many epochs at the end go without it, on the glyphs as they are."""

    averaging: float | None = None
    """How slowly the averaged weights, which are then the network's, follow each step's: 0 (no average) to 0.9999."""

    def __post_init__(self) -> None:
        """Refuse values that make no sense, so that training need not check them."""
        limits = {
            "epochs": (1, 10_000), "batch_size": (2, 65_536), "learning_rate": (0, 100), "weight_decay": (0, 10),
            "label_smoothing": (0, 0.9), "shift": (0, 14), "rotate": (0, 180), "scale": (0, 2), "shear": (0, 2),
            "elastic": (0, 14), "stroke": (0, 1), "plain_epochs": (0, 10_000), "seed": (0, 2**63 - 1),
            "averaging": (0, 0.9999), "teacher_temperature": (0.1, 100),
        }  # fmt: skip
        for option, (low, high) in limits.items():
            value = getattr(self, option)
            if value is not None and not low <= value <= high:
                raise BadOption(f"{option} is {value}; expected {low} to {high}")
        if self.start and self.teacher:
            raise BadOption("--from and --teacher are two ways to learn from a network that is there; give one of them")
        if self.optimizer not in (None, *get_args(OptimizerName)):
            raise BadOption(f"optimizer is {self.optimizer!r}; choose one of: {', '.join(get_args(OptimizerName))}")

    def filled(self) -> TrainConfig:
        """The same run with every option that was left out set to its value, mostly the architecture's own."""
        arch = ARCH if self.arch is None else self.arch
        if arch not in RECIPES:
            raise BadOption(f"there is no architecture {arch!r}; choose one of: {', '.join(RECIPES)}")
        own = {**COMMON, **RECIPES[arch], **self._aside, "arch": arch}
        return replace(self, **{name: value for name, value in own.items() if getattr(self, name) is None})  # type: ignore[arg-type]

    @property
    def _aside(self) -> Mapping[str, object]:
        """What the way of learning decides, and not the architecture."""
        return FINE_TUNING if self.start else TAUGHT if self.teacher else {}

    def at(self, epoch: int) -> TrainConfig:
        """The configuration of one epoch, counted from 0: without augmentation where it has ended."""
        if epoch < self.epochs - self.plain_epochs:
            return self
        return replace(self, shift=0.0, rotate=0.0, scale=0.0, shear=0.0, elastic=0.0, stroke=0.0)

    @property
    def stem(self) -> str:
        """What a filled configuration's run is named after: data set and architecture, or what was trained further."""
        if self.start:
            return f"{Path(self.data[0]).resolve().name}-from-{Path(self.start).stem}"
        return f"{Path(self.dataset).resolve().stem}-{self.arch}"  # of . the folder's name

    @property
    def geometric(self) -> bool:
        """Whether augmentation moves ink at all."""
        return any((self.shift, self.rotate, self.scale, self.shear, self.elastic))

    def to_dict(self) -> dict[str, object]:
        """Plain values, ready for JSON."""
        return {**asdict(self), "data": list(self.data), "teacher": list(self.teacher)}

    @classmethod
    def from_dict(cls, values: Mapping[str, object]) -> TrainConfig:
        """The record that `to_dict` wrote."""
        known = {field.name for field in fields(cls)}
        unknown = sorted(set(values) - known)
        if unknown:
            raise BadOption(f"unknown training options: {', '.join(unknown)}")
        several = {name: tuple(map(str, values.get(name, ()))) for name in ("data", "teacher")}  # type: ignore[call-overload]
        return cls(**{**values, **several})  # type: ignore[arg-type]
