"""Networks: shapes, and costs against a count by hand and torch's own counter."""

import re

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from inkread.alphabet import DIGITS, LETTERS, Alphabet
from inkread.errors import BadOption
from inkread.models import ARCHITECTURES, NetworkSize, build, logits, measure
from inkread.models.predict import BATCH, to_input


@pytest.mark.parametrize("arch", ARCHITECTURES)
@pytest.mark.parametrize("alphabet", [Alphabet("X"), DIGITS, LETTERS, Alphabet("".join(map(chr, range(200, 262))))])
def test_every_network_gives_one_logit_for_each_character_of_any_alphabet(arch: str, alphabet: Alphabet) -> None:
    output = build(arch, len(alphabet)).eval()(torch.rand(3, 1, 28, 28))
    assert output.shape == (3, len(alphabet))
    assert output.dtype == torch.float32


@pytest.mark.parametrize("classes", [10, 26])
def test_the_cost_of_the_plain_network_is_what_a_count_by_hand_says(classes: int) -> None:
    products = 784 * 384 + 384 * 192 + 192 * classes
    norms, biases = 2 * (384 + 192), 384 + 192 + classes
    assert measure(build("mlp", classes)) == NetworkSize(products + norms + biases, products)


def test_the_cost_of_convolutions_is_what_a_count_by_hand_says() -> None:
    network = nn.Sequential(
        nn.Conv2d(1, 6, 5, stride=2),  # (N, 6, 12, 12)
        nn.MaxPool2d(2),  # (N, 6, 6, 6)
        nn.BatchNorm2d(6),
        nn.Conv2d(6, 4, 3, padding=1, groups=2, bias=False),  # (N, 4, 6, 6)
        nn.Flatten(),
        nn.Linear(144, 3),
    )
    parameters = (6 * 25 + 6) + 2 * 6 + 4 * 3 * 9 + (144 * 3 + 3)
    assert measure(network) == NetworkSize(parameters, 12 * 12 * 6 * 25 + 6 * 6 * 4 * 3 * 9 + 144 * 3)


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_multiply_adds_are_half_of_the_operations_that_torch_counts(arch: str) -> None:
    network = build(arch, 26).eval()
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(torch.zeros(1, 1, 28, 28))
    assert 2 * measure(network).multiply_adds == counter.get_total_flops()


@pytest.mark.parametrize(
    ("arch", "channels", "limit"), [("cnn-1k", 8, 1000), ("cnn-4k", 18, 4000), ("cnn-10k", 30, 10_000)]
)
def test_the_shared_convolution_counts_once_as_parameters_and_at_every_use_as_cost(
    arch: str, channels: int, limit: int
) -> None:
    c, places = channels, 3 * 13 * 13 + 3 * 6 * 6 + 2 * 3 * 3
    filters, norms, linear = 9 * c + 9 * c * c + 9 * c, 2 * c * 10, c * 10 + 10
    products = 26 * 26 * 9 * c + places * 9 * c * c + 9 * c + c * 10
    assert measure(build(arch, 10)) == NetworkSize(filters + norms + linear, products)
    assert filters + norms + linear <= limit


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_what_the_docstrings_say_of_cost_is_true(arch: str) -> None:
    size = measure(build(arch, 10))
    for told in re.findall(r"([\d.]+) million multiply-adds", ARCHITECTURES[arch].__doc__ or ""):
        places = len(told.partition(".")[2])
        assert round(size.multiply_adds / 1e6, places) == float(told)
    assert size.parameters == sum(parameter.numel() for parameter in build(arch, 10).parameters())
    assert measure(build(arch, 26)).parameters * 4 < 2_000_000  # bytes, as float32


@pytest.mark.parametrize("training", [True, False])
def test_measuring_leaves_a_network_as_it_was(training: bool) -> None:
    network = build("cnn", 10).train(training)
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    measure(network)
    assert network.training is training
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())
    assert not any(layer._forward_hooks for layer in network.modules())


def test_an_unknown_architecture_is_answered_with_those_there_are() -> None:
    with pytest.raises(
        BadOption, match=r"no architecture 'resnet'; choose one of: mlp, cnn, cnn-medium, cnn-accurate, cnn-1k"
    ):
        build("resnet", 10)


def test_same_seed_same_network_other_seed_another() -> None:
    def weights(seed: int) -> torch.Tensor:
        torch.manual_seed(seed)
        return torch.cat([parameter.flatten() for parameter in build("cnn-accurate", 26).parameters()])

    assert torch.equal(weights(1), weights(1))
    assert not torch.equal(weights(1), weights(2))


def test_the_input_of_networks_is_ink_from_0_to_1_with_one_channel() -> None:
    glyphs = torch.arange(0, 256).to(torch.uint8).repeat(49).view(16, 28, 28)
    images = to_input(glyphs)
    assert images.shape == (16, 1, 28, 28)
    assert images.dtype == torch.float32
    assert torch.equal(images[:, 0], glyphs.double().div(255).float())
    assert glyphs.dtype == torch.uint8 and int(glyphs.max()) == 255  # the argument is left alone


@pytest.mark.parametrize("count", [0, 1, BATCH - 1, BATCH, BATCH + 1])
def test_logits_of_many_glyphs_are_those_of_each_glyph_alone(count: int) -> None:
    torch.manual_seed(0)
    network = build("cnn", 10).train()
    glyphs = torch.randint(0, 256, (count, 28, 28), dtype=torch.uint8)
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    found = logits(network, glyphs.numpy())
    assert found.shape == (count, 10)
    assert network.training  # left in the mode it was in, and batch normalisation learnt nothing
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())
    network.eval()
    for index in {0, count // 2, count - 1} if count else set():
        alone = network(to_input(glyphs[index : index + 1])).detach().numpy()[0]
        assert found[index] == pytest.approx(alone, abs=1e-5)
