"""What goes on inside: against the weights themselves and against the network run layer by layer."""

import numpy as np
import pytest
import torch

from inkread.models import ARCHITECTURES, build, logits
from inkread.models.inside import activations, embeddings, first_filters
from inkread.models.predict import to_input

GLYPHS = np.random.default_rng(0).integers(0, 256, (5, 28, 28), np.uint8)


def test_the_first_filters_are_the_weights_that_look_at_the_glyph() -> None:
    cnn, mlp = build("cnn", 10), build("mlp", 10)
    assert np.array_equal(first_filters(cnn), cnn.layers[0][0].weight.detach().numpy()[:, 0])  # type: ignore[index]
    assert first_filters(mlp).shape == (384, 28, 28)
    assert np.array_equal(first_filters(mlp)[7].ravel(), mlp.layers[1].weight[7].detach().numpy())  # type: ignore[index]


def test_the_maps_are_those_of_the_network_run_block_by_block() -> None:
    network = build("cnn", 10).eval()
    found = activations(network, GLYPHS[0])
    x = to_input(torch.from_numpy(GLYPHS[:1]))
    with torch.inference_mode():
        for maps, block in zip(found, network.layers[:3], strict=True):  # type: ignore[index,call-overload]
            x = block(x)
            assert np.allclose(maps, x[0].numpy())


@pytest.mark.parametrize("arch", ARCHITECTURES)
def test_the_last_layer_makes_the_logits_of_what_it_sees(arch: str) -> None:
    network = build(arch, 10).train()
    seen = embeddings(network, GLYPHS)
    last = [layer for layer in network.modules() if isinstance(layer, torch.nn.Linear)][-1]
    with torch.inference_mode():
        assert np.allclose(last(torch.from_numpy(seen)).numpy(), logits(network, GLYPHS), atol=1e-4)
    assert network.training  # as it was
    maps = activations(network, GLYPHS[0])
    assert (arch == "mlp") == (not maps) and all((block >= 0).all() for block in maps)
