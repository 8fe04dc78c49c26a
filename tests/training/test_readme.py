"""The page in a package names commands that exist, and files that will be there."""

import pytest

from gambol.training.job import TrainingJob
from gambol.training.readme import readme


@pytest.mark.parametrize("suggested", [False, True])
def test_it_says_what_to_run_and_what_to_bring_back(suggested):
    job = TrainingJob.model_validate({"labels": "flies.slp", "pipeline": {"kind": "single"}})
    text = readme("night.zip", job, suggested)
    assert "gambol train night.zip\n" in text
    assert "gambol merge flies.slp predictions.slp" in text
    assert ("--on suggested" in text) == suggested
    assert "gambol predict night/labels.pkg.slp -m night/models/RUN" in text
