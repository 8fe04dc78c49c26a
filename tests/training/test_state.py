"""What is taken out of a training is what is put back."""

import numpy as np
import pytest
import torch

from gambol.data.crops import WholeFrame
from gambol.data.dataset import Dataset, Sample
from gambol.data.example import Key
from gambol.nn.backbones.normalisation import BatchNorm
from gambol.training.checkpoint import Damaged
from gambol.training.state import fingerprint, put_back, take


class Training:
    """A network of two convolutions, one of them normalised, laid out as gambol's are, on its way."""

    def __init__(self, seed: int, width: int = 5) -> None:
        torch.manual_seed(seed)
        network = torch.nn.Sequential(
            torch.nn.Conv2d(3, width, 3), BatchNorm(width), torch.nn.ReLU(), torch.nn.Conv2d(width, 2, 3))
        self.network = network.to(memory_format=torch.channels_last)
        self.optimizer = torch.optim.AdamW(self.network.parameters(), lr=0.01, fused=True)

    def step(self, number: int) -> None:
        images = torch.rand(2, 3, 9, 9, generator=torch.Generator().manual_seed(number))
        self.optimizer.zero_grad()
        self.network(images.to(memory_format=torch.channels_last)).square().mean().backward()
        self.optimizer.step()

    def take(self) -> dict[str, torch.Tensor]:
        return take({"network": self.network}, self.optimizer)

    def put_back(self, tensors: dict[str, torch.Tensor]) -> None:
        put_back(tensors, {"network": self.network}, self.optimizer)


def different(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> list[str]:
    """Names of what two trainings do not have in common."""
    both = one.keys() & other.keys()
    return sorted((one.keys() ^ other.keys()) | {name for name in both if not torch.equal(one[name], other[name])})


class TestState:
    @pytest.fixture
    def training(self) -> Training:
        """A training after three steps."""
        training = Training(seed=1)
        for number in range(3):
            training.step(number)
        return training

    def test_what_is_put_back_is_what_was_taken(self, training):
        other = Training(seed=2)
        other.put_back(training.take())
        assert different(other.take(), training.take()) == []

    def test_the_next_steps_are_the_same(self, training):
        other = Training(seed=2)
        other.step(7)
        other.put_back(training.take())
        for each in (training, other):
            for number in (3, 4, 5):
                each.step(number)
        assert different(other.take(), training.take()) == []

    def test_the_next_random_numbers_are_the_same(self, training):
        taken = training.take()
        expected = torch.rand(5)
        Training(seed=3).put_back(taken)
        assert torch.equal(torch.rand(5), expected)

    def test_later_steps_leave_it_as_it_was_taken(self, training):
        taken = training.take()
        before = {name: tensor.clone() for name, tensor in taken.items()}
        training.step(3)
        assert different(taken, before) == []
        assert different(taken, training.take())

    def test_it_can_be_taken_before_the_first_step(self):
        fresh, other = Training(seed=1), Training(seed=2)
        other.step(0)
        other.put_back(fresh.take())
        for each in (fresh, other):
            each.step(1)
        assert different(other.take(), fresh.take()) == []

    def test_what_was_taken_of_another_network_is_refused_and_changes_nothing(self, training):
        others = Training(seed=1, width=6).take()
        before = training.take()
        with pytest.raises(Damaged, match="another network"):
            training.put_back(others)
        assert different(training.take(), before) == []


class TestFingerprint:
    @staticmethod
    def dataset(*points: float, frame: int = 0) -> Dataset:
        samples = [Sample(Key(0, frame), np.array([[[x, 1.0]]])) for x in points]
        return Dataset(samples, {}, WholeFrame(), (0,))

    def test_the_same_labels_have_the_same(self):
        assert fingerprint(self.dataset(1, 2)) == fingerprint(self.dataset(1, 2))

    def test_other_labels_have_another(self):
        sets = [(self.dataset(1, 2),), (self.dataset(2, 1),), (self.dataset(1),), (self.dataset(1, 2, frame=1),),
                (self.dataset(1), self.dataset(2)), (self.dataset(1, 2 + 1e-12),)]
        assert len({fingerprint(*each) for each in sets}) == len(sets)
