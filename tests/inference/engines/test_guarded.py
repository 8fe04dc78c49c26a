"""Engines take turns, and do with the memory there is."""

import threading

import numpy as np
import pytest
import torch

from gambol.errors import DeviceError
from gambol.inference.engines.guarded import Guarded
from gambol.pipelines.timings import Timings

INPUTS = np.arange(7, dtype=np.uint8)[:, None, None, None] * np.ones((1, 10, 10, 1), np.uint8)


class Modest:
    """An engine that has memory for so many images at a time; its map of an image is the image."""

    name, parallel = "modest fp32", 1

    def __init__(self, most: int = 100, tensors: bool = False) -> None:
        self.most, self.tensors, self.calls = most, tensors, []

    def __call__(self, inputs):
        if len(inputs) > self.most:
            raise MemoryError("too much")
        self.calls.append(len(inputs))
        maps = inputs.transpose(0, 3, 1, 2).astype(np.float32)
        return {"nodes": torch.from_numpy(maps) if self.tensors else maps}


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def guard(told):
    def make(engine, images_that_fit=100, turn=None):
        return Guarded(engine, images_that_fit * 100, turn or threading.Semaphore(1), Timings(), told.append)

    return make


class TestHelpings:
    @pytest.mark.parametrize("tensors", [False, True])
    @pytest.mark.parametrize(("fit", "calls"), [(100, [7]), (7, [7]), (3, [3, 3, 1]), (1, [1] * 7), (0.2, [1] * 7)])
    def test_no_call_gets_more_than_fits_and_all_maps_come_in_order(self, guard, fit, calls, tensors):
        engine = Modest(tensors=tensors)
        maps = guard(engine, fit)(INPUTS)["nodes"]
        assert engine.calls == calls
        assert isinstance(maps, torch.Tensor if tensors else np.ndarray)
        assert [int(each[0, 0, 0]) for each in maps] == list(range(7))


class TestTooLittleMemory:
    def test_less_is_tried_until_it_fits_and_never_more_again(self, guard, told):
        engine = Modest(most=2)
        careful = guard(engine)
        for _ in range(2):
            assert [int(each[0, 0, 0]) for each in careful(INPUTS)["nodes"]] == list(range(7))
        assert engine.calls == [1] * 14  # 7 and 3 were too many
        assert len(told) == 2

    def test_the_user_is_told_once_in_three_sentences(self, guard, told):
        careful = guard(Modest(most=3))
        careful(INPUTS)
        careful(INPUTS)
        (words,) = told
        assert words.startswith("Memory ran out with 7 images at a time. No more than 3 ")
        assert words.count(". ") == 2

    def test_not_even_one_is_an_error_in_three_sentences(self, guard):
        with pytest.raises(DeviceError, match="a single image of 10 x 10 pixels") as caught:
            guard(Modest(most=0))(INPUTS)
        assert str(caught.value).count(". ") == 2


class TestTurns:
    def test_no_more_calls_than_turns_are_under_way(self, guard):
        busy, most, count = 0, 0, threading.Lock()
        both = threading.Event()

        class Slow(Modest):
            def __call__(self, inputs):
                nonlocal busy, most
                with count:
                    busy, most = busy + 1, max(most, busy + 1)
                    if busy == 2:
                        both.set()
                both.wait(20)
                with count:
                    busy -= 1
                return super().__call__(inputs)

        careful = guard(Slow(), turn=threading.Semaphore(2))
        threads = [threading.Thread(target=careful, args=(INPUTS,)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert most == 2

    def test_waiting_is_counted_apart_from_the_networks_work(self, guard):
        careful = guard(Modest())
        careful(INPUTS)
        assert set(careful.timings.seconds()) == {"waiting for a turn", "network"}

    def test_a_call_that_fails_gives_its_turn_back(self, guard):
        turn = threading.Semaphore(1)
        with pytest.raises(DeviceError):
            guard(Modest(most=0), turn=turn)(INPUTS)
        assert turn.acquire(timeout=0)
