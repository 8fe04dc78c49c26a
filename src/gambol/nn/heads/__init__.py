"""Heads: what a network is to learn. Each owns its target and its loss.

To add one: 1. a file with a torch-free config in `config.py` and a `Head` in a file of its own; 2. its config in the
union below; 3. its codec in `codecs/` if no codec reads its maps yet.
"""

from typing import Annotated

from pydantic import Field

from gambol.nn.heads.config import CentroidsConfig, ConfidenceMapsConfig, HardNodesConfig, PartAffinityFieldsConfig

AnyHead = Annotated[ConfidenceMapsConfig | CentroidsConfig | PartAffinityFieldsConfig, Field(discriminator="kind")]

__all__ = ["AnyHead", "CentroidsConfig", "ConfidenceMapsConfig", "HardNodesConfig", "PartAffinityFieldsConfig"]
