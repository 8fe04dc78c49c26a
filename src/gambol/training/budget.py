"""How long a stage may train: by time, or by steps."""

import time
from dataclasses import dataclass


@dataclass
class Budget:
    """How much of the allowed training is used: by time if minutes were given, else by steps.

    before: seconds that were used before the training was interrupted.
    """

    minutes: float | None
    steps: int
    before: float = 0.0
    started: float | None = None

    def used(self, step: int) -> float:
        """Share of the budget, 0..1; the clock starts with the first question."""
        by_steps, seconds = step / self.steps, self.seconds()
        if self.minutes is None:
            return min(1.0, by_steps)
        return min(1.0, max(seconds / (60 * self.minutes), by_steps))

    def seconds(self) -> float:
        """Training time until now; the clock starts with the first question."""
        if self.started is None:
            self.started = time.monotonic()
        return self.before + time.monotonic() - self.started
