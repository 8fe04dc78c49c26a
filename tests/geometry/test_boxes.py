import numpy as np

from gambol.geometry.boxes import areas, bounding_boxes, extents, iou

NAN = np.nan


class TestBoundingBoxes:
    def test_hold_the_visible_points_only(self):
        points = np.array([[[1, 5], [4, 2], [NAN, NAN]]], float)
        assert bounding_boxes(points).tolist() == [[1, 2, 4, 5]]

    def test_a_half_missing_point_is_missing(self):
        points = np.array([[[1, 5], [100, NAN]]], float)
        assert bounding_boxes(points).tolist() == [[1, 5, 1, 5]]

    def test_nothing_visible_has_no_box_and_no_area(self):
        box = bounding_boxes(np.full((1, 3, 2), NAN))
        assert np.isnan(box).all() and np.isnan(areas(box)).all()

    def test_no_animals_have_no_boxes(self):
        assert bounding_boxes(np.empty((0, 3, 2))).shape == (0, 4)

    def test_further_leading_axes_are_kept(self):
        assert bounding_boxes(np.zeros((4, 2, 3, 2))).shape == (4, 2, 4)


class TestExtentsAndAreas:
    def test_of_a_box_three_wide_and_two_high(self):
        box = np.array([[1.0, 1.0, 4.0, 3.0]])
        assert extents(box).tolist() == [[3, 2]]
        assert areas(box).tolist() == [6]


class TestIou:
    def test_half_overlap_is_a_third(self):
        # 2x2 boxes one pixel apart: shared 1 * 2 = 2, together 4 + 4 - 2 = 6
        assert np.allclose(iou(np.array([[0.0, 0, 2, 2]]), np.array([[1.0, 0, 3, 2]])), [[1 / 3]])

    def test_apart_missing_or_empty_is_zero(self):
        box = np.array([[0.0, 0, 2, 2]])
        others = np.array([[5.0, 5, 6, 6], [NAN] * 4])
        assert iou(box, others).tolist() == [[0, 0]]
        empty = np.zeros((1, 4))
        assert iou(empty, empty).tolist() == [[0]]
