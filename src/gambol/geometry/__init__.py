"""Arrays in, arrays out: the mathematics of points, boxes and images, which knows nothing else of gambol.

To add a measure or a transformation:
1. write one file of pure functions here, shapes in the signatures, units and source in the docstrings;
2. give it a test of the same name in `tests/geometry`, with numbers that can be checked by hand;
3. import it where it is used, by its module: nothing is gathered here, so that nothing heavy is loaded.
"""
