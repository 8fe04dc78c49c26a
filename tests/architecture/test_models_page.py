"""Whatever can be chosen by name stands on the page that helps to choose."""

from typing import get_args

import pytest

from gambol.config import Config
from gambol.data.augment import AugmentConfig
from gambol.nn.backbones import AnyBackbone
from gambol.nn.heads import AnyHead
from gambol.pipelines.choose import AnyPipeline


@pytest.mark.parametrize("union", [AnyPipeline, AnyBackbone, AnyHead], ids=["pipelines", "backbones", "heads"])
def test_every_member_of_a_union_is_on_the_page(union, root):
    page = (root / "docs" / "models.md").read_text(encoding="utf-8")
    kinds = [member.model_fields["kind"].default for member in members(union)]
    assert kinds
    assert [kind for kind in kinds if f"| `{kind}` |" not in page] == []


def test_every_augmentation_is_on_the_page(root):
    page = (root / "docs" / "models.md").read_text(encoding="utf-8")
    assert [name for name in AugmentConfig.model_fields if f"| `{name}` |" not in page] == []


def members(union) -> list[type[Config]]:
    """The groups of settings that a union chooses from; a union of one is that one."""
    if isinstance(union, type):
        return [union]
    return [member for part in get_args(union) if not isinstance(part, str) for member in members(part)
            if isinstance(member, type) and issubclass(member, Config)]
