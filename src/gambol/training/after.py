"""What a job asks for once its networks are trained and scored. Free of torch; `prediction.py` carries it out."""

from pathlib import Path

from pydantic import Field, field_validator, model_validator

from gambol.config import Config
from gambol.errors import GambolError
from gambol.inference.request import PredictionRequest
from gambol.inference.targets import require_meaning
from gambol.pipelines.base import PredictOptions
from gambol.video.frame_numbers import parse_frames


class PredictAfter(PredictOptions):
    """A prediction of the project's videos, by the model that was trained on it."""

    on: str = Field("all", description="all, labelled, unlabelled, suggested, or random:N frames of each video.")
    frames: str | None = Field(
        None, coerce_numbers_to_str=True, description="These frames of each video only: 0-99,200; empty: as `on` says.")
    out: Path | None = Field(None, description="Where predictions go; empty: predictions.slp in the run folder.")
    overwrite: bool = Field(False, description="Replace the file at `out` if it exists.")

    @field_validator("out")
    @classmethod
    def _from_anywhere(cls, path: Path | None) -> Path | None:
        return path and path.absolute()

    @model_validator(mode="after")
    def _names_frames(self) -> "PredictAfter":
        """A word that means nothing must not be noticed only when the training is over."""
        try:
            require_meaning(self.on)
            if self.frames is not None:
                parse_frames(self.frames)
                if self.on != "all":
                    raise ValueError(f"frames were asked for twice, by frames {self.frames} and by on {self.on}")
        except GambolError as error:
            raise ValueError(str(error).partition(". ")[0]) from error
        return self

    def request(self, labels: Path, run: Path, default: Path, device: str) -> PredictionRequest:
        """What is asked of `gambol predict`; default: where predictions go if nobody said.

        A file in the run folder is the run's own, so nothing else can be lost there.
        """
        options = PredictOptions(**{name: getattr(self, name) for name in PredictOptions.model_fields})
        return PredictionRequest(
            labels, [run], self.out or default, self.on, self.frames, options, device,
            overwrite=self.overwrite or self.out is None)


class AfterConfig(Config):
    """What the training's own process does when the networks are trained, whether or not anybody watches."""

    predict: PredictAfter | None = Field(None, description="Predict the project's videos; empty: predict nothing.")
