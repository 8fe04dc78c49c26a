"""A job from layers of settings: a recipe or what the labels recommend, a job file, options; the upper ones win."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gambol.errors import JobError
from gambol.pipelines.reason import Reason
from gambol.recipes.presets import AUTO, read_recipe
from gambol.training.job import TrainingJob, changed, make_job

ASKED = "as you asked"


@dataclass(frozen=True)
class Composed:
    """A job, and where its settings are from.

    because: of each setting that somebody chose, by its full name, who or why · chosen: what `auto` chose by itself.
    """

    job: TrainingJob
    because: Mapping[str, str] = field(default_factory=dict)
    chosen: tuple[Reason, ...] = ()

    @classmethod
    def of(cls, job: TrainingJob) -> "Composed":
        """A job that was made elsewhere: whatever is not as its pipeline is by itself was asked for."""
        own = dict(leaves(type(job.pipeline)().model_dump(mode="json")))
        said = leaves(job.model_dump(mode="json", exclude_unset=True))
        return cls(job, {path: ASKED for path, value in said if value != own.get(path.removeprefix("pipeline."))})


def compose(content: Mapping[str, Any], recipe: str | None = None, changes: Sequence[str] = ()) -> Composed:
    """The job that is asked for by settings as YAML has them, by a recipe below them and by changes above.

    The recipe `auto`, or a pipeline of the kind `auto`, leaves to the labels what is not asked for; they are read then.
    Raises `JobError` for settings that do not exist, contradict each other or leave out labels or pipeline, and what
    `recommend.for_labels` raises.
    """
    asked = changed(dict(content), changes)
    automatic = _take_automatic(asked, recipe)
    if "labels" not in asked or not (automatic or recipe or "pipeline" in asked):
        raise JobError(
            "A training needs labels and a pipeline, and one of them was not given. "
            "gambol does not guess which animals are to be found, or how. "
            "Pass a job file, or --labels PROJECT.slp with --pipeline auto, single, top-down or bottom-up.")
    below: Mapping[str, Any] = {}
    because: dict[str, str] = {}
    chosen: tuple[Reason, ...] = ()
    if automatic:
        from gambol.training.recommend import for_labels

        recommended = for_labels(asked)
        below, chosen = recommended.settings, recommended.reasons
        because = {reason.setting: reason.because for reason in chosen}
    elif recipe is not None:
        below = read_recipe(recipe)
        because = {path: f"the recipe {recipe} has it so" for path, _ in leaves(below)}
    mine = {path: ASKED for path, _ in leaves(asked)}
    chosen = tuple(reason for reason in chosen if reason.setting not in mine)
    return Composed(make_job(merged(below, asked)), because | mine, chosen)


def _take_automatic(asked: dict[str, Any], recipe: str | None) -> bool:
    """Whether gambol is to choose; then a pipeline's kind that says so is taken out of the settings."""
    pipeline: Any = asked.get("pipeline")
    by_kind = isinstance(pipeline, dict) and pipeline.get("kind") == AUTO
    if by_kind and recipe not in (None, AUTO):
        raise JobError(
            f"The recipe {recipe} says which pipeline to train, and the pipeline {AUTO} lets gambol choose it. "
            "Only one of them can be meant. "
            "Leave one of them out.")
    if by_kind:
        asked["pipeline"] = {name: value for name, value in pipeline.items() if name != "kind"}
    return by_kind or recipe == AUTO


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Settings within settings, the upper ones on top; where they ask for another kind of thing, the upper alone."""
    if "kind" in above and above["kind"] != below.get("kind", above["kind"]):
        return dict(above)
    both = dict(below)
    for name, value in above.items():
        lower = below.get(name)
        both[name] = merged(lower, value) if isinstance(lower, dict) and isinstance(value, dict) else value
    return both


def leaves(content: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Every setting by its full name, such as `pipeline.centroid.batch`, and its value."""
    for name, value in content.items():
        if isinstance(value, dict) and value:
            yield from leaves(value, f"{path}{name}.")
        else:
            yield path + name, value
