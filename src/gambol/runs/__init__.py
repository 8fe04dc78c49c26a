"""The run folder: what one training leaves behind, and how anyone can watch it. Free of torch.

`layout.py` names its files; `events.py` is its diary, `events.jsonl`, from which any number of watchers read progress
(`watch.py`); `heartbeat.py` is its sign of life, `control.py` what it is asked while it runs, and `findings.py` what a
check found; `summary.py`, `stages.py` and `scored.py` are what came of it; `compare.py` and `learning.py` look at many
runs, which `find.py` finds; `look.py` tells runs from projects and videos.
"""
