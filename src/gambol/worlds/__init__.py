"""Made-up animals with exact truth: what the demo films and what the tests learn from.

Geckos walk, turn, cross and climb over each other on a cluttered floor under changing light. Every
frame is a function of (settings, frame index) alone, so any frame can be made at any time.

To add a kind of clutter: (1) write a function in `clutter.py` that draws one piece onto a canvas,
(2) add it to `KINDS` there, (3) look at a frame. To add a body part: (1) give it a place in `body.py`,
(2) draw it in `coat.py` or `render.py`, (3) the test that finds dots again at every node covers it.
"""
