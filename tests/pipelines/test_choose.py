"""Which pipeline some stages make."""

import pytest

from gambol.errors import ModelError
from gambol.pipelines.base import PredictOptions
from gambol.pipelines.choose import assemble
from gambol.pipelines.single import Single
from gambol.pipelines.top_down import TopDown


class TestAssemble:
    @pytest.mark.parametrize("pipeline", [Single, TopDown])
    def test_the_stages_of_a_run_say_which_pipeline_it_is(self, stages, pipeline):
        own = {name: stages()[name] for name in reversed(pipeline.order)}
        assert type(assemble(own, {}, PredictOptions())) is pipeline

    @pytest.mark.parametrize("names", [(), ("centroid",), ("centered_instance",), ("single", "centroid")])
    def test_stages_that_do_not_make_a_pipeline_are_refused(self, stages, names):
        with pytest.raises(ModelError, match="single or centroid \\+ centered_instance"):
            assemble({name: stages()[name] for name in names}, {}, PredictOptions())

    def test_stages_that_were_not_trained_for_each_other_are_refused(self, stages):
        own = {name: stages()[name] for name in TopDown.order}
        other = own | {"centroid": own["centroid"].model_copy(update={"fallback": "mean"})}
        assert other["centroid"].fallback != own["centroid"].fallback, "test invalid"
        with pytest.raises(ModelError, match="not trained for each other"):
            assemble(other, {}, PredictOptions())
