"""Labels in, trained networks out: one job, its stages one after the other, told as a stream of events.

`job.py` is what can be asked for, `after.py` what is to follow; `prepare.py` reads and plans; `loop.py` trains a stage;
`accuracy.py` measures it; `finish.py` predicts and scores the parts of the split, `prediction.py` what is to follow;
`run.py` is all of it in order.
"""
