"""Which device computes."""

import pytest
import torch

from gambol.errors import DeviceError
from gambol.nn.device import choose_device, gains_from_bf16


class TestChooseDevice:
    def test_auto_takes_what_is_there(self):
        assert choose_device("auto").type in ("cuda", "mps", "cpu")
        if not torch.cuda.is_available() and not torch.backends.mps.is_available():
            assert choose_device("auto") == torch.device("cpu")

    def test_a_device_asked_for_is_the_device(self):
        assert choose_device("cpu") == torch.device("cpu")

    @pytest.mark.parametrize("name", ["cuda:99", "toaster", ""])
    def test_one_that_is_not_there_is_refused_in_three_sentences(self, name):
        with pytest.raises(DeviceError, match=r"does not work here .*Nothing was computed.*--device cpu"):
            choose_device(name)


class TestGainsFromBf16:
    def test_a_cpu_without_the_instructions_does_not(self, monkeypatch):
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_f": True}, raising=False)
        assert not gains_from_bf16(torch.device("cpu"))
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"amx_bf16": True}, raising=False)
        assert gains_from_bf16(torch.device("cpu"))

    def test_where_torch_cannot_tell_it_counts_as_no(self, monkeypatch):
        monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
        assert not gains_from_bf16(torch.device("cpu"))

    def test_mps_computes_in_float32(self):
        assert not gains_from_bf16(torch.device("mps"))
