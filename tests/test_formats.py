"""The table of formats: a file's name says who reads and writes it."""

import subprocess
import sys
from pathlib import Path

import pytest

from gambol import formats
from gambol.errors import LabelsError
from gambol.labels.columns import empty_columns
from gambol.labels.skeleton import Skeleton


class TestFormats:
    @pytest.mark.parametrize("name", ["x.slp", "x.pkg.slp", "X.SLP"])
    def test_a_project_is_read_as_it_was_saved(self, tmp_path, name):
        formats.save(empty_columns(Skeleton(("nose", "tail")), []), tmp_path / name)
        assert formats.load(tmp_path / name).skeleton.nodes == ("nose", "tail")

    @pytest.mark.parametrize("name", ["x.mp4", "slp", "x.slp.bak"])
    def test_a_name_of_no_known_format_is_refused_with_those_that_are(self, name):
        with pytest.raises(LabelsError, match=r"ends in \.slp"):
            formats.load(Path(name))

    def test_the_table_itself_loads_no_reader(self):
        heavy = "import sys, gambol.formats; sys.exit(bool({'h5py', 'cv2', 'av', 'sleap_io'} & set(sys.modules)))"
        assert subprocess.run([sys.executable, "-c", heavy], check=False).returncode == 0
