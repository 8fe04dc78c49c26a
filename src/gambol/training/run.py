"""A whole training: prepare, train every stage in its order, score. Told as events, which also go into the diary."""

from collections.abc import Generator, Iterator
from contextlib import closing
from datetime import datetime
from functools import partial
from pathlib import Path

import numpy as np

from gambol.data.dataset import Dataset, samples_from
from gambol.labels.convert import poses as poses_of
from gambol.pipelines.base import Network, PredictOptions
from gambol.pipelines.choose import assemble
from gambol.pipelines.stage import Plan
from gambol.runs.control import Control
from gambol.runs.events import Diary, Event
from gambol.runs.heartbeat import Heartbeat
from gambol.runs.layout import RunFolder
from gambol.training.accuracy import measure
from gambol.training.begin import begun, remove_earlier, reserved
from gambol.training.finish import finish
from gambol.training.job import TrainingJob
from gambol.training.loop import StageData, StageTraining
from gambol.training.prediction import require_possible
from gambol.training.prepare import Prepared, prepare, read_labels, run_folder
from gambol.training.previews import Previews
from gambol.training.resume import reopen, require_run, take_up
from gambol.training.start_from import with_latest
from gambol.training.watchdog import Watchdog

FRAMES_TO_MEASURE = 60


def run(job: TrainingJob) -> Iterator[Event]:
    """Carry out a job. Raises a `GambolError` for what cannot be trained, before anything is written if possible."""
    yield Event("phase", None, {"phase": "load"})
    job = with_latest(job)
    parts, warning = read_labels(job)
    prepared = Prepared(job, run_folder(job, parts, datetime.now()), parts)
    require_possible(job, prepared.folder)
    with reserved(prepared.folder):
        with begun(job, prepared.folder):
            control = Control(prepared.folder)
            yield from _noted(prepared.folder, _prepare(prepared, warning), control)
        yield from _noted(prepared.folder, _train(prepared, control), control)


def resume(path: Path, device: str | None = None) -> Iterator[Event]:
    """Go on with a run that was stopped, wherever it was stopped, with the settings and the labels that it had.

    device: the one to go on with, if not the job's. Raises `JobError` if there is no run or it is finished, and what
    `run` raises.
    """
    folder = RunFolder(path.absolute())
    require_run(folder)
    with reserved(folder):
        prepared = take_up(folder, device)
        control = Control(folder)
        yield from _noted(folder, _go_on(prepared, control), control)


def _go_on(prepared: Prepared, control: Control) -> Generator[Event]:
    folder = prepared.folder
    yield Event("phase", None, {"phase": "resume", "run": str(folder.path)})
    if folder.scored:
        pass  # what is left to do needs no labelled frame
    elif folder.resolved.is_file():
        yield from reopen(prepared)
    else:  # it was stopped before its labels were split and written
        prepared.parts, warning = read_labels(prepared.job)
        yield from _prepare(prepared, warning)
    remove_earlier(folder)
    yield from _train(prepared, control)


def _noted(folder: RunFolder, events: Generator[Event], control: Control) -> Iterator[Event]:
    """Write each event into the diary before others hear of it; also that they ended too early, if they do.

    Meanwhile the run shows that it lives, notices if it hangs, and listens to what it is asked for.
    """
    diary = Diary(folder.events)
    watchdog = Watchdog(diary.try_to_write)
    last = None
    try:
        with closing(events), Heartbeat(folder, watchdog.look) as heartbeat:
            for last in events:
                watchdog.saw(last)
                heartbeat.doing(last)
                diary.write(last)
                yield last
                control.listen()
    except BaseException as error:
        if last is None or last.kind != "finished" or last.stage is not None:
            stopped = isinstance(error, KeyboardInterrupt | GeneratorExit)
            text = {"text": str(error) or "stopped by the user"}
            diary.try_to_write(Event("cancelled" if stopped else "failed", None, text))
        raise
    finally:
        diary.close()


def _prepare(prepared: Prepared, warning: str | None) -> Generator[Event]:
    yield Event("phase", None, {"phase": "begin", "run": str(prepared.folder.path)})
    if warning is not None:
        yield Event("warning", None, {"text": warning})
    yield from prepare(prepared)


def _train(prepared: Prepared, control: Control) -> Generator[Event]:
    for number, plan in enumerate(prepared.plans, start=1):
        if prepared.folder.finished(plan.stage.name).is_file():
            continue
        place = number, len(prepared.plans)
        data = _stage_data(plan, prepared)
        yield from StageTraining(plan, data, prepared.job, prepared.folder, control, place).run()
    yield from finish(prepared)


def _stage_data(plan: Plan, prepared: Prepared) -> StageData:
    stage, datasets = plan.stage, {}
    for part, view, augment in (("train", plan.window or stage.view, plan.augment), ("val", stage.view, None)):
        labels = prepared.parts[part]
        samples = samples_from(labels, view, stage.anchor, stage.fallback, company=view is plan.window)
        datasets[part] = Dataset(
            samples, prepared.frames[part], view, labels.skeleton.mirrored, augment, prepared.job.seed
        )
    previews = Previews(stage, {own.stage.name: own.stage for own in prepared.plans}, prepared)
    return StageData(datasets["train"], datasets["val"], partial(_accuracy, plan, prepared), previews.write)


def _accuracy(plan: Plan, prepared: Prepared, network: Network) -> dict[str, float]:
    """Accuracy of a stage, all before it taken for right, on frames spread over the validation part."""
    labels, stages = prepared.parts["val"], {plan.stage.name: plan.stage for plan in prepared.plans}
    positions = np.unique(np.linspace(0, len(labels) - 1, min(len(labels), FRAMES_TO_MEASURE)).round().astype(int))
    places = [labels.frame_at(int(position)) for position in positions]
    pipeline = assemble(stages, {plan.stage.name: network}, PredictOptions())
    images = [prepared.frames["val"].image(*place) for place in places]
    return measure(pipeline.check(plan.stage.name, images, [poses_of(labels, *place) for place in places]))


