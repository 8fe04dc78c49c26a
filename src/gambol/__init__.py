"""gambol finds the body parts of any number of animals in video and groups them into animals.

The front door: `load` and `save` projects, `train` a model, `predict` poses, `evaluate` them.
Each is imported when it is first used, so that `import gambol` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gambol.evaluation.report import evaluate
    from gambol.formats import load, save
    from gambol.inference.predict import predict
    from gambol.training.run import run as train

_DOORS = {
    "load": ("gambol.formats", "load"),
    "save": ("gambol.formats", "save"),
    "train": ("gambol.training.run", "run"),
    "predict": ("gambol.inference.predict", "predict"),
    "evaluate": ("gambol.evaluation.report", "evaluate"),
}

__all__ = ["evaluate", "load", "predict", "save", "train"]


def __getattr__(name: str) -> Any:
    if name not in _DOORS:
        raise AttributeError(f"module 'gambol' has no attribute '{name}'")
    module, attribute = _DOORS[name]
    return getattr(import_module(module), attribute)
