"""Names, files and folders -> a Dataset of labelled glyphs. Knows nothing of networks or text."""

from inkread.data.acquire import FileState, get, verify
from inkread.data.catalogue import CATALOGUE, CHARACTERS, TASKS, DataFile, Entry, data_folder, find
from inkread.data.datasets import load, load_for, names
from inkread.data.splits import Dataset, Split, divide, fingerprint, hashes

__all__ = [
    "CATALOGUE",
    "CHARACTERS",
    "TASKS",
    "DataFile",
    "Dataset",
    "Entry",
    "FileState",
    "Split",
    "data_folder",
    "divide",
    "find",
    "fingerprint",
    "get",
    "hashes",
    "load",
    "load_for",
    "names",
    "verify",
]
