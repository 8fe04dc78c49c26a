"""What training writes and inference reads: `model.yaml` and `weights.safetensors`, for each stage of a run."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import yaml
from pydantic import ValidationError

from gambol.config import refusal
from gambol.errors import ModelError
from gambol.pipelines.stage import StageConfig
from gambol.storage import replacing, write_text

if TYPE_CHECKING:
    from torch import Tensor

    from gambol.nn.model import Model

MODEL, WEIGHTS = "model.yaml", "weights.safetensors"
PICKLES = (".ckpt", ".joblib", ".pickle", ".pkl", ".pt", ".pth")  # reading them can run what a stranger wrote
YAML_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's takes a tenth of the time, where it is there


def write_stage(folder: Path, stage: StageConfig, weights: "Mapping[str, Tensor]") -> None:
    """Write one stage's settings and weights, each file atomically."""
    from safetensors.torch import save_file

    with replacing(folder / WEIGHTS) as temporary:
        save_file({name: tensor.detach().cpu().contiguous() for name, tensor in weights.items()}, temporary)
    write_text(folder / MODEL, yaml.safe_dump(stage.model_dump(mode="json"), sort_keys=False))


def read_stage(folder: Path) -> StageConfig:
    """Settings of one stage. Raises `ModelError` if the folder holds none, or what it holds cannot be read."""
    file = folder / MODEL
    _refuse_pickles(folder)
    if not file.is_file():
        raise ModelError(
            f"{folder} holds no trained stage: there is no {MODEL} in it. "
            "Nothing can be predicted without a model. "
            "Give the folder of a finished run, or of one of its stages.")
    try:
        return StageConfig.model_validate(yaml.load(file.read_text(encoding="utf-8"), Loader=YAML_LOADER))
    except (yaml.YAMLError, ValidationError, UnicodeDecodeError, OSError) as error:
        reason = str(error).splitlines()[0]
        if isinstance(error, ValidationError):
            reason = ": ".join(part for part in refusal(StageConfig, error) if part)
        raise ModelError(
            f"{file} cannot be read as a gambol model ({reason}). "
            "The network cannot be rebuilt without it. "
            "Copy the run again from where it was trained, or train anew.") from error


def _refuse_pickles(path: Path) -> None:
    """Raise `ModelError` if this is a pickled model, or a folder with one."""
    inside = sorted(path.iterdir()) if path.is_dir() else [path]
    pickles = [file for file in inside if file.suffix.lower() in PICKLES and file.is_file()]
    if pickles:
        raise ModelError(
            f"{pickles[0]} is not a file of gambol's and was not opened. "
            "Files of that kind can run whatever their author wrote as soon as they are loaded. "
            f"Give the folder of a run of gambol's, in which networks are {WEIGHTS}, without such files in it.")


def read_weights(folder: Path, stage: StageConfig) -> "Model":
    """The trained network, on the CPU, ready to infer.

    Raises `ModelError` if the weights are missing, damaged, or those of another network.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    file, model = folder / WEIGHTS, stage.build(fresh=False)
    try:
        weights = load_file(file)
    except (OSError, SafetensorError) as error:
        raise unreadable(file, error) from error
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        raise ModelError(
            f"The weights in {file} are not those of a network such as {MODEL} beside them describes "
            f"({stage.backbone.kind}). "
            "One of the two was changed or comes from another run, and together they find nothing. "
            "Copy the run again from where it was trained, or train anew.") from error
    return model.eval()


def stage_hash(folder: Path) -> str:
    """What tells one trained stage from any other: a hash of its settings and weights, as hexadecimal digits.

    Raises `ModelError` if a file of them is missing.
    """
    digest = hashlib.sha256()
    for name in (MODEL, WEIGHTS):
        try:
            with (folder / name).open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        except OSError as error:
            raise unreadable(folder / name, error) from error
    return digest.hexdigest()


def unreadable(file: Path, error: Exception) -> ModelError:
    """The error for weights that are gone or damaged."""
    return ModelError(
        f"The weights in {file} cannot be read ({str(error).splitlines()[0]}). "
        "Without them the network knows nothing. "
        "Copy the run again from where it was trained, or train anew.")


def find_stages(models: list[Path]) -> dict[str, Path]:
    """Folders of stages by name; each path given is a run (all its stages) or a single stage.

    Raises `ModelError` if a path holds no stage, or two hold the same.
    """
    folders: dict[str, Path] = {}
    for path in models:
        _refuse_pickles(path)
        found = [path] if (path / MODEL).is_file() else sorted(file.parent for file in path.glob(f"*/{MODEL}"))
        if not found:
            read_stage(path)
        for folder in found:
            name = read_stage(folder).name
            if name in folders:
                raise ModelError(
                    f"Two models for the stage '{name}' were given: {folders[name]} and {folder}. "
                    "Only one network can do each part of the work. "
                    "Leave one of them out.")
            folders[name] = folder
    return folders
