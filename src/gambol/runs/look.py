"""What a path is, and all about it: a project, predictions, a run, a folder of runs, or a video."""

from pathlib import Path
from typing import Any

from gambol.errors import GambolError, VideoError
from gambol.formats import FORMATS, load
from gambol.labels.summary import project_facts
from gambol.runs.find import is_run, runs_in
from gambol.runs.stages import MODEL
from gambol.runs.summary import run_facts
from gambol.video.facts import video_facts


def facts_of(path: Path) -> dict[str, Any]:
    """All that can be said of a file or folder, ready for JSON; `kind` says what it is.

    Kinds: project, predictions, run, runs, video. Raises a `GambolError` if it is none of them or cannot be read.
    """
    if not path.exists():
        raise GambolError(
            f"There is nothing at {path}. "
            "Without it there is nothing to look at. "
            "Check the path.")
    if path.is_dir():
        if is_run(path):
            return run_facts(path)
        if (path / MODEL).is_file() and is_run(path.resolve().parent):  # one stage of a run
            return run_facts(path.resolve().parent)
        if runs := runs_in(path):
            return {"kind": "runs", "path": path.as_posix(), "runs": [run_facts(run) for run in runs]}
    elif path.name.lower().endswith(tuple(suffix for row in FORMATS for suffix in row.suffixes)):
        return project_facts(load(path), path)
    try:
        return video_facts(path)
    except VideoError as error:
        raise GambolError(
            f"{path} is neither a project, nor a run or a folder of runs, nor a video. "
            f"As a video it would be refused: {_first_sentence(str(error))}; so nothing is known of it. "
            "Give a .slp file, the folder of a training, a video file or a folder of images.") from error


def _first_sentence(text: str) -> str:
    return text.split(". ")[0].strip().rstrip(".")
