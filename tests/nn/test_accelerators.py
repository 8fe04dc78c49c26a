"""Which devices there are, and which are not used."""

import pytest
import torch

from gambol.nn import accelerators
from gambol.nn.accelerators import devices, fault_of, unused_card


@pytest.fixture
def card(monkeypatch, tmp_path):
    """A machine with an NVIDIA card; PyTorch as built for this version of CUDA, and whether it can use it."""

    def make(cuda: str | None, works: bool) -> None:
        driver = tmp_path / "version"
        driver.touch()
        monkeypatch.setattr(accelerators, "NVIDIA", driver)
        monkeypatch.setattr(torch.version, "cuda", cuda)
        monkeypatch.setattr(torch.cuda, "is_available", lambda: works)
        monkeypatch.setattr(torch.cuda, "get_device_name", lambda number: "A card")

    return make


class TestDevices:
    def test_the_processor_is_always_there_and_works(self):
        assert list(devices())[-1] == "cpu"
        assert fault_of("cpu") is None and fault_of("cpu", bf16=True) is None

    def test_one_that_is_not_there_says_so(self):
        assert fault_of("cuda:7")

    def test_one_that_computes_wrongly_is_found_out(self, monkeypatch):
        monkeypatch.setattr(torch.nn.functional, "conv2d", lambda image, weight: image * 2)
        assert "wrong result" in fault_of("cpu")


class TestUnusedCard:
    def test_where_there_is_none_nothing_is_said(self, monkeypatch, tmp_path):
        monkeypatch.setattr(accelerators, "NVIDIA", tmp_path / "nothing")
        monkeypatch.setattr("gambol.nn.accelerators.shutil.which", lambda name: None)
        monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
        assert unused_card("cpu") is None

    def test_a_build_without_cuda_is_named(self, card):
        card(cuda=None, works=False)
        assert "installed without CUDA" in unused_card("cpu")

    def test_a_driver_that_does_not_fit_is_named(self, card):
        card(cuda="12.6", works=False)
        assert "driver does not work with CUDA 12.6" in unused_card("cpu")

    def test_one_that_nobody_asked_for_is_named(self, card):
        card(cuda="12.6", works=True)
        assert unused_card("cpu") == "A card is there, but cpu was asked for"
        assert unused_card("cuda") is None
