"""What can go wrong, as exceptions whose sentence a user can act on. Nothing here knows how a sentence is shown.

InkreadError
├── BadPicture              not a picture, or one that cannot be decoded
│   ├── BlankPicture        a picture without enough ink to read
│   └── PictureTooLarge     a picture of more pixels than are taken
├── BadArray                an array with the wrong shape, type or range
├── UnknownCharacter        text with a character outside the alphabet
├── BadData                 a data set file or folder that is not what it should be
│   ├── DataMissing         a data set that is not on this machine
│   └── ChecksumMismatch    bytes that differ from what the catalogue promises
├── DownloadFailed          the server, the connection or the disk refused
├── BadCheckpoint           weights that are missing, damaged or made for something else
├── BadOption               an option's value that makes no sense
│   └── Misfit              a line that cannot be what the constraint wants
├── TrainingDiverged        the loss is not a number any more
├── TrainingInterrupted     stopped on request; the checkpoint on disk is whole
├── ExportMismatch          the exported network and the original disagree
└── MissingDependency       an optional package that this step needs
"""


class InkreadError(Exception):
    """The root: catch this to catch everything that inkread raises on purpose."""


class BadPicture(InkreadError):
    """Not a picture, or one that cannot be decoded."""


class BlankPicture(BadPicture):
    """A picture without enough ink to read."""


class PictureTooLarge(BadPicture):
    """A picture of more pixels than are taken."""


class BadArray(InkreadError):
    """An array with the wrong shape, type or range."""


class UnknownCharacter(InkreadError):
    """Text with a character outside the alphabet."""


class BadData(InkreadError):
    """A data set file or folder that is not what it should be."""


class DataMissing(BadData):
    """A data set that is not on this machine."""


class ChecksumMismatch(BadData):
    """Bytes that differ from what the catalogue promises."""


class DownloadFailed(InkreadError):
    """The server, the connection or the disk refused."""


class BadCheckpoint(InkreadError):
    """Weights that are missing, damaged or made for something else."""


class BadOption(InkreadError):
    """An option's value that makes no sense."""


class Misfit(BadOption):
    """A line that cannot be what the constraint wants, such as one of too few characters."""


class TrainingDiverged(InkreadError):
    """The loss is not a number any more."""


class TrainingInterrupted(InkreadError):
    """Stopped on request; the checkpoint on disk is whole."""


class ExportMismatch(InkreadError):
    """The exported network and the original disagree."""


class MissingDependency(InkreadError):
    """An optional package that this step needs is not installed."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        super().__init__(f'{purpose} needs {package}; install it with: pip install "inkread[{extra}]"')
