"""What a check found."""

import json

from gambol.runs.findings import Finding


def test_a_finding_is_data_for_programs_as_well():
    finding = Finding("warning", "memory", "8 examples do not fit", "Close other programs.", {"free": 1.5e9})
    assert json.loads(json.dumps(finding.as_json())) == {
        "level": "warning", "name": "memory", "text": "8 examples do not fit", "remedy": "Close other programs.",
        "data": {"free": 1.5e9}}
