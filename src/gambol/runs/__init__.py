"""The run folder: what one training leaves behind, and how anyone can watch it. Free of torch.

`layout.py` names its files; `events.py` is its diary, `events.jsonl`, from which any number of watchers read progress;
`summary.py`, `stages.py` and `scored.py` are what came of it; `compare.py` and `learning.py` look at many runs, which
`find.py` finds; `look.py` tells runs from projects and videos.
"""
