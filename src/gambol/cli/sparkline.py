"""A curve in one line of text."""

import math
from collections.abc import Sequence

BARS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[float | None], width: int = 40) -> str:
    """Positive values as bars, on a logarithmic scale, from the lowest to the highest of them.

    More values than fit are averaged in stretches of about equal length; what is no positive number leaves a gap.
    """
    logs = [math.log(value) if value is not None and 0 < value < math.inf else math.nan for value in values]
    columns = min(width, len(logs))
    heights = [_mean(logs[len(logs) * column // columns:len(logs) * (column + 1) // columns])
               for column in range(columns)]
    known = [height for height in heights if not math.isnan(height)]
    if not known:
        return ""
    low, span = min(known), max(known) - min(known)
    return "".join(" " if math.isnan(height) else BARS[_step(height - low, span)] for height in heights)


def _step(above: float, span: float) -> int:
    return min(len(BARS) - 1, int(above / span * len(BARS))) if span else 0


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return sum(known) / len(known) if known else math.nan
