"""`gambol render`: a video or a picture with its poses drawn on it."""

from pathlib import Path
from typing import Annotated, Literal

from typer import Argument, Option


def render(
    source: Annotated[Path, Argument(metavar="PREDICTIONS", help="Predictions or a project: a .slp file.")],
    out: Annotated[Path | None, Option("-o", "--out", help="A video (.mp4) or a picture (.png); several frames make a "
                                       "sheet. <input>.render.mp4 if empty.")] = None,
    video: Annotated[str | None, Option(help="Name or number, from 0, where a project has several videos.")] = None,
    frames: Annotated[str | None, Option(help="These frames only: 0-99,200, or labelled.")] = None,
    part: Annotated[str | None, Option(help="A part of the image: LEFT,TOP,RIGHT,BOTTOM in pixels, or animals.")]
    = None,
    scale: Annotated[float | None, Option(min=0.01, max=16, help="Pixels of the result per pixel of the image.")]
    = None,
    fps: Annotated[float | None, Option(min=0.01, max=1000, help="Frames per second; the video's own if empty.")]
    = None,
    only: Annotated[Literal["user", "predicted"] | None, Option(help="Only animals labelled by a person, or only "
                                                               "predicted ones.")] = None,
    colour: Annotated[Literal["track", "animal", "node"], Option(help="What has a colour of its own.")] = "track",
    palette: Annotated[Literal["bright", "standard", "colour-blind", "rainbow"], Option(help="Which colours.")]
    = "bright",
    trail: Annotated[int, Option(min=0, max=10_000, help="Past frames of each track to draw as a line.")] = 0,
    trail_node: Annotated[str | None, Option(help="The node whose path that is; one in the middle if empty.")] = None,
    line: Annotated[float | None, Option(min=0, max=50, help="Width of edges in pixels, 0 for none; as the animals' "
                                         "size asks if empty.")] = None,
    node: Annotated[float | None, Option(min=0, max=50, help="Radius of nodes, likewise.")] = None,
    hollow: Annotated[bool, Option("--hollow", help="Nodes as rings.")] = False,
    opacity: Annotated[float, Option(min=0, max=1, help="0 invisible, 1 opaque.")] = 1,
    names: Annotated[bool, Option("--names", help="Write each animal's track beside it.")] = False,
    labels: Annotated[bool, Option("--labels", help="Write each node's name beside it.")] = False,
    scores: Annotated[bool, Option("--scores", help="Write each animal's score beside it.")] = False,
    ground: Annotated[Literal["image", "black", "white"], Option(help="Draw on the image, or on plain ground.")]
    = "image",
    overwrite: Annotated[bool, Option("--overwrite", help="Replace a result that exists already.")] = False,
) -> None:
    """Draw poses: skeletons, tracks in their colours and trails, as a video or a picture."""
    from contextlib import closing

    from gambol.cli.progress import TerminalProgress, in_words
    from gambol.drawing.render import RenderRequest
    from gambol.drawing.render import render as render_file
    from gambol.drawing.style import Style
    from gambol.video.frame_numbers import frames_in_words

    style = Style(colour_by=colour, palette=palette, trail=trail, trail_node=trail_node, line=line, node=node,
                  hollow=hollow, opacity=opacity, names=names, labels=labels, scores=scores, ground=ground)
    request = RenderRequest(source, out, video, frames, only, part, scale, fps, style, overwrite)
    with TerminalProgress() as terminal, closing(render_file(request)) as states:  # so Ctrl-C leaves nothing behind
        for state in states:
            if state.warning is not None:
                terminal.say(state.warning, "yellow")
            speed = state.done / state.seconds if state.seconds else 0.0
            left = f", {speed:.1f} frames/s, {in_words((state.total - state.done) / speed)} left" if speed else ""
            terminal.bar("draw", state.done, state.total, f"{state.done} of {state.total} frames{left}")
    if state.lost:
        lost = f"{len(state.lost)} frames could not be decoded and are black: {frames_in_words(state.lost)}."
        terminal.say(lost, "yellow")
    many = "frame" if state.done == 1 else "frames"
    terminal.say(f"{state.done} {many} in {in_words(state.seconds)} ({speed:.1f} frames/s)")
    terminal.say(f"The {'picture' if request.is_picture else 'video'} is {request.output}")
