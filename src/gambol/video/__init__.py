"""Frames from wherever they lie: video files, image lists and folders, images embedded in HDF5 files.

Start at `reader.open_video`; `writer.VideoWriter` goes the other way. A video file goes through `packets` (what its
container says), `indexing` (which frames there are: `stamped`, `unstamped`, `avi`, with `gaps` where packets are
lost), `track` (a decoder that goes to any of them), `damage` (which of them are lost) and `pyav` (their pixels).

To add a kind of source: 1. write a file here with a class that extends `reader.VideoReader`; 2. add its
choice to `reader.open_video`; 3. add it to the tests' list of readers in `tests/video/conftest.py`.
"""
