"""`gambol merge`: labels and predictions of other files come home."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from typer import Argument, Option

from gambol.errors import GambolError

if TYPE_CHECKING:
    from rich.table import Table

    from gambol.labels.merge import Incoming

COLUMNS = ("frames", "new_frames", "user", "same", "conflicts", "left_out", "removed", "predictions", "replaced",
           "unused")
TITLES = {
    "frames": "frames", "new_frames": "new", "user": "user in", "same": "same", "conflicts": "conflicts",
    "left_out": "left out", "removed": "removed", "predictions": "predicted in", "replaced": "replaced",
    "unused": "unused"}


def merge(
    project: Annotated[Path, Argument(metavar="PROJECT.slp", help="The project that labels come home to.")],
    others: Annotated[list[Path], Argument(metavar="OTHER.slp ...", help="Files with labels or predictions.")],
    out: Annotated[
        Path | None, Option("-o", "--out", help="Write the result there; without it the project is replaced, and "
                            "kept as <name>.before-merge.slp.")] = None,
    predictions: Annotated[
        Literal["replace", "add", "keep"],
        Option(help="Where the project has predictions: replace them, add beside them, or keep them alone.")]
    = "replace",
    conflicts: Annotated[
        Literal["ours", "theirs", "both"],
        Option(help="Where persons labelled a frame differently: whose instances the result has.")] = "ours",
    add_nodes: Annotated[bool, Option("--add-nodes", help="Add nodes that the project does not have.")] = False,
    video: Annotated[
        list[str] | None, Option("--video", help="THEIRS=OURS: a video of the other file is that one of the project, "
                                 "by their numbers in gambol inspect. May be repeated.")] = None,
    dry_run: Annotated[bool, Option("--dry-run", help="Show what would come in, and write nothing.")] = False,
    overwrite: Annotated[bool, Option("--overwrite", help="Replace the file that --out names.")] = False,
) -> None:
    """Bring labels and predictions of other files into a project."""
    from rich.console import Console

    from gambol.formats.merging import merge_files, write_merged
    from gambol.labels.merge import MergeConfig
    from gambol.storage import refuse_existing

    console = Console()
    if out is not None and not dry_run and not (out.exists() and project.exists() and out.samefile(project)):
        refuse_existing(out, overwrite)
    config = MergeConfig(predictions=predictions, conflicts=conflicts, add_nodes=add_nodes)
    merging = merge_files(project, others, config, _told(video or [], len(others)))
    for path, videos in merging.incoming:
        console.print(_table(path, videos))
        for each in videos:
            if each.doubt is not None:
                console.print(f"{each.name} comes in as a video of its own. {each.doubt} If it is, say so by "
                              "--video.", style="yellow", markup=False, highlight=False, soft_wrap=True)
        console.print(_in_words(videos, conflicts), markup=False, highlight=False, soft_wrap=True)
    if dry_run:
        console.print("Nothing was written.")
        return
    before = write_merged(merging, out, overwrite)
    if not merging.changed and out is None:
        console.print(f"{project} has all of it already and stays as it is.", markup=False, highlight=False,
                      soft_wrap=True)
        return
    kept = f"; as it was before it is in {before}" if before is not None else ""
    console.print(f"The project is in {out or project}{kept}", markup=False, highlight=False, soft_wrap=True)


def _told(pairs: list[str], files: int) -> dict[int, int]:
    """What --video says: number of theirs to number of ours. Raises `GambolError` if it cannot be understood."""
    told = {}
    for pair in pairs:
        theirs, found, ours = pair.partition("=")
        if files != 1 or not found or not (theirs.isdecimal() and ours.isdecimal()):
            what = "says nothing about several files at once" if files != 1 else "does not say which video is which"
            raise GambolError(
                f"--video {pair} {what}. "
                "Labels could land on the wrong video. "
                "Merge one file at a time, with numbers as in --video 0=2.")
        told[int(theirs)] = int(ours)
    return told


def _table(path: Path, videos: "list[Incoming]") -> "Table":
    """What comes in from one file, by video; columns in which nothing stands are left out, but for the first."""
    from rich.markup import escape
    from rich.table import Table

    from gambol.cli.tables import NARROW

    table = Table(title=f"Into the project from {escape(path.name)}", **NARROW)
    shown = [name for name in COLUMNS if name == "frames" or any(getattr(video, name) for video in videos)]
    for title in ("", "video", "known by"):
        table.add_column(title)
    for name in shown:
        table.add_column(TITLES[name], justify="right")
    for video in videos:
        figures = (str(getattr(video, name)) for name in shown)
        table.add_row(str(video.video), escape(video.name), video.why, *figures)
    return table


def _in_words(videos: "list[Incoming]", rule: str) -> str:
    """All videos together, in a sentence or two."""
    def total(name: str) -> int:
        return sum(getattr(video, name) for video in videos)

    text = f"{total('user')} user instances and {total('predictions')} predictions come in"
    text += f"; {total('replaced')} predictions give way." if total("replaced") else "."
    if total("conflicts"):
        what = {"ours": f"those of the project stay, {total('left_out')} of the other file stay out",
                "theirs": f"{total('removed')} of the project give way to those of the other file",
                "both": "those of both are there now"}[rule]
        text += f" {total('conflicts')} frames are labelled differently in both: {what} (--conflicts {rule})."
    return text
