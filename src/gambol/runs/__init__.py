"""The run folder: what one training leaves behind, and how anyone can watch it. Free of torch.

`layout.py` names its files; `events.py` is its diary, `events.jsonl`, from which any number of watchers read progress;
`summary.py` and `stages.py` are what came of it; `find.py` and `look.py` tell runs from projects and videos.
"""
