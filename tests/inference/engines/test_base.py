"""What every engine promises."""

import pytest

from gambol.inference.engines.base import ran_out_of_memory


@pytest.mark.parametrize(("error", "expected"), [
    (MemoryError(), True),
    (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes."), True),
    (RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"), True),
    (RuntimeError("MPS backend out of memory"), True),
    (RuntimeError("Exception from core.cpp:117: std::bad_alloc"), True),
    (RuntimeError("Given groups=1, weight of size [8, 1, 3, 3], expected input to have 1 channels"), False),
])
def test_it_is_known_by_the_words_of_each_library(error, expected):
    assert ran_out_of_memory(error) == expected
