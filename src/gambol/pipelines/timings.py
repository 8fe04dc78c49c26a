"""Where the time goes: seconds by kind of work, added up over all threads."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Timings:
    """Seconds that threads have spent on each kind of work. A few calls for each batch cost nothing to speak of."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}
        self._adding = threading.Lock()

    @contextmanager
    def of(self, work: str) -> Iterator[None]:
        """Count the time that the block takes as this kind of work."""
        began = time.perf_counter()
        try:
            yield
        finally:
            taken = time.perf_counter() - began
            with self._adding:
                self._seconds[work] = self._seconds.get(work, 0.0) + taken

    def seconds(self) -> dict[str, float]:
        """Seconds so far by kind of work, in the words that `of` was given."""
        with self._adding:
            return dict(self._seconds)
