"""A name, or the user's own files -> a Dataset: train, validation and test glyphs, upright, framed, labelled by one
alphabet.

Where the wanted data set is not on this machine, what ships with inkread stands in for it, and ``remark`` says so.
Fetching is left to `acquire`. MNIST and EMNIST are read by torchvision; EMNIST's own ways (pictures on their side,
letters counted from 1) are undone here and nowhere else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from importlib import resources
from pathlib import Path
from shlex import quote
from types import ModuleType
from typing import TYPE_CHECKING, Final

import numpy as np

from inkread.alphabet import DIGITS, LETTERS, Alphabet
from inkread.data import catalogue, folders, idx, npz, splits, strokes
from inkread.data.catalogue import CHARACTERS, TASKS, Entry, data_folder
from inkread.data.splits import Dataset, Labelled, Split, divide
from inkread.errors import BadData, BadOption, DataMissing, MissingDependency

if TYPE_CHECKING:
    from torchvision.datasets import MNIST

    from inkread.preprocessing.frame import Framing

SAMPLE: Final = "sample-digits"
SYNTHETIC: Final = "synthetic-letters"
SYNTHETIC_EACH: Final = 64  # glyphs of each character: enough to learn their shapes, made in two seconds
SYNTHETIC_SEED: Final = 20_240_229
OWN_SHARE: Final = 0.1  # of the user's own pictures for validation, and as many for the test
ALPHABETS: Final = {"digits": DIGITS, "letters": LETTERS, "characters": CHARACTERS, SAMPLE: DIGITS, SYNTHETIC: LETTERS}


def names() -> tuple[str, ...]:
    """What ``load`` knows by name: tasks, data sets of the catalogue, and what ships with inkread."""
    return (*TASKS, *catalogue.CATALOGUE, SAMPLE, SYNTHETIC)


def load(name: str | Path, root: Path | None = None, sources: Sequence[Path] = ()) -> Dataset:
    """Load a data set.

    ``name`` is a task ('digits', 'letters', 'characters': the best there is on this machine), a data set of the
    catalogue, one that ships ('sample-digits', 'synthetic-letters'), or the path of the user's own folder or .npz file,
    whose characters then are the alphabet. ``root`` is the data folder (None: see ``catalogue.data_folder``).

    ``sources`` replace what the name would load; the name still decides the alphabet and the framing. Each is a folder
    with a folder per character, an .npz file, or a data folder, which adds the named data set that lies in it. They are
    put together part by part; one that is named again is taken once, and the remark tells. A source that names no parts
    of its own is divided by the hash of each picture, 80/10/10.

    Raises BadOption for an unknown name, DataMissing for a data set that is not on this machine, BadData for files that
    are not what they should be, MissingDependency where torchvision is needed and not installed.
    """
    known = isinstance(name, str) and name in names()
    if not known and not (name and Path(name).exists()):  # Path("") is the current folder
        raise BadOption(
            f"{str(name)!r} is neither a data set nor a folder or .npz file; the data sets are {', '.join(names())}. "
            "What each is, tells: inkread data list"
        )
    own, again = _once(sources if known else [Path(name), *sources])
    if not known:
        dataset = _own(Path(name).resolve().stem, None, own)
    elif own and not (len(own) == 1 and is_data_folder(own[0])):
        dataset = _own(str(name), str(name), own)
    else:
        dataset = _named(str(name), own[0] if own else data_folder(root))
    return _told(dataset, again)


def load_for(alphabet: Alphabet, framing: Framing, sources: Sequence[Path], name: str) -> Dataset:
    """The user's own sources as a network that is there needs them: labelled by its alphabet, framed its way.

    Raises BadData as ``load``, also for sources that show nothing of the alphabet.
    """
    own, again = _once(sources)
    return _told(_joined(name, None, (alphabet, framing), own), again)


def is_data_folder(path: Path) -> bool:
    """Whether a folder is laid out as torchvision keeps data sets: MNIST/ or EMNIST/ below it."""
    return (path / "MNIST").is_dir() or (path / "EMNIST").is_dir()


def _named(name: str, root: Path) -> Dataset:
    """A data set by its name; for a task the best that there is."""
    if name == SAMPLE or (name == "digits" and not _is_there(name, root)):
        return _sample(name, root)
    if name == SYNTHETIC or (name in ("letters", "characters") and not _is_there(name, root)):
        return _synthetic(name, root)
    entry = catalogue.find(name)
    train, val, test = _from_catalogue(entry, root)
    return _dataset(name, entry.alphabet, entry.framing, (train, val, test), "")


def _dataset(
    name: str, alphabet: Alphabet, framing: Framing, parts: tuple[Split, Split, Split | None], remark: str
) -> Dataset:
    train, val, test = parts
    return Dataset(name, alphabet, framing, train, val, test, splits.fingerprint(parts), remark)


# The catalogue's data sets


def _is_there(name: str, root: Path) -> bool:
    entry = catalogue.find(name)
    return all((root / entry.folder / file.name).is_file() for file in entry.files)


def _from_catalogue(entry: Entry, root: Path) -> tuple[Split, Split, Split]:
    for file in entry.files:
        path = root / entry.folder / file.name
        if not path.exists():
            raise DataMissing(
                f"{entry.title} is not in {root} ({entry.folder}/{file.name} is missing); get it with: inkread data "
                f"get {entry.name}"
            )
        idx.shape(path)
    train, val, _ = divide(_read(entry, root, train=True))
    return train, val, _read(entry, root, train=False)


def _read(entry: Entry, root: Path, train: bool) -> Split:
    """One IDX pair as torchvision reads it, made upright and counted from 0."""
    source = _torchvision(entry, root, train)
    images, labels = source.data.numpy(), source.targets.numpy() - entry.first_label
    if images.shape[1:] != (splits.SIDE, splits.SIDE) or len(images) != len(labels):
        raise BadData(
            f"{entry.title} in {root} has images {images.shape} and labels {labels.shape}; expected one label for "
            "each 28x28 picture"
        )
    if len(labels) and not 0 <= labels.min() <= labels.max() < len(entry.alphabet):
        first, last = entry.first_label, entry.first_label + len(entry.alphabet) - 1
        raise BadData(
            f"{entry.title} in {root} has labels outside {first} to {last}; get it again with: inkread data get "
            f"{entry.name}"
        )
    if entry.transposed:
        images = np.ascontiguousarray(images.transpose(0, 2, 1))
    told = entry.alphabet in (DIGITS, CHARACTERS)  # the others merge cases
    return Split(images, labels, np.array(list(entry.alphabet), "<U1")[labels] if told else None)


def _torchvision(entry: Entry, root: Path, train: bool) -> MNIST:
    try:
        from torchvision import datasets
    except ModuleNotFoundError as error:
        raise MissingDependency("torchvision", "train", f"reading {entry.title}") from error
    if entry.name == "mnist":
        return datasets.MNIST(root, train=train)
    return datasets.EMNIST(root, split=entry.name.removeprefix("emnist-"), train=train)


# What ships with inkread


def _sample(name: str, root: Path) -> Dataset:
    """4,000 + 1,000 digits of MNIST from within the package."""
    with resources.as_file(resources.files("inkread.data") / "samples" / "digits.npz") as path, np.load(path) as file:
        images = file["images"]
        labels = file["labels"].astype(np.int64)
        is_test = file["split"] == "test"
    whole = Split(images, labels, np.array(list(DIGITS), "<U1")[labels])
    train, val, _ = divide(whole.take(~is_test))
    remark = (
        f"the sample that ships with inkread: {int((~is_test).sum()):,} digits of MNIST to train with, "
        f"{int(is_test.sum()):,} to test{_instead(name, root)}"
    )
    return _dataset(name, DIGITS, "mnist", (train, val, whole.take(is_test)), remark)


def _synthetic(name: str, root: Path) -> Dataset:
    """Letters (for 'characters' digits, too) that inkread draws itself."""
    alphabet = ALPHABETS[name]
    drawn = CHARACTERS.characters if name == "characters" else CHARACTERS.characters[10:]
    made = strokes.letters(SYNTHETIC_EACH, np.random.default_rng(SYNTHETIC_SEED), drawn)
    parts = divide(Split(made.images, alphabet.encode(made.written), made.written), OWN_SHARE, OWN_SHARE)
    remark = (
        f"synthetic: {len(made):,} {'letters' if alphabet == LETTERS else 'characters'} drawn by inkread itself, no "
        f"handwriting; good for trying things out, not for figures{_instead(name, root)}"
    )
    return _dataset(name, alphabet, "emnist", parts, remark)


def _instead(name: str, root: Path) -> str:
    if name not in TASKS:
        return ""
    entry = catalogue.find(name)
    return f". {entry.title} is not in {root}; get it with: inkread data get {entry.name}"


# The user's own


def _once(sources: Sequence[Path]) -> tuple[list[Path], list[str]]:
    """Each file or folder once, however it is spelt, and a remark on each that was named again."""
    spelt = [catalogue.expanded(source) for source in sources]
    times = Counter(path.resolve() for path in spelt)
    first = {path.resolve(): path for path in reversed(spelt)}
    own = [first[place] for place in times]
    again = [
        f"{first[place]} was named {number} times and is taken once" for place, number in times.items() if number > 1
    ]
    return own, again


def _told(dataset: Dataset, remarks: Sequence[str]) -> Dataset:
    """The data set with more remarks."""
    return replace(dataset, remark="; ".join(filter(None, (dataset.remark, *remarks))))


def _own(name: str, task: str | None, sources: Sequence[Path]) -> Dataset:
    """Sources put together; the alphabet is the task's, or what the sources show."""
    return _joined(name, task, _classes_shown(sources) if task is None else _classes_of(task), sources)


