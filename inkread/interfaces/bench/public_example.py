"""PyTorch's own MNIST example, as published: what the fastest track is timed beside.

Two convolutions, dropout, Adadelta at 1.0 falling by 0.7 an epoch, batches of 64, pictures decoded and normalised one
by one. Source: github.com/pytorch/examples, mnist/main.py (BSD-3-Clause); device choice and logging are left out.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor, nn, optim
from torch.utils.data import DataLoader

EPOCHS: Final = 14
BATCH, TEST_BATCH = 64, 1000
GAMMA: Final = 0.7  # of the learning rate an epoch
MEAN, STD = 0.1307, 0.3081  # of MNIST's training pixels


class Net(nn.Module):
    """The example's network: logarithms of probabilities (N, 10) from glyphs (N, 1, 28, 28)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 3, 1)
        self.conv2 = nn.Conv2d(32, 64, 3, 1)
        self.dropout1 = nn.Dropout(0.25)
        self.dropout2 = nn.Dropout(0.5)
        self.fc1 = nn.Linear(9216, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x: Tensor) -> Tensor:
        """As in the example, line by line."""
        x = F.relu(self.conv1(x))
        x = F.relu(self.conv2(x))
        x = F.max_pool2d(x, 2)
        x = self.dropout1(x)
        x = torch.flatten(x, 1)
        x = F.relu(self.fc1(x))
        x = self.dropout2(x)
        return F.log_softmax(self.fc2(x), dim=1)


@dataclass(frozen=True)
class Epoch:
    """After an epoch: seconds of training so far, without those of measuring, and the share of the test part right."""

    seconds: float
    accuracy: float

    def to_dict(self) -> dict[str, float]:
        """Plain numbers, ready for ``json.dumps``."""
        return asdict(self)


def loaders(folder: Path) -> tuple[DataLoader[tuple[Tensor, Tensor]], DataLoader[tuple[Tensor, Tensor]]]:
    """The example's pictures, to train with and to test, from a data folder that has MNIST."""
    from torchvision import datasets, transforms

    transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((MEAN,), (STD,))])
    train, test = (datasets.MNIST(folder, train=part, transform=transform) for part in (True, False))
    return DataLoader(train, batch_size=BATCH, shuffle=True), DataLoader(test, batch_size=TEST_BATCH)


def epochs(folder: Path, seed: int) -> Iterator[Epoch]:
    """Train as the example does and measure after each epoch, for as long as anyone asks."""
    torch.manual_seed(seed)
    train, test = loaders(folder)
    network = Net()
    optimizer = optim.Adadelta(network.parameters(), lr=1.0)
    schedule = optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=GAMMA)
    seconds = 0.0
    for _ in range(EPOCHS):
        started = time.perf_counter()
        network.train()
        for pictures, labels in train:
            optimizer.zero_grad()
            loss: Tensor = F.nll_loss(network(pictures), labels)
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
        schedule.step()
        seconds += time.perf_counter() - started
        yield Epoch(seconds, accuracy(network, test))


@torch.inference_mode()
def accuracy(network: nn.Module, test: DataLoader[tuple[Tensor, Tensor]]) -> float:
    """Share of the test part that is read rightly, 0..1."""
    network.eval()
    right = sum(int((network(pictures).argmax(dim=1) == labels).sum()) for pictures, labels in test)
    return right / sum(len(labels) for _, labels in test)


def until(target: float, folder: Path, seed: int) -> list[Epoch]:
    """The epochs up to the first whose test accuracy reaches the target, or all of them."""
    done: list[Epoch] = []
    for epoch in epochs(folder, seed):
        done.append(epoch)
        if epoch.accuracy >= target:
            break
    return done
