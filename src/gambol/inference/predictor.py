"""The predictor: a run's networks, loaded and ready to turn images into poses."""

import hashlib
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gambol.inference.engines.choose import choose_engines
from gambol.inference.engines.guarded import Guarded
from gambol.inference.engines.memory import most_pixels
from gambol.labels.skeleton import Skeleton
from gambol.pipelines.base import Network, Pipeline, PredictOptions
from gambol.pipelines.choose import assemble
from gambol.pipelines.saved import find_stages, read_stage, stage_hash
from gambol.pipelines.stage import StageConfig


@dataclass(frozen=True)
class Predictor:
    """A pipeline with its trained networks on a device, and where they came from.

    engine: what runs them, and in which numbers, such as `openvino bf16` · workers: how many batches should be on
    their way at a time, so that the networks never wait · fingerprint: a hash of all that the results depend on but the
    images and the options.
    """

    pipeline: Pipeline
    folders: Mapping[str, Path]
    device: str
    engine: str
    workers: int
    fingerprint: str
    _news: deque[str] = field(default_factory=deque)

    @property
    def skeleton(self) -> Skeleton:
        """The skeleton of the poses."""
        return self._stage.skeleton

    @property
    def channels(self) -> int:
        """Channels of the images that it wants: 1 = grey, 3 = RGB."""
        return self.pipeline.channels

    @property
    def timings(self) -> dict[str, float]:
        """Seconds by kind of work, added up over all threads, since it was loaded."""
        return self.pipeline.timings.seconds()

    def news(self) -> str | None:
        """The next thing that the user should know, in three sentences, such as why networks run slowly; told once."""
        return self._news.popleft() if self._news else None

    @property
    def _stage(self) -> StageConfig:
        return self.pipeline.stages[self.pipeline.order[-1]]


def load_predictor(
    models: list[Path], options: PredictOptions | None = None, device: str = "auto", engine: str = "auto",
    precision: str = "auto",
) -> Predictor:
    """Load the networks of a run, or of single stages that belong together.

    engine: auto, torch or openvino. precision: auto (bf16 where the hardware gains from it), bf16 or fp32.
    Raises `ModelError` if they are missing, damaged or do not make a pipeline, `DeviceError` if the device or the
    engine does not work.
    """
    folders = find_stages(models)
    stages = {name: read_stage(folder) for name, folder in folders.items()}
    networks: dict[str, Network] = {}
    pipeline = assemble(stages, networks, options or PredictOptions())  # weights are read only if nothing is missing
    engines = choose_engines(folders, stages, device, engine, precision)
    turn, news = threading.Semaphore(engines.parallel), deque([engines.warning] if engines.warning else [])
    for name, one in engines.by_stage.items():
        most = most_pixels(stages[name], engines.device, engines.parallel)
        networks[name] = Guarded(one, most, turn, pipeline.timings, news.append)
    return Predictor(
        pipeline, folders, engines.device, engines.name, engines.parallel + 1, _fingerprint(folders, engines.name), news
    )


def _fingerprint(folders: Mapping[str, Path], engine: str) -> str:
    parts = [engine, *(f"{name}={stage_hash(folder)}" for name, folder in sorted(folders.items()))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
