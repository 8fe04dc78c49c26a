"""Two maps for each edge that say which peaks belong together."""

import pytest
import torch

from gambol.nn.heads import PartAffinityFieldsConfig

SIZE = (12, 16)  # cells
NOWHERE = (torch.nan, torch.nan)


@pytest.fixture
def head():
    return PartAffinityFieldsConfig(edges=((0, 1), (1, 2)), sigma=4.0, stride=4, peak_weight=3).build(channels=5)


@pytest.fixture
def mouse() -> torch.Tensor:
    """One mouse, all nodes seen: (batch, animal, node, 2)."""
    return torch.tensor([[[(8.0, 8.0), (24.0, 8.0), (24.0, 40.0)]]])


class TestPartAffinityFields:
    def test_there_are_two_maps_for_each_edge(self, head):
        assert head(torch.zeros(1, 5, *SIZE)).shape == (1, 4, *SIZE)

    def test_the_ideal_fields_have_no_loss_and_others_have(self, head, mouse):
        target = head.target(mouse, SIZE)
        assert head.loss(target, mouse).item() == 0
        assert head.loss(-target, mouse) > head.loss(0 * target, mouse) > 0

    def test_an_edge_of_which_nobody_labelled_both_ends_teaches_nothing(self, head, mouse):
        mouse[0, 0, 2] = torch.tensor(NOWHERE)
        maps = torch.zeros(1, 4, *SIZE, requires_grad=True)
        head.loss(maps, mouse).backward()
        assert maps.grad[0, :2].any() and not maps.grad[0, 2:].any()

    def test_an_edge_that_one_animal_shows_is_taught_although_another_hides_it(self, head, mouse):
        hidden = torch.tensor([[[(40.0, 40.0), NOWHERE, NOWHERE]]])
        both = torch.cat([mouse, hidden], 1)
        assert head.loss(torch.zeros(1, 4, *SIZE), both) == head.loss(torch.zeros(1, 4, *SIZE), mouse) > 0

    @pytest.mark.parametrize("nobody", [torch.full((1, 2, 3, 2), torch.nan), torch.zeros(1, 0, 3, 2)])
    def test_a_frame_without_animals_has_a_loss_of_nothing(self, head, nobody):
        assert head.loss(torch.ones(1, 4, *SIZE), nobody).item() == 0

    def test_the_line_counts_more_than_empty_ground(self, head, mouse):
        heavier = PartAffinityFieldsConfig(edges=((0, 1), (1, 2)), sigma=4.0, stride=4, peak_weight=30).build(5)
        maps = torch.zeros(1, 4, *SIZE)
        assert heavier.loss(maps, mouse) > 5 * head.loss(maps, mouse)

    def test_its_weight_is_how_much_it_counts_beside_other_heads(self, mouse):
        maps = torch.zeros(1, 4, *SIZE)
        half, whole = (PartAffinityFieldsConfig(edges=((0, 1), (1, 2)), weight=weight).build(5) for weight in (0.5, 1))
        assert half.loss(maps, mouse).item() == pytest.approx(0.5 * whole.loss(maps, mouse).item())
