"""How a `.slp` file lies in HDF5: its tables, skeletons, videos, embedded images, and what gambol only carries along.

A change of SLEAP's layout is met here: 1. find the page of the part (one file each); 2. change reading and writing
there, side by side; 3. add a file that shows it to the round trips in `tests/formats`.
"""
