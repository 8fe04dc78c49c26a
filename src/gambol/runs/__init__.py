"""The run folder: what one training leaves behind, and how anyone can watch it. Free of torch.

`layout.py` names its files; `events.py` is its diary, `events.jsonl`, from which any number of watchers read progress
(`watch.py`); `heartbeat.py` is its sign of life, and `control.py` what it is asked while it runs; `summary.py` and
`stages.py` are what came of it; `find.py` and `look.py` tell runs from projects and videos.
"""
