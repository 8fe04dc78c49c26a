"""A stage: one network of a run. What it sees, how it is built and what it learns."""

import re
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, Field, field_validator, model_validator

from gambol.config import Config
from gambol.data.augment import AugmentConfig
from gambol.data.crops import Crop, View
from gambol.labels.columns import Columns
from gambol.labels.skeleton import Skeleton
from gambol.nn.backbones import AnyBackbone
from gambol.nn.heads import AnyHead, HardNodesConfig

if TYPE_CHECKING:
    from gambol.nn.model import Model
    from gambol.pipelines.reason import Reason

WORD = re.compile(r"[A-Za-z0-9_]+")


class StageConfig(Config):
    """All that has to be known, beside its weights, to run one network: the content of `model.yaml`."""

    name: str = Field(description="What the stage is called in its run: single, centroid, centered_instance.")
    skeleton: Skeleton = Field(description="Names of the nodes, in the order of the predictions; edges; symmetries.")
    channels: Literal[1, 3] = Field(description="1 = grey, 3 = red, green, blue.")
    view: View = Field(description="Which part of a frame the network sees, and how large.")
    backbone: AnyBackbone = Field(description="The network's body.")
    heads: dict[str, AnyHead] = Field(description="What the network puts out.")
    anchor: int | None = Field(
        None, description="Number of the node on which crops are centred; none: the animal's middle."
    )
    fallback: Literal["box", "mean"] = Field(
        "box", description="What stands for an animal whose anchor is not visible: the middle of its box, or the mean."
    )

    @field_validator("name")
    @classmethod
    def _a_word(cls, name: str) -> str:
        return require_word(name)

    @field_validator("heads")
    @classmethod
    def _words(cls, heads: dict[str, AnyHead]) -> dict[str, AnyHead]:
        return {require_word(name): head for name, head in heads.items()}

    @model_validator(mode="after")
    def _heads_have_their_strides(self) -> "StageConfig":
        for head in self.heads.values():
            self.backbone.require_stride(head.stride)
        return self

    def build(self, fresh: bool = True) -> "Model":
        """The network, with the weights from which training begins; or, if others will be loaded, with any."""
        from gambol.nn.model import Model

        return Model(self.backbone, self.heads, self.channels, fresh)


def require_word(name: str) -> str:
    """The name of a stage or a head, which may become part of a path. Raises `ValueError` if it is not one word."""
    if not WORD.fullmatch(name):
        raise ValueError(f"{name!r} is not a word of letters, digits and _, and could lead out of the model's folder")
    return name


class StageOptions(Config):
    """What a person may choose for one stage; what is left empty follows from the labelled animals."""

    backbone: AnyBackbone = Field(description="The network's body.")
    sigma: float | None = Field(
        None, gt=0, description="Spread of a bump in input pixels; empty: from the animals' size."
    )
    scale: float | None = Field(
        None, gt=0, le=4, description="Input pixels for each image pixel; empty: from the animals' size."
    )
    peak_weight: float = Field(
        20.0, ge=0, description="How much more a bump's peak counts in the loss than empty ground."
    )
    batch: int = Field(8, ge=1, description="Examples in each training step.")
    effort: float = Field(
        1.0, gt=0, le=1, description="Share of the minutes allowed that this stage takes; easy ones need less."
    )
    augment: AugmentConfig | None = Field(
        None, description="How examples are varied in training; what is left empty follows from the labels."
    )


class NodesOptions(StageOptions):
    """What a person may choose for a stage that finds nodes."""

    hard_nodes: HardNodesConfig | None = Field(
        None, description="Let the nodes that are learnt worst count once more in the loss; empty: all count alike."
    )


class PipelineConfig(Config):
    """Settings of a pipeline; what is asked of a stage changes its defaults and leaves the rest of them."""

    @property
    def options(self) -> dict[str, StageOptions]:
        """What was chosen for each stage, by its name."""
        return {name: own for name in type(self).model_fields if isinstance(own := getattr(self, name), StageOptions)}

    @model_validator(mode="before")
    @classmethod
    def _on_top_of_defaults(cls, asked: Any) -> Any:
        if not isinstance(asked, dict):
            return asked
        defaults = {name: field.default for name, field in cls.model_fields.items() if name in asked}
        return asked | {name: _merged(default, asked[name]) for name, default in defaults.items()}

    def doubts(self, labels: Columns) -> list[str]:
        """What speaks against this pipeline for these labels, each in words for a person."""
        return []

    @abstractmethod
    def plan(self, labels: Columns, channels: Literal[1, 3], frame: tuple[int, int]) -> "list[Plan]":
        """The stages to train, in their order. frame: the largest (height, width), image pixels."""

    @abstractmethod
    def reasons(self, labels: Columns, frame: tuple[int, int], plans: "list[Plan]") -> "list[Reason]":
        """Why the settings that follow from the labels are what they are in `plans`, which `plan` has made."""


def _merged(default: Any, asked: Any) -> Any:
    """Settings within settings, except where another kind of thing was asked for."""
    kind = getattr(default, "kind", None)
    if kind is not None and isinstance(asked, str):
        asked = {"kind": asked}  # a kind's name alone
    if not isinstance(default, BaseModel) or not isinstance(asked, dict):
        return asked
    if asked.get("kind", kind) != kind:
        return asked
    if kind is not None:
        asked = {"kind": kind} | asked
    own = {name: _merged(getattr(default, name, None), value) for name, value in asked.items()}
    return default.model_dump(exclude_unset=True) | own


class Plan(Config):
    """What is to be trained: a stage, and with which examples."""

    stage: StageConfig = Field(description="The network.")
    augment: AugmentConfig = Field(description="How examples are varied.")
    batch: int = Field(ge=1, description="Examples in each training step.")
    effort: float = Field(gt=0, le=1, description="Share of the minutes allowed that this stage takes.")
    window: Crop | None = Field(
        None, description="The part of a frame, around an animal, that an example shows; empty: the stage's view."
    )
