"""Pipelines: which networks a way of finding poses needs, and how their maps become poses.

To add one: 1. a file with a config (its `plan` says which stages to train) and a `Pipeline` (its `predict` says how
they work together); 2. its config in `AnyPipeline` and its class in `PIPELINES`, both in `choose.py`; 3. its line on
the how-to page of pipelines. Nobody else asks which pipeline it is.
"""
