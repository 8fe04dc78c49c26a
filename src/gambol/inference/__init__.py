"""Trained networks at work: images in, poses out, frame after frame, in bounded memory.

`engines/` run a network; `frames.py` streams a video through a pipeline; `predictor.py` is the door to both.
To add an engine: 1. a file in `engines/` with a class that fulfils `engines/base.py`; 2. its name and its case in
`engines/choose.py`; 3. its row in the test that holds every engine to torch.
"""
