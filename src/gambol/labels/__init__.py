"""What people annotate: skeletons, videos, frames, animals, as columns (`columns.py`), and what is done with them.

To add a way of looking at labels: 1. write a function from `Columns` (or to it) in a file named after the idea;
2. gather rows instead of looping over them; 3. show it on a small drawn project in `tests/labels`.
"""
