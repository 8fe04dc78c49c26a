"""Engines: each runs one network, inputs (batch, h, w, channel) uint8 to maps by head.

`base.py` is what all of them promise, `choose.py` takes one; `export.py` turns a network into what `openvino.py` runs,
`exported.py` keeps it; `guarded.py` bounds the memory that a call takes (`memory.py` knows how much there is).
"""
