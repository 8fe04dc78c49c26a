"""Labels in, trained networks out: one job, its stages one after the other, told as a stream of events.

`job.py` is what can be asked for, `after.py` what is to follow; `compose.py` makes a job of what was said,
`recommend.py` of what the labels show, and `explain.py` tells why; `prepare.py` reads and plans, `preflight.py` looks
whether it can work; `learner.py` is a network that learns, `loop.py` leads it through a stage and `faults.py` notices
when that leads nowhere; `accuracy.py` measures it, `previews.py` shows it; `finish.py` predicts and scores the parts of
the split, `prediction.py` what is to follow; `run.py` is all of it in order.
"""
