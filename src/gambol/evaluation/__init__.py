"""How good are predicted poses? Matching of animals, keypoint scores, and the report that holds them. No torch.

To add a score:
1. write it as a pure function of arrays in `keypoints.py`, or in a file of its own, with its source in the docstring;
2. test it on a case that is worked out by hand in a comment;
3. fill it in `report.evaluate` under a key of its own: keys that exist are a contract and never change their meaning.
"""