def _joined(name: str, task: str | None, classes: tuple[Alphabet, Framing], sources: Sequence[Path]) -> Dataset:
    alphabet, framing = classes
    read = [_source(source, alphabet, framing, task) for source in sources]
    train, val, test = (splits.join([parts[i] for parts, _ in read]) for i in range(3))
    remarks = [remark for _, remark in read]
    kept, chooses = splits.without(train, (val, test)), splits.without(val, (test,))
    for part, before, after, others in (
        ("training", train, kept, "those held out"), ("validation", val, chooses, "those of the test part"),
    ):  # fmt: skip
        if len(after) < len(before):
            left_out = len(before) - len(after)
            remarks.append(f"{left_out:,} left out of {part} because the same picture is among {others}")
    if absent := "".join(alphabet[i] for i in np.setdiff1d(np.arange(len(alphabet)), kept.labels).tolist()):
        remarks.append(f"nothing to train with of {absent}" if len(kept) else "nothing to train with")
    return _dataset(name, alphabet, framing, (kept, chooses, test if len(test) else None), "; ".join(remarks))


def _source(
    path: Path, alphabet: Alphabet, framing: Framing, task: str | None
) -> tuple[tuple[Split, Split, Split], str]:
    """Train, validation and test part of one source, and a remark on it."""
    if is_data_folder(path):
        if task is None or TASKS.get(task, task) not in catalogue.CATALOGUE:
            raise BadOption(
                f"{path} is a data folder; name the data set in it that you want: "
                f"{', '.join((*TASKS, *catalogue.CATALOGUE))}"
            )
        entry = catalogue.find(task)
        parts = _from_catalogue(entry, path)
        return parts, f"{sum(map(len, parts)):,} glyphs of {entry.title}"
    labelled, dropped = _room(path).read(path, framing, alphabet)
    if not len(labelled):
        raise BadData(
            f"{path} shows nothing of the alphabet {alphabet.characters!r}; expected pictures of at least one of its "
            f"characters{_alone(path, task)}"
        )
    remark = f"{len(labelled):,} glyphs from {path.name}"
    return _parts(labelled, alphabet), f"{remark} ({dropped:,} others are not in the alphabet)" if dropped else remark


