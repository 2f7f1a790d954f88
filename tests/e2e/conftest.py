"""Fixtures of the end-to-end tests. The rig (tests/rig) does the work; here is only who owns what, and for how long."""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import rig  # noqa: E402  (the path must be set first)

# Every answer that a rig.Client gets is held against the description of the API.
os.environ.setdefault("HANDBOX_OPENAPI", str(Path(__file__).resolve().parents[2] / "conf/openapi.json"))


def pytest_configure(config):
    config.addinivalue_line("markers", "fault_points: wants a daemon built with --enable-faults")


@pytest.fixture(scope="session", autouse=True)
def no_process_left():
    """Whatever a test started and forgot ends with the session."""
    yield
    rig.stop_all()


@pytest.fixture(scope="module")
def module_folder(tmp_path_factory, request):
    return tmp_path_factory.mktemp(request.module.__name__.rpartition(".")[2])


@pytest.fixture
def stopping():
    """stopping(thing) returns thing and stops it when the test is over, last one first."""
    things = []

    def remember(thing):
        things.append(thing)
        return thing
    yield remember
    for thing in reversed(things):
        thing.stop()


@pytest.fixture(scope="module")
def smsc(module_folder):
    """One message centre for the tests of a file."""
    centre = rig.Smsc(module_folder / "smsc").start()
    yield centre
    centre.stop()


@pytest.fixture(scope="module")
def sink():
    """Takes what Kannel calls."""
    with rig.Sink() as server:
        yield server


@pytest.fixture(autouse=True)
def decent(request):
    """Misbehaviour asked of the shared message centre ends with the test."""
    yield
    if "smsc" in request.fixturenames:
        centre = request.getfixturevalue("smsc")
        if centre.proc.alive():
            centre.ask("PUT", "/behaviour", {name: None for name in centre.ask("GET", "/behaviour")})
            centre.behave(**centre.behaviour)


# ---- a daemon with a scripted gateway and three people, for the tests of a file


@pytest.fixture(scope="module")
def sendsms():
    with rig.FakeSendsms() as server:
        yield server


@pytest.fixture(scope="module")
def desk(module_folder, sendsms):
    daemon = rig.Handbox(module_folder / "handbox", sendsms_url=sendsms.url, conf={"lease": "2s"}).start()
    people = rig.Desk(daemon)
    yield people
    people.close()
    daemon.stop()


@pytest.fixture(scope="module")
def ana(desk):
    return desk.person("ana")


@pytest.fixture(scope="module")
def ben(desk):
    return desk.person("ben")


@pytest.fixture(scope="module")
def lea(desk):
    return desk.person("lea", "lead", "read,contacts,workflows,enroll,tasks,send,admin")
