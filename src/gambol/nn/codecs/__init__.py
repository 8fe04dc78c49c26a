"""Codecs: points to maps and back, encode beside decode.

`confidence_maps.py` is the representation; `peaks.py` finds candidate cells where the maps are (NumPy or torch);
`refine.py` says where between the cells a peak lies. Decoding NumPy maps needs no torch.
To add a representation: 1. one file with `encode` and `decode`; 2. a head that uses it; 3. a test that decoding
undoes encoding.
"""
