"""Networks: a backbone turns images into features, heads turn features into maps, codecs turn maps into points.

`backbones/` one folder each (settings in `config.py`, layers in `network.py`) · `heads/` one file each: what a
network is to learn, with its target and its loss · `codecs/` one file for each representation, encode beside
decode · `model.py` puts a backbone and its heads together.
"""
