"""The configuration: nonsense is refused, recipes fill what is left out, and a record comes back as it was."""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
import torch

from inkread.errors import BadOption
from inkread.models import ARCHITECTURES
from inkread.training import config as module
from inkread.training import device
from inkread.training.config import COMMON, FINE_TUNING, RECIPES, TrainConfig

LEFT_OUT = [field.name for field in dataclasses.fields(TrainConfig) if field.default is None]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("epochs", 0), ("epochs", -1), ("batch_size", 1), ("batch_size", 0), ("learning_rate", -0.1),
        ("learning_rate", float("nan")), ("learning_rate", float("inf")), ("weight_decay", -1),
        ("label_smoothing", 1.0), ("label_smoothing", -0.1), ("shift", -1), ("shift", 29), ("rotate", 181),
        ("scale", -0.1), ("shear", 3), ("elastic", -1), ("stroke", 1.1), ("stroke", -0.1), ("seed", -1),
        ("seed", 2**63), ("optimizer", "adam"), ("arch", "resnet"),
    ],
)  # fmt: skip
def test_an_option_that_makes_no_sense_is_refused_by_name(option: str, value: object) -> None:
    with pytest.raises(BadOption, match=f"{option}.*{value}|{value}.*{option}|no architecture 'resnet'"):
        TrainConfig(**{option: value}).filled()  # type: ignore[arg-type]


def test_refusals_say_what_would_do() -> None:
    with pytest.raises(BadOption, match="epochs is 0; expected 1 to 10000"):
        TrainConfig(epochs=0)
    with pytest.raises(
        BadOption, match="no architecture 'resnet'; choose one of: mlp, cnn, cnn-medium, cnn-accurate, cnn-1k"
    ):
        TrainConfig(arch="resnet").filled()  # type: ignore[arg-type]


def test_every_architecture_has_a_recipe_and_every_recipe_fills_everything() -> None:
    assert set(RECIPES) == set(ARCHITECTURES) == set(get_args(module.Arch))
    for arch in RECIPES:
        filled = TrainConfig(arch=arch).filled()  # type: ignore[arg-type]
        left_out = [name for name, value in dataclasses.asdict(filled).items() if value is None]
        assert left_out == ["start"]  # None means from scratch
        assert filled.filled() == filled
        for name, value in {**COMMON, **RECIPES[arch]}.items():
            assert getattr(filled, name) == value


@pytest.mark.parametrize("option", LEFT_OUT)
def test_what_the_user_says_is_never_overruled_by_a_recipe(option: str) -> None:
    two_of = {
        "dataset": ("digits", "letters"), "start": ("digits", "letters"), "arch": ("cnn", "mlp"), "seed": (0, 5),
        "epochs": (1, 2), "batch_size": (2, 3), "optimizer": ("sgd", "adamw"), "teacher_temperature": (1.0, 3.0),
        "plain_epochs": (0, 2),
    }  # fmt: skip
    for arch in RECIPES:
        for value in two_of.get(option, (0.0, 0.7)):  # no recipe's own is both
            said = TrainConfig(**{"arch": arch, option: value})  # type: ignore[arg-type]
            assert getattr(said.filled(), option) == value


def test_where_nothing_is_said_digits_are_trained_on_the_cnn_with_seed_0() -> None:
    filled = TrainConfig().filled()
    assert (filled.dataset, filled.arch, filled.seed, filled.stem) == ("digits", "cnn", 0, "digits-cnn")
    assert filled == TrainConfig("digits", arch="cnn", seed=0, **RECIPES["cnn"]).filled()  # type: ignore[arg-type]
    assert TrainConfig("my/letters.npz", arch="mlp").filled().stem == "letters-mlp"


def test_a_run_of_the_current_folder_has_the_name_of_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my-letters" / "A").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "my-letters" / "A")
    assert TrainConfig("..").filled().stem == "my-letters-cnn"
    monkeypatch.chdir(tmp_path / "my-letters")
    assert TrainConfig(".").filled().stem == "my-letters-cnn"


