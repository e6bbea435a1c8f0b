"""Train the line network that ships, on lines that are written while it learns.

    make line-data                            # glyphs, fonts (needs npm) and INKREAD_DATA with letters, MNIST and texts
    python scripts/train_lines.py build/lines # 18,000 steps, ninety minutes on two cores; killed, it goes on
    python scripts/train_lines.py build/lines --from inkread/weights/lines.onnx --rate 0.0008  # or learns on
    python scripts/export_lines.py build/lines

The first steps learn frame by frame, since the writer knows where each character stands; then the sum over all
alignments (Graves et al. 2006) takes over, and the frames only keep characters where they are.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import safetensors
import safetensors.torch
import torch
import torch.nn.functional as F
from jiwer import cer
from line_weights import learning_on
from line_writer import BLANK, CLASSES, Batch, Line, Writer, batch, batches, validation
from torch.utils.data import DataLoader, IterableDataset

from inkread.files import write_whole
from inkread.models.line_network import Along, LineNetwork
from inkread.training.device import has_fast_bfloat16
from inkread.training.muon import Muon

STEPS: Final = 18_000
SIZE: Final = 16  # lines of a step
RATE: Final = 2e-3  # learning rate at its highest
WARM_UP: Final = 300  # steps
LAST: Final = 0.01  # of the highest rate, at the end
DECAY: Final = 0.02  # of weights, not of biases and norms
FRAMED: Final = 1_500  # steps that learn frame by frame alone
KEPT: Final = 0.2  # weight of the frames' loss afterwards
CLIPPED: Final = 2.0  # longest gradient
MEASURED: Final = 500  # steps from one measurement to the next, and from one file to the next
REBUILT_ON: Final = 48  # batches that give the norms of an exported file their statistics
SHORTEST: Final = 4  # characters; the loss of shorter lines is divided by this


class Batches(IterableDataset[Batch]):
    """Endless batches for a worker of its own."""

    def __init__(self, glyphs: Path, fonts: Path, size: int, seed: int) -> None:
        self._places, self._size, self._seed = (glyphs, fonts), size, seed

    def __iter__(self) -> Iterator[Batch]:
        return batches(Writer(*self._places, "train", self._seed), self._size)


def losses(logits: torch.Tensor, lines: Batch) -> tuple[torch.Tensor, torch.Tensor]:
    """The mean loss a frame, and the mean over lines of the loss a character, summed over all alignments."""
    log_probs = logits.float().log_softmax(dim=2)  # (N, F, C + 2)
    frames, lengths, targets, counts = (torch.as_tensor(one) for one in lines[1:])
    own = torch.arange(frames.shape[1])[None, :] < lengths[:, None]
    by_frame = (F.nll_loss(log_probs.transpose(1, 2), frames, reduction="none") * own).sum() / own.sum()
    by_line = F.ctc_loss(
        log_probs.transpose(0, 1), targets, lengths, counts, blank=BLANK, reduction="none", zero_infinity=True
    )
    return by_frame, (by_line / counts.clamp(min=SHORTEST)).mean()


def rate_at(step: int, steps: int, highest: float = RATE) -> float:
    """Up over the warm-up, then down a half cosine."""
    down = 0.5 * (1 + math.cos(math.pi * step / steps))
    return highest * min(1.0, (step + 1) / WARM_UP) * (LAST + (1 - LAST) * down)


def greedy(log_probs: npt.NDArray[np.floating]) -> str:
    """What the likeliest class of each frame spells."""
    best = log_probs.argmax(axis=1)
    kept = best[np.concatenate([[True], best[1:] != best[:-1]])]
    return " ".join("".join(CLASSES[c] for c in kept if c != BLANK).split())


def measure(network: LineNetwork, sets: Mapping[str, Sequence[Line]]) -> dict[str, float]:
    """Percent of characters wrong of each set, by the eye alone."""
    network.eval()
    told = {}
    for name, lines in sets.items():
        read = []
        for line in lines:
            strips = torch.from_numpy(batch([line]).strips).float() / 255
            with torch.inference_mode():
                read.append(greedy(network(strips)[0].numpy()))
        told[name] = round(100 * float(cer([line.text for line in lines], [text or "~" for text in read])), 2)
    network.train()
    return told


def apart_in_float32(network: LineNetwork) -> None:
    """Convolutions of single channels leave bfloat16 alone, in which they take three times as long."""
    for block in network.modules():
        if isinstance(block, Along):
            block.around.register_forward_pre_hook(lambda _, inputs: (inputs[0].float(),))
            block.around.forward = torch.autocast("cpu", enabled=False)(block.around.forward)  # type: ignore[method-assign]


def optimisers(network: LineNetwork) -> tuple[torch.optim.Optimizer, ...]:
    """Muon for what mixes channels; AdamW for the convolutions of single channels, biases and norms.

    The head is Muon's as well, unlike the last layer of the networks of glyphs, which ``muon.mixing`` leaves out.
    """
    every = list(network.parameters())
    mixing = [p for p in every if p.ndim > 1 and p.shape[1] > 1]
    single = [p for p in every if p.ndim > 1 and p.shape[1] == 1]
    plain = {"params": [p for p in every if p.ndim == 1], "weight_decay": 0.0}
    groups = [{"params": single, "weight_decay": DECAY}, plain]
    return Muon(mixing, RATE, weight_decay=DECAY), torch.optim.AdamW(groups, lr=RATE, betas=(0.9, 0.98))


def save(path: Path, network: LineNetwork, optimisers: Sequence[torch.optim.Optimizer], step: int) -> None:
    """Everything that a later run needs to go on, in one file that is whole or not there."""
    tensors = {f"network.{name}": tensor.contiguous() for name, tensor in network.state_dict().items()}
    for which, optimiser in enumerate(optimisers):
        for number, moments in optimiser.state_dict()["state"].items():
            tensors |= {f"optimiser.{which}.{number}.{name}": one.contiguous() for name, one in moments.items()}
    write_whole(path, safetensors.torch.save(tensors, {"step": str(step)}))


def restored(path: Path, network: LineNetwork, optimisers: Sequence[torch.optim.Optimizer] = ()) -> int:
    """Put what `save` wrote back; the step that it was written at."""
    tensors = safetensors.torch.load_file(path)
    network.load_state_dict({k.removeprefix("network."): v for k, v in tensors.items() if k.startswith("network.")})
    for which, optimiser in enumerate(optimisers):
        state = optimiser.state_dict()
        for key, tensor in tensors.items():
            if key.startswith(f"optimiser.{which}."):
                _, _, number, name = key.split(".")
                state["state"].setdefault(int(number), {})[name] = tensor
        optimiser.load_state_dict(state)
    with safetensors.safe_open(path, "pt") as file:
        return int(file.metadata()["step"])


def train(arguments: argparse.Namespace) -> None:
    """The whole loop."""
    torch.manual_seed(arguments.seed)
    state = arguments.out / "state.safetensors"
    framed = FRAMED if arguments.begin is None else 0
    network = LineNetwork(len(CLASSES))
    if arguments.begin is not None and not state.exists():
        lines = batches(Writer(arguments.glyphs, arguments.fonts, "train", arguments.seed), SIZE)
        network = learning_on(arguments.begin, list(islice(lines, REBUILT_ON)))
    network = network.to(memory_format=torch.channels_last)
    apart_in_float32(network)
    steppers = optimisers(network)
    begin = restored(state, network, steppers) if state.exists() else 0
    source = Batches(arguments.glyphs, arguments.fonts, SIZE, seed=100 * arguments.seed + begin)
    loader = iter(DataLoader(source, batch_size=None, num_workers=1, prefetch_factor=6))
    sets = validation(arguments.glyphs, arguments.fonts)
    low = has_fast_bfloat16(torch.device("cpu"))
    began = time.monotonic()
    for step in range(begin, arguments.steps):
        for group in [group for stepper in steppers for group in stepper.param_groups]:
            group["lr"] = rate_at(step, arguments.steps, arguments.rate)
        lines = next(loader)
        strips = (torch.as_tensor(lines.strips).float() / 255).to(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16, enabled=low):
            logits = network(strips)
        by_frame, by_line = losses(logits, lines)
        loss = by_frame if step < framed else by_line + KEPT * by_frame
        network.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), CLIPPED)
        for stepper in steppers:
            stepper.step()
        if (step + 1) % MEASURED == 0 or step + 1 == arguments.steps:
            told = {"step": step + 1, "loss": float(by_line.detach()), "seconds": round(time.monotonic() - began, 1)}
            told |= measure(network, sets)
            print(told, flush=True)
            with (arguments.out / "log.jsonl").open("a") as log:
                log.write(json.dumps(told) + "\n")
            save(state, network, steppers, step + 1)


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--glyphs", type=Path, default=Path("build/line-glyphs.npz"))
    parser.add_argument("--fonts", type=Path, default=Path("build/line-fonts"))
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--from", type=Path, dest="begin", metavar="WEIGHTS", help="an exported file to learn on from")
    parser.add_argument("--rate", type=float, default=RATE, help="learning rate at its highest")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    train(arguments)


if __name__ == "__main__":
    main()
