"""Memory that does not suffice, told in words that name the setting to lower."""

from collections.abc import Iterator
from contextlib import contextmanager

from gambol.errors import DeviceError
from gambol.inference.engines.base import ran_out_of_memory
from gambol.pipelines.stage import Plan


@contextmanager
def enough_memory(plan: Plan) -> Iterator[None]:
    """Within the block, running out of memory is a `DeviceError` that says which setting of the stage to lower."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not ran_out_of_memory(error):
            raise
        name, batch = plan.stage.name, plan.batch
        setting = f"batch={batch // 2}" if batch > 1 else f"scale={plan.stage.view.scale / 2:g}"
        raise DeviceError(
            f"Memory ran out while '{name}' was trained with {batch} "
            f"example{'s' if batch > 1 else ''} in each step. "
            "The training cannot go on as it was asked for. "
            f"Train again with less, for example --set pipeline.{name}.{setting}, or close other programs.") from error
