"""The pipelines there are: their settings by name, and their classes by the stages of a run."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from gambol.errors import ModelError
from gambol.pipelines.base import Network, Pipeline, PredictOptions
from gambol.pipelines.bottom_up import BottomUp, BottomUpConfig
from gambol.pipelines.single import Single, SingleConfig
from gambol.pipelines.stage import StageConfig
from gambol.pipelines.top_down import TopDown, TopDownConfig

AnyPipeline = Annotated[SingleConfig | TopDownConfig | BottomUpConfig, Field(discriminator="kind")]
PIPELINES: tuple[type[Pipeline], ...] = (Single, TopDown, BottomUp)


def assemble(
    stages: Mapping[str, StageConfig], networks: Mapping[str, Network], options: PredictOptions
) -> Pipeline:
    """The pipeline that these stages make. Raises `ModelError` if they make none."""
    for pipeline in PIPELINES:
        if set(pipeline.order) == set(stages):
            _require_same_animals(stages)
            return pipeline(stages, networks, options)
    complete = " or ".join(" + ".join(pipeline.order) for pipeline in PIPELINES)
    raise ModelError(
        f"The stages given ({', '.join(sorted(stages)) or 'none'}) do not make a pipeline. "
        "Poses can only be predicted by all the networks that were trained for each other. "
        f"Give a run, or stages that are {complete}.")


def _require_same_animals(stages: Mapping[str, StageConfig]) -> None:
    """Raise `ModelError` unless the stages were trained for the same nodes and the same centres."""
    if len({(stage.skeleton.nodes, stage.anchor, stage.fallback) for stage in stages.values()}) > 1:
        raise ModelError(
            f"The stages {', '.join(stages)} were not trained for each other: their nodes or their anchors differ. "
            "Crops would lie around another point than the network has learnt to expect. "
            "Give stages of one run, or of runs with the same skeleton and anchor.")
