"""What trains the line network: texts that the alphabet can write, batches that fit, a state that goes on as it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import inkread
from inkread.alphabet import CHARACTERS
from inkread.models.line_network import LineNetwork

SCRIPT = "train_lines"


@pytest.fixture(autouse=True)
def _beside_the_scripts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "scripts")
    yield


def test_texts_are_short_and_of_the_alphabet_and_hold_every_character() -> None:
    import line_texts

    rng = np.random.default_rng(0)
    passages = ["Meet me at noon, by the old bridge.", "Are you there? I am!"]
    texts = [line_texts.any_text(passages, rng) for _ in range(3000)]
    assert all(0 < len(text) <= line_texts.LONGEST for text in texts)
    assert all(text == " ".join(text.split()) for text in texts)
    written = set("".join(texts)) - {" "}
    assert written == set(CHARACTERS.characters)


def test_no_two_characters_share_a_frame() -> None:
    import line_writer

    assert line_writer.apart(np.array([0.2, 0.4, 5.0, 5.1, 5.2])).tolist() == [0, 1, 5, 6, 7]


def test_of_dots_too_near_to_each_other_one_is_told() -> None:
    import line_writer

    kept = line_writer.told_apart("a...b..", np.array([1.0, 3.0, 4.5, 6.0, 9.0, 12.0, 15.0]))
    assert kept == [0, 1, 4, 5, 6]


def test_the_weights_that_ship_learn_on_from_where_they_are() -> None:
    import line_weights
    import line_writer

    from inkread.recognition import shipped_lines

    shipped = Path(inkread.__file__).parent / "weights" / "lines.onnx"
    made = line_writer.batch(lines(np.random.default_rng(1)))
    network = line_weights.learning_on(shipped, [made]).eval()
    strips = [np.ascontiguousarray(strip) for strip in made.strips[:, 0]]
    temperature = float(str(shipped_lines().details["temperature"]))
    with torch.inference_mode():
        frames = (network(torch.from_numpy(made.strips).float() / 255) / temperature).log_softmax(2).numpy()
    for own, there in zip(frames, shipped_lines().frames(strips), strict=True):
        assert own[: len(there)] == pytest.approx(there, abs=1e-2)
    norms = [module for module in network.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    assert len(norms) == 14
    assert all(torch.allclose(norm.weight, (norm.running_var + norm.eps).sqrt(), rtol=1e-4) for norm in norms)


def test_a_network_that_has_grown_since_begins_near_where_the_weights_are(monkeypatch: pytest.MonkeyPatch) -> None:
    import line_weights
    import line_writer

    from inkread.models import line_network

    class Grown(line_network.LineNetwork):
        def __init__(self, classes: int) -> None:
            super().__init__(classes)
            self.strip.insert(10, line_network.Again(112))

    shipped = Path(inkread.__file__).parent / "weights" / "lines.onnx"
    made = line_writer.batch(lines(np.random.default_rng(1)))
    strips = torch.from_numpy(made.strips).float() / 255
    as_it_is = line_weights.learning_on(shipped, [made]).eval()
    monkeypatch.setattr(line_weights, "LineNetwork", Grown)
    grown = line_weights.learning_on(shipped, [made]).eval()
    assert len(list(grown.parameters())) == len(list(as_it_is.parameters())) + 3
    with torch.inference_mode():
        after, before = grown(strips), as_it_is(strips)
    assert not torch.equal(after, before)
    assert float((after.argmax(dim=2) == before.argmax(dim=2)).float().mean()) > 0.9
    monkeypatch.setattr(line_weights, "LineNetwork", lambda classes: line_network.LineNetwork(classes, width=319))
    with pytest.raises(KeyError, match="holds another network"):
        line_weights.learning_on(shipped, [made])


def lines(rng: np.random.Generator) -> list[object]:
    import line_writer

    def strip(width: int) -> np.ndarray:
        return rng.integers(0, 256, (40, width)).astype(np.uint8)

    return [line_writer.Line(strip(50), "Ab", np.array([2, 9])), line_writer.Line(strip(90), "", np.zeros(0, np.int64))]


def test_a_batch_lays_lines_side_by_side_on_paper() -> None:
    import line_writer

    made = line_writer.batch(lines(np.random.default_rng(1)))
    assert made.strips.shape == (2, 1, 40, 96)
    assert not made.strips[0, 0, :, 50:].any()
    assert made.lengths.tolist() == [25, 45]
    assert made.target_lengths.tolist() == [2, 0]
    assert made.targets.tolist() == [line_writer.INDEX["A"], line_writer.INDEX["b"]]
    assert made.frames[0, [2, 9]].tolist() == made.targets.tolist()
    assert (made.frames != line_writer.BLANK).sum() == 2


def test_the_losses_are_those_of_a_line_s_own_frames_and_of_all_alignments(script: ModuleType) -> None:
    import line_writer

    made = line_writer.batch(lines(np.random.default_rng(1)))
    torch.manual_seed(0)
    logits = torch.randn(2, 48, len(CHARACTERS) + 2)
    by_frame, by_line = script.losses(logits, made)
    log_probs = logits.log_softmax(2)
    nothing = -log_probs[1, :45, line_writer.BLANK].sum()
    a, b, blank = made.targets[0], made.targets[1], line_writer.BLANK
    chances = log_probs[0, :25].exp().double()
    states = [blank, a, blank, b, blank]  # Graves et al. 2006, equation 6
    forward = torch.zeros(5, dtype=torch.double)
    forward[0], forward[1] = chances[0, blank], chances[0, a]
    for frame in range(1, 25):
        before = forward.clone()
        for place, symbol in enumerate(states):
            ways = before[place] + (before[place - 1] if place else 0)
            if place == 3:
                ways = ways + before[1]
            forward[place] = ways * chances[frame, symbol]
    something = -(forward[3] + forward[4]).log()
    assert float(by_line) == pytest.approx(float((something + nothing) / 4 / 2), rel=1e-4)
    own = [(line, frame) for line, length in enumerate((25, 45)) for frame in range(length)]
    told = [made.frames[line, frame] for line, frame in own]
    seen = torch.stack([log_probs[line, frame] for line, frame in own])
    assert float(by_frame) == pytest.approx(float(F.nll_loss(seen, torch.tensor(told))), rel=1e-5)


def test_the_rate_goes_up_then_down(script: ModuleType) -> None:
    rates = [script.rate_at(step, 1000) for step in range(1000)]
    peak = int(np.argmax(rates))
    assert 250 <= peak <= 300
    assert (np.diff(rates[:peak]) > 0).all() and (np.diff(rates[peak + 1 :]) < 0).all()
    assert rates[-1] < 0.02 * rates[peak]


def test_frames_spell_without_repeats_and_blanks(script: ModuleType) -> None:
    import line_writer

    columns = [line_writer.INDEX[c] for c in "AA"] + [line_writer.BLANK, line_writer.INDEX["A"], line_writer.INDEX[" "]]
    frames = np.eye(len(CHARACTERS) + 2)[columns]
    assert script.greedy(frames) == "AA"


def test_a_saved_state_goes_on_as_it_was(script: ModuleType, tmp_path: Path) -> None:
    def new() -> tuple[LineNetwork, tuple[torch.optim.Optimizer, ...]]:
        network = LineNetwork(3, channels=(4, 4, 4, 4), width=8, blocks=1)
        network.head[0].p = 0.0
        return network, script.optimisers(network)

    def step(network: LineNetwork, optimisers: tuple[torch.optim.Optimizer, ...]) -> None:
        network.zero_grad()
        network(torch.ones(1, 1, 40, 32)).square().mean().backward()
        for optimiser in optimisers:
            optimiser.step()

    torch.manual_seed(0)
    network, optimisers = new()
    step(network, optimisers)
    script.save(tmp_path / "state.safetensors", network, optimisers, 7)
    again, other_optimisers = new()
    assert script.restored(tmp_path / "state.safetensors", again, other_optimisers) == 7
    step(network, optimisers)
    step(again, other_optimisers)
    for one, other in zip(network.state_dict().values(), again.state_dict().values(), strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=0)


def test_every_weight_is_stepped_by_one_optimiser(script: ModuleType) -> None:
    network = LineNetwork(3, channels=(4, 4, 4, 4), width=8, blocks=1)
    stepped = [
        p for optimiser in script.optimisers(network) for group in optimiser.param_groups for p in group["params"]
    ]
    assert len(stepped) == len({id(p) for p in stepped}) == len(list(network.parameters()))
