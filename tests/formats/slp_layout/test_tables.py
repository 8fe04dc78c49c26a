"""The tables of a project, as different programs write them."""

import json

import h5py
import numpy as np

from gambol.formats.slp import read, write
from gambol.formats.slp_layout.tables import TABLES


class TestReadTable:
    def test_tables_of_plain_numbers_with_column_names_are_understood(self, crickets, tmp_path, same_labels):
        """As h5wasm writes them, which cannot make records: everything float64, names in an attribute."""
        path = tmp_path / "x.slp"
        write(crickets, path)
        with h5py.File(path, "a") as file:
            for name in set(TABLES) & set(file):
                records = file[name][()]
                del file[name]
                columns = [records[column].astype(float) for column in records.dtype.names]
                file[name] = np.stack(columns, 1)
                file[name].attrs["field_names"] = json.dumps(records.dtype.names)
        same_labels(read(path), crickets)


class TestRows:
    def test_points_may_lie_in_any_order(self, crickets, tmp_path, same_labels):
        path = tmp_path / "x.slp"
        write(crickets, path)
        with h5py.File(path, "a") as file:
            points, instances = file["pred_points"][()], file["instances"][()]
            file["pred_points"][...] = np.roll(points, 3)
            predicted = instances["instance_type"] == 1
            for side in ("start", "end"):
                instances[f"point_id_{side}"][predicted] = (instances[f"point_id_{side}"][predicted] + 3)
            last = instances["point_id_end"] > len(points)
            instances["point_id_start"][last], instances["point_id_end"][last] = 0, 3
            file["instances"][...] = instances
        same_labels(read(path), crickets)

    def test_links_follow_ids_that_are_not_row_numbers(self, crickets, tmp_path, same_labels):
        path = tmp_path / "x.slp"
        write(crickets, path)
        with h5py.File(path, "a") as file:
            instances = file["instances"][()]
            instances["instance_id"] = 100 - instances["instance_id"]
            linked = instances["from_predicted"] >= 0
            instances["from_predicted"][linked] = 100 - instances["from_predicted"][linked]
            file["instances"][...] = instances
        same_labels(read(path), crickets)
