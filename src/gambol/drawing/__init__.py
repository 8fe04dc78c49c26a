"""Poses made visible: skeletons and trails on images and videos, sheets of frames, figures.

`render.py` is the work of `gambol render`; `style.py` says how everything looks. Images come in and go out as uint8
arrays (height, width, channel), RGB where colour is added.

To add a picture: (1) write a function in a file of its own that takes arrays and labels and gives an image, (2) draw
skeletons with `skeletons.draw`, so that all pictures look alike, (3) check in a test where its pixels fall.
"""
