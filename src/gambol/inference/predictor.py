"""The predictor: a run's networks, loaded and ready to turn images into poses."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gambol.inference.engines.torch import TorchEngine
from gambol.labels.skeleton import Skeleton
from gambol.nn.device import choose_device
from gambol.pipelines.base import Pipeline, PredictOptions
from gambol.pipelines.choose import assemble
from gambol.pipelines.saved import find_stages, read_stage, read_weights
from gambol.pipelines.stage import StageConfig


@dataclass(frozen=True)
class Predictor:
    """A pipeline with its trained networks on a device, and where they came from."""

    pipeline: Pipeline
    folders: Mapping[str, Path]
    device: str

    @property
    def skeleton(self) -> Skeleton:
        """The skeleton of the poses."""
        return self._stage.skeleton

    @property
    def channels(self) -> int:
        """Channels of the images that it wants: 1 = grey, 3 = RGB."""
        return self.pipeline.channels

    @property
    def _stage(self) -> StageConfig:
        return self.pipeline.stages[self.pipeline.order[-1]]


def load_predictor(models: list[Path], options: PredictOptions | None = None, device: str = "auto") -> Predictor:
    """Load the networks of a run, or of single stages that belong together.

    Raises `ModelError` if they are missing, damaged or do not make a pipeline, `DeviceError` if the device does not
    work.
    """
    folders = find_stages(models)
    stages = {name: read_stage(folder) for name, folder in folders.items()}
    options = options or PredictOptions()
    assemble(stages, {}, options)  # before weights are read: a stage that is missing is known already
    place = choose_device(device)
    networks = {name: TorchEngine(read_weights(folders[name], stage), place) for name, stage in stages.items()}
    return Predictor(assemble(stages, networks, options), folders, str(place))
