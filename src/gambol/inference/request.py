"""What is asked of a prediction, and the requests that cannot be meant."""

from dataclasses import dataclass, field
from pathlib import Path

from gambol.errors import GambolError, OutputError
from gambol.pipelines.base import PredictOptions


@dataclass(frozen=True)
class PredictionRequest:
    """What to predict, with which models, and where the result goes."""

    source: Path
    models: list[Path]
    out: Path | None = None
    on: str = "all"
    frames: str | None = None
    options: PredictOptions = field(default_factory=PredictOptions)
    device: str = "auto"
    overwrite: bool = False
    engine: str = "auto"
    precision: str = "auto"

    @property
    def output(self) -> Path:
        """Where predictions go: `<input>.predictions.slp` beside the input, unless asked otherwise."""
        source = self.source if self.source.name not in ("", "..") else self.source.resolve()
        stem = source.name.removesuffix(".slp").removesuffix(".pkg")
        return self.out or source.with_name(f"{stem}.predictions.slp")

    @property
    def asked(self) -> str:
        """The frames that are to be predicted, in the words of the request."""
        return self.frames if self.frames is not None else self.on


def refuse_unclear(request: PredictionRequest) -> None:
    """Raise a `GambolError` if the output would replace the input or is no `.slp`, or frames are named twice."""
    if request.output.resolve() == request.source.resolve():
        raise OutputError(
            f"The predictions would take the place of {request.source} itself. "
            "Its labels would be lost. "
            "Choose another file with --out.")
    if request.output.suffix.lower() != ".slp":
        raise OutputError(
            f"{request.output} does not end in .slp. "
            "Predictions are written as a SLEAP project, which no program would expect under that name. "
            f"Call it {request.output.with_suffix('.slp').name}.")
    if request.frames is not None and request.on != "all":
        raise GambolError(
            f"Frames were asked for twice, by --frames {request.frames} and by --on {request.on}. "
            "It is not clear which of them should be predicted. "
            "Leave one of the two out.")
