"""A place to fetch files from."""

import pytest

from tests.vision.files import serving


@pytest.fixture(autouse=True)
def without_a_proxy(monkeypatch):
    """This computer's own addresses are not asked of others."""
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def server(tmp_path_factory):
    """(address, folder): files in the folder are served there."""
    folder = tmp_path_factory.mktemp("served")
    with serving(folder) as address:
        yield address, folder
