"""A whole training: prepare, train every stage in its order, score. Told as events, which also go into the diary."""

from collections.abc import Generator, Iterator
from contextlib import closing, suppress
from datetime import datetime
from functools import partial

import numpy as np

from gambol.data.dataset import Dataset, samples_from
from gambol.errors import OutputError
from gambol.labels.convert import poses as poses_of
from gambol.pipelines.base import Network, PredictOptions
from gambol.pipelines.choose import assemble
from gambol.pipelines.stage import Plan
from gambol.runs.events import Diary, Event
from gambol.runs.layout import RunFolder
from gambol.training.accuracy import measure
from gambol.training.finish import finish
from gambol.training.job import TrainingJob
from gambol.training.loop import StageData, StageTraining
from gambol.training.prepare import Prepared, begun, prepare, read_labels

FRAMES_TO_MEASURE = 60


def run(job: TrainingJob) -> Iterator[Event]:
    """Carry out a job. Raises a `GambolError` for what cannot be trained, before anything is written if possible."""
    yield Event("phase", None, {"phase": "load"})
    parts, warning = read_labels(job)
    with begun(job, sum(len(part) for part in parts.values()), datetime.now()) as folder:
        prepared = Prepared(job, folder, parts)
        yield from _noted(folder, _prepare(prepared, warning))
    yield from _noted(folder, _train(prepared))


def _noted(folder: RunFolder, events: Generator[Event]) -> Iterator[Event]:
    """Write each event into the diary before others hear of it; also that they ended too early, if they do."""
    diary = Diary(folder.events)
    last = None
    try:
        with closing(events):
            for last in events:
                diary.write(last)
                yield last
    except BaseException as error:
        if last is None or last.kind != "finished" or last.stage is not None:
            with suppress(OutputError):  # a full disk may be what ended it
                diary.write(Event("failed", None, {"text": str(error) or "stopped by the user"}))
        raise
    finally:
        diary.close()


def _prepare(prepared: Prepared, warning: str | None) -> Generator[Event]:
    if warning is not None:
        yield Event("warning", None, {"text": warning})
    yield from prepare(prepared)


def _train(prepared: Prepared) -> Generator[Event]:
    for plan in prepared.plans:
        yield from StageTraining(plan, _stage_data(plan, prepared), prepared.job, prepared.folder).run()
    yield from finish(prepared)


def _stage_data(plan: Plan, prepared: Prepared) -> StageData:
    stage, datasets = plan.stage, {}
    for part, view, augment in (("train", plan.window or stage.view, plan.augment), ("val", stage.view, None)):
        labels = prepared.parts[part]
        samples = samples_from(labels, view, stage.anchor, stage.fallback, company=view is plan.window)
        datasets[part] = Dataset(
            samples, prepared.frames[part], view, labels.skeleton.mirrored, augment, prepared.job.seed
        )
    return StageData(datasets["train"], datasets["val"], partial(_accuracy, plan, prepared))


def _accuracy(plan: Plan, prepared: Prepared, network: Network) -> dict[str, float]:
    """Accuracy of a stage, all before it taken for right, on frames spread over the validation part."""
    labels, stages = prepared.parts["val"], {plan.stage.name: plan.stage for plan in prepared.plans}
    positions = np.unique(np.linspace(0, len(labels) - 1, min(len(labels), FRAMES_TO_MEASURE)).round().astype(int))
    places = [labels.frame_at(int(position)) for position in positions]
    pipeline = assemble(stages, {plan.stage.name: network}, PredictOptions())
    images = [prepared.frames["val"].image(*place) for place in places]
    return measure(pipeline.check(plan.stage.name, images, [poses_of(labels, *place) for place in places]))


