"""Too little memory, in words."""

import pytest

from gambol.errors import DeviceError
from gambol.training.memory import enough_memory


class TestEnoughMemory:
    @pytest.mark.parametrize(("batch", "setting"), [(8, "batch=4"), (3, "batch=1"), (1, "scale=0.5")])
    def test_the_setting_to_lower_is_named(self, stage, batch, setting):
        plan = stage().plan.model_copy(update={"batch": batch})
        with pytest.raises(DeviceError, match=rf"--set pipeline\.single\.{setting},"), enough_memory(plan):
            raise MemoryError

    def test_other_errors_are_left_alone(self, stage):
        with pytest.raises(RuntimeError, match="shapes"), enough_memory(stage().plan):
            raise RuntimeError("shapes do not fit")
