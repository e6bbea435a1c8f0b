"""Networks that turn glyphs into logits, and checkpoints that keep them. Knows nothing of picture files or text."""

from inkread.models.checkpoint import Checkpoint, load, save
from inkread.models.networks import ARCHITECTURES, NetworkSize, build, measure
from inkread.models.predict import logits

__all__ = ["ARCHITECTURES", "Checkpoint", "NetworkSize", "build", "load", "logits", "measure", "save"]
