"""`gambol predict`: a video and a model in, poses out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

if TYPE_CHECKING:
    from gambol.cli.progress import TerminalProgress
    from gambol.inference.predict import Progress


def predict(
    source: Annotated[Path, Argument(metavar="VIDEO|PROJECT", help="A video, a folder of images, or a .slp.")],
    model: Annotated[list[Path], Option("-m", "--model", help="A run (all its stages), or single stages.")],
    out: Annotated[Path | None, Option("-o", "--out", help="Where predictions go; <input>.predictions.slp if empty.")]
    = None,
    on: Annotated[str, Option(help="all, labelled, unlabelled, suggested, or random:N frames of each video.")] = "all",
    frames: Annotated[str | None, Option(help="These frames only: 0-99,200.")] = None,
    animals: Annotated[int | None, Option(min=1, help="Keep at most this many animals in a frame.")] = None,
    batch: Annotated[int, Option(min=1, help="Images that go through a network at a time.")] = 4,
    threshold: Annotated[float, Option(min=0, help="A node whose peak is lower was not found.")] = 0.2,
    animal_threshold: Annotated[float, Option(min=0, help="An animal whose centroid is lower was not found.")] = 0.2,
    device: Annotated[str, Option(help="auto, cpu, cuda, cuda:1 or mps.")] = "auto",
    engine: Annotated[str, Option(help="What runs the networks: auto (openvino on a CPU), torch, openvino.")] = "auto",
    precision: Annotated[str, Option(help="auto (bf16 where the hardware gains from it), bf16 or fp32.")] = "auto",
    overwrite: Annotated[bool, Option("--overwrite", help="Replace predictions that are there.")] = False,
) -> None:
    """Predict poses in a video, or in the videos of a project."""
    from contextlib import closing

    from gambol.cli.progress import TerminalProgress, in_words
    from gambol.inference.parts import folder_of, kept
    from gambol.inference.predict import PredictionRequest
    from gambol.inference.predict import predict as predict_file
    from gambol.pipelines.base import PredictOptions

    options = PredictOptions(animals=animals, batch=batch, node_threshold=threshold, animal_threshold=animal_threshold)
    request = PredictionRequest(source, model, out, on, frames, options, device, overwrite, engine, precision)
    with TerminalProgress() as terminal:
        try:
            with closing(predict_file(request)) as states:  # closed before it is asked what is kept
                for number, state in enumerate(states):
                    if state.before and number == 0:
                        terminal.say(f"{state.before} frames were there already, and it goes on from there.")
                    _show(terminal, state)
        except KeyboardInterrupt:
            done, folder = kept(request.output), folder_of(request.output)
            rest = f"{done} frames stay in {folder}, and the same command goes on from there." if done else ""
            terminal.say(f"Stopped. {rest or 'Nothing had been finished yet.'}", "yellow")
            raise
    speed = (state.done - state.before) / state.seconds if state.seconds else 0.0
    terminal.say(
        f"{state.done} frames in {in_words(state.seconds)} ({speed:.1f} frames/s): {state.instances} animals in "
        f"{state.with_animals} frames, {state.done - state.with_animals} frames without any."
    )
    terminal.say(f"Predictions are in {request.output}")


def _show(terminal: "TerminalProgress", state: "Progress") -> None:
    """One state of a prediction: what is to be said, and the bar."""
    from gambol.cli.progress import in_words

    if state.warning is not None:
        terminal.say(state.warning, "yellow")
    speed = (state.done - state.before) / state.seconds if state.seconds else 0.0
    rest = state.total - state.done - state.lost
    left = f"{speed:.1f} frames/s, {in_words(rest / speed)} left" if speed else ""
    terminal.bar("predict", state.done + state.lost, state.total, f"{state.done} of {state.total} frames, {left}")
