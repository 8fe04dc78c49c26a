"""`gambol demo`: the whole cycle on a made-up world."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Option

if TYPE_CHECKING:
    from gambol.cli.progress import TerminalProgress
    from gambol.labels.columns import Columns
    from gambol.worlds.world import World

LABELLED = 60  # frames
NEAR = 3.0  # px
PICTURED = 3  # frames
MADE = ("video.mp4", "truth.slp", "labels.slp", "model", "predictions.slp", "overlay.mp4", "poses.png", "report.png")


def demo(
    out: Annotated[Path, Option("-o", "--out", help="The folder to make.")] = Path("gambol-demo"),
    minutes: Annotated[float, Option(min=0.01, help="Training time of each stage, in minutes.")] = 1.45,
    frames: Annotated[int, Option(min=20, help="Length of the video, in frames.")] = 600,
    seed: Annotated[int, Option(min=0, help="Another number makes another world.")] = 0,
    overwrite: Annotated[bool, Option("--overwrite", help="Replace an earlier demo.")] = False,
) -> None:
    """Play the whole cycle on a made-up world: film, label, train, predict, score, draw. Needs no data."""
    from gambol.cli.progress import TerminalProgress, in_words
    from gambol.formats import load
    from gambol.worlds.world import World, WorldConfig

    started = time.monotonic()
    video, truth, labels, model, predictions, overlay, picture, report = (out / name for name in MADE)
    _clear(out, overwrite)
    world = World(WorldConfig(animals=2, frames=frames, seed=seed, colour=True))
    with TerminalProgress() as progress:
        _film(world, video, truth, labels, progress)
        _train(labels, model, minutes, progress)
        _predict(video, model, predictions, world.config.animals, progress)
        true, found = load(truth), load(predictions)
        near = _score(true, found, report, progress)
        _draw(video, found, overlay, picture, progress)
    progress.say(
        f"\n{near:.1%} of the visible nodes were found within {NEAR:.0f} px of the truth, "
        f"in {in_words(time.monotonic() - started)} all together.", "bold"
    )
    progress.say(f"Look at {picture}, {overlay} and {report}; the model is in {model}.")


def _clear(out: Path, overwrite: bool) -> None:
    """Make room for the demo: refuse what exists, or remove just what an earlier demo made."""
    import shutil

    from gambol.storage import refuse_existing

    refuse_existing(out, overwrite, folder=True)
    for path in (out / name for name in MADE):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _film(world: "World", video: Path, truth: Path, labels: Path, progress: "TerminalProgress") -> None:
    import numpy as np

    from gambol.formats import save
    from gambol.worlds.film import render, truth_columns

    render(world, video, progress=lambda done, total: progress.bar("film", done, total, f"{done} of {total} frames"))
    chosen = np.unique(np.linspace(0, len(world) - 1, LABELLED).round().astype(int))
    save(truth_columns(world, video.resolve()), truth)
    save(truth_columns(world, video.resolve(), [int(frame) for frame in chosen]), labels)
    progress.say(f"Filmed {len(world)} frames of {world.config.animals} geckos and labelled {len(chosen)} of them")


def _train(labels: Path, model: Path, minutes: float, progress: "TerminalProgress") -> None:
    from gambol.training.job import make_job
    from gambol.training.run import run

    pipeline = {"kind": "top-down", "anchor": "back", "centroid": {"effort": 0.5}, "centered_instance": {"scale": 0.66}}
    job = make_job({"labels": labels, "out": model, "minutes": minutes, "pipeline": pipeline}, [])
    for event in run(job):
        progress.show(event)


def _predict(video: Path, model: Path, out: Path, animals: int, progress: "TerminalProgress") -> None:
    from gambol.inference.predict import PredictionRequest, predict
    from gambol.pipelines.base import PredictOptions

    for state in predict(PredictionRequest(video, [model], out, options=PredictOptions(animals=animals))):
        speed = state.done / state.seconds if state.seconds else 0.0
        progress.bar("predict", state.done, state.total, f"{state.done} of {state.total} frames, {speed:.1f} frames/s")
    progress.say(f"Predicted {state.done} frames, {speed:.1f} in each second")


def _score(true: "Columns", found: "Columns", report: Path, progress: "TerminalProgress") -> float:
    """Show the accuracy over the whole video; give the share of visible nodes that were found near their place."""
    from gambol.cli.figures import write_report
    from gambol.cli.tables import summary_table
    from gambol.evaluation.report import evaluate

    result = evaluate(true, found)
    progress.console.print(summary_table({"whole video": result.as_json()}))
    write_report(result, true, found, report.parent, report)
    return result.pck[f"{NEAR:.0f}"]


def _draw(video: Path, found: "Columns", overlay: Path, picture: Path, progress: "TerminalProgress") -> None:
    """The video with the predicted poses on it, and some of its frames as one picture."""
    from gambol.drawing.overlay import VideoStyle, render_video
    from gambol.drawing.sheet import mosaic, write_image
    from gambol.drawing.skeletons import draw
    from gambol.labels.convert import poses
    from gambol.video.reader import open_video

    style = VideoStyle(enlarge=2)
    with open_video(video) as reader:
        render_video(
            reader, found, overlay, style=style,
            progress=lambda done, total: progress.bar("draw", done, total, f"{done} of {total} frames"),
        )
        shown = [len(reader) * part // (PICTURED + 1) for part in range(1, PICTURED + 1)]
        pictures = [draw(reader.read(frame), poses(found, 0, frame), found.skeleton, style) for frame in shown]
    write_image(mosaic(pictures, PICTURED, [f"frame {frame}" for frame in shown]), picture)
