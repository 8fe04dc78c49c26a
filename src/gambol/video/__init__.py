"""Frames from wherever they lie: video files, image lists and folders, images embedded in HDF5 files.

Start at `reader.open_video`; `writer.VideoWriter` goes the other way.

To add a kind of source: 1. write a file here with a class that extends `reader.VideoReader`; 2. add its
choice to `reader.open_video`; 3. add it to the tests' list of readers in `tests/video/conftest.py`.
"""
