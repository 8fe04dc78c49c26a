"""How long a stage may train."""

from gambol.training.budget import Budget


class TestBudget:
    def test_without_minutes_it_is_used_up_by_steps(self):
        budget = Budget(None, steps=10)
        assert [budget.used(step) for step in (0, 5, 10, 12)] == [0, 0.5, 1, 1]

    def test_minutes_count_from_the_first_question(self, monkeypatch):
        now = [100.0]
        monkeypatch.setattr("gambol.training.budget.time.monotonic", lambda: now[0])
        budget = Budget(0.5, steps=1_000_000)
        used = []
        for now[0] in (100.0, 115.0, 130.0, 200.0):
            used.append(round(budget.used(0), 6))
        assert used == [0, 0.5, 1, 1]

    def test_of_minutes_and_steps_the_first_to_end_ends_it(self, monkeypatch):
        monkeypatch.setattr("gambol.training.budget.time.monotonic", lambda: 100.0)
        assert Budget(5, steps=10).used(10) == 1

    def test_time_in_which_a_training_was_stopped_does_not_count(self, monkeypatch):
        now = [100.0]
        monkeypatch.setattr("gambol.training.budget.time.monotonic", lambda: now[0])
        first = Budget(1, steps=1_000_000)
        first.used(0)
        now[0] = 115.0
        second = Budget(1, steps=1_000_000, before=first.seconds())
        now[0] = 9000.0
        assert second.used(0) == 0.25
        now[0] = 9030.0
        assert (second.used(0), second.seconds()) == (0.75, 45)
