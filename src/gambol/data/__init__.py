"""From labels and video to what a network sees: images and points, never targets (each head draws its own).

Columns give `Sample`s, a `FrameStore` their images, a view (`crops`) the affine from image to input,
`augment` varies it, `Dataset` makes `Example`s of it all, and a `Loader` hands them out in batches.

To add a way of looking at a frame (beside the whole frame and the crop around an animal):
1. write its `Config` in `crops.py`, with a `kind` of its own;
2. add it to the union `View` there;
3. say in `affine_for` which affine and which input size it means.
"""