def _alone(path: Path, task: str | None) -> str:
    """How to train on what a source shows where a task's alphabet does not suit it; nothing where that is unknown."""
    if task is None:
        return ""
    try:
        _room(path).characters(path)
    except BadData:  # labels are numbers, which only an alphabet gives a meaning
        return ""
    return f"; for the characters that it shows: inkread train {quote(str(path))}"


def _parts(labelled: Labelled, alphabet: Alphabet) -> tuple[Split, Split, Split]:
    """By what the source says; what it leaves open by the hash of each picture."""
    whole = Split(labelled.images, alphabet.encode(labelled.written.tolist()), labelled.written)
    if labelled.part is None:
        return divide(whole, OWN_SHARE, OWN_SHARE)
    train, val, test = (whole.take(labelled.part == part) for part in ("train", "val", "test"))
    if not len(val):
        train, val, _ = divide(train)
    return train, val, test


def _room(path: Path) -> ModuleType:
    """What reads a source: `folders` or `npz`."""
    if path.is_dir():
        if any(file for place in (path, path / "raw") for file in place.glob("*-ubyte*")):
            raise BadData(
                f"{path} holds IDX files; expected them unpacked in DATA/MNIST/raw or DATA/EMNIST/raw, and --data DATA"
            )
        return folders
    if not path.exists():
        raise BadData(f"{path} does not exist; expected a folder with one folder per character, or an .npz file")
    if path.suffix.lower() != ".npz":
        raise BadData(
            f"{path} is neither a folder nor an .npz file; expected one folder per character, or images and labels "
            "in .npz"
        )
    return npz


def _classes_of(task: str) -> tuple[Alphabet, Framing]:
    if task in catalogue.CATALOGUE:
        entry = catalogue.find(task)
        return entry.alphabet, entry.framing
    return ALPHABETS[task], "mnist" if ALPHABETS[task] == DIGITS else "emnist"


def _classes_shown(sources: Sequence[Path]) -> tuple[Alphabet, Framing]:
    """The alphabet of all characters that the sources show; both cases apart, unless only capitals occur."""
    if data_folders := [str(source) for source in sources if is_data_folder(source)]:
        raise BadOption(
            f"{data_folders[0]} is a data folder; name the data set in it that you want, such as mnist, and give the "
            "folder as root"
        )
    shown = "".join(sorted({character for source in sources for character in _room(source).characters(source)}))
    capitals = shown == shown.upper() and shown != shown.lower()
    return Alphabet(shown, fold_case=capitals), "mnist" if set(shown) <= set(DIGITS) else "emnist"