def test_what_is_trained_further_has_a_recipe_and_a_name_of_its_own() -> None:
    tuned = TrainConfig("letters", start="letters", data=("somewhere/mine",), arch="mlp", epochs=3).filled()
    assert tuned.epochs == 3 and tuned.stem == "mine-from-letters"
    for name, value in {**COMMON, **RECIPES["mlp"], **FINE_TUNING, "epochs": 3, "dataset": "letters"}.items():
        assert getattr(tuned, name) == value
    assert tuned.learning_rate < min(float(str(recipe["learning_rate"])) for recipe in RECIPES.values())


def test_a_configuration_comes_back_from_its_record_and_from_json() -> None:
    full = TrainConfig("letters", data=("a.npz", "b"), arch="mlp", seed=2**63 - 1, optimizer="adamw", stroke=0.1)
    for config in (TrainConfig(), full, full.filled()):
        assert TrainConfig.from_dict(config.to_dict()) == config
        assert TrainConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config
        assert hash(config) == hash(TrainConfig.from_dict(config.to_dict()))


def test_what_teachers_say_is_learnt_as_it_is() -> None:
    taught = TrainConfig(arch="cnn", teacher=("runs/a", "runs/b")).filled()
    assert taught.label_smoothing == 0 < TrainConfig(arch="cnn").filled().label_smoothing
    assert TrainConfig(teacher=("runs/a",), label_smoothing=0.1).filled().label_smoothing == 0.1
    assert TrainConfig.from_dict(json.loads(json.dumps(taught.to_dict()))) == taught
    with pytest.raises(BadOption, match="--from and --teacher are two ways"):
        TrainConfig(start="digits", data=("mine",), teacher=("runs/a",))


def test_options_of_another_version_are_named() -> None:
    with pytest.raises(BadOption, match="unknown training options: mixup, momentum"):
        TrainConfig.from_dict({"momentum": 0.9, "mixup": 1, "seed": 3})


@pytest.mark.parametrize("option", ["shift", "rotate", "scale", "shear", "elastic"])
def test_any_movement_makes_augmentation_geometric(option: str) -> None:
    still = TrainConfig(shift=0, rotate=0, scale=0, shear=0, elastic=0, stroke=1)
    assert not still.geometric
    assert dataclasses.replace(still, **{option: 0.1}).geometric  # type: ignore[arg-type]


def test_every_option_has_a_sentence_of_help() -> None:
    source = Path(module.__file__).read_text(encoding="utf-8")
    for name in get_type_hints(TrainConfig):
        if name != "_":
            assert f"\n    {name}: " in source
            assert source.partition(f"\n    {name}: ")[2].partition("\n")[2].startswith('    """'), name


def test_the_configuration_is_read_without_torch() -> None:
    program = "import sys, inkread.training.config; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "False"


def test_the_cpu_is_always_there_and_a_device_that_is_not_is_answered_with_those_that_are() -> None:
    assert device.choose_device("cpu") == torch.device("cpu")
    for absent in ["tpu", "", *(["cuda"] if not torch.cuda.is_available() else [])]:
        with pytest.raises(BadOption, match=f"no device '{absent}'; it has: .*cpu"):
            device.choose_device(absent)


@pytest.mark.parametrize(
    ("cuda", "mps", "chosen"),
    [(True, True, "cuda"), (True, False, "cuda"), (False, True, "mps"), (False, False, "cpu")],
)
def test_the_fastest_device_is_chosen(monkeypatch: pytest.MonkeyPatch, cuda: bool, mps: bool, chosen: str) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert device.choose_device().type == chosen
    assert device.choose_device("cpu").type == "cpu"


@pytest.mark.parametrize(
    ("capabilities", "fast"),
    [
        ({}, False),
        ({"avx2": True, "avx512_bf16": False}, False),
        ({"avx512_bf16": True}, True),
        ({"amx_bf16": True}, True),
        ({"avx512_bf16": True, "avx512_fp16": True}, False),  # Sapphire Rapids whose AMX is hidden
        ({"avx512_bf16": True, "avx512_fp16": True, "amx_bf16": True}, True),
    ],
)
def test_half_precision_is_used_only_where_it_is_faster(
    monkeypatch: pytest.MonkeyPatch, capabilities: dict[str, bool], fast: bool
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    assert device.has_fast_bfloat16(torch.device("cpu")) is fast
    assert not device.has_fast_bfloat16(torch.device("mps"))
