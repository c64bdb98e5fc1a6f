# SPDX-License-Identifier: MIT
"""What cvenv finds out about environments of all makers, beside what their own Python says."""

import json

import pytest

import makers

SAYS = """
import json, os, sys
from importlib import metadata
print(json.dumps({
    "version": "%d.%d.%d" % sys.version_info[:3],
    "implementation": sys.implementation.name,
    "packages": sorted([d.metadata["Name"], d.version] for d in metadata.distributions(path=[sys.argv[1]])),
}))
"""


@pytest.mark.parametrize("maker", makers.MAKERS)
def test_made(made, few_py, maker):
    env = made(maker, few_py)
    said = json.loads(env.runs(SAYS, env.site).ok().out)
    assert said["packages"] == [["demo", "1.0"]]
    assert env.run("demo").ok().out == "demo 1.0 in %s\n" % env.root
