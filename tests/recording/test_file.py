"""The file of a recording: it survives its program, and what is no recording, or no longer whole, is refused."""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

import chainrule as torch
from chainrule.recording import RecordingError, load

SOURCE = Path(__file__).parents[2] / "src"


def record(path, steps=3, **how):
    torch.manual_seed(0)
    model = torch.nn.Linear(2, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with torch.record(path, model=model, **how) as run:
        for _ in range(steps):
            optimizer.zero_grad()
            (model(torch.ones(1, 2)) ** 2).sum().backward()
            optimizer.step()
    return model, run


def test_a_file_says_what_the_run_said(tmp_path):
    model, run = record(tmp_path / "run.rec")
    again = load(tmp_path / "run.rec")
    assert again.losses == run.losses and len(again) == 3
    assert str(again) == str(run)
    assert torch.equal(again.steps[-1].parameters["weight"].after, model.weight)
    assert [p.name for p in tmp_path.iterdir()] == ["run.rec"]
    again.close()
    run.close()


def test_the_bytes_are_the_same_bytes(tmp_path):
    """What two runs of one program leave depends on nothing but the program."""
    for name in "ab":
        record(tmp_path / name)[1].close()
    first, second = (sqlite3.connect(tmp_path / name) for name in "ab")
    rows = "SELECT number, facts, hex(numbers) FROM steps"
    told = [[(n, f.partition('"states"')[0], h) for n, f, h in db.execute(rows)] for db in (first, second)]
    first.close()
    second.close()
    assert told[0] == told[1]


@pytest.mark.parametrize(
    ("error", "ended"), [(KeyboardInterrupt, "KeyboardInterrupt"), (ZeroDivisionError, "ZeroDivisionError")]
)
def test_an_interrupted_run_keeps_its_steps(tmp_path, error, ended):
    w = torch.tensor(1.0, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.1)
    with pytest.raises(error):
        with torch.record(tmp_path / "run.rec") as run:
            for step in range(5):
                (w * w).backward()
                if step == 3:
                    raise error
                optimizer.step()
    run.close()
    found = load(tmp_path / "run.rec")
    assert len(found) == 3 and found.ended == ended
    assert f"3 steps recorded, ended by {ended}" in str(found)
    found.close()


def test_a_full_disk(tmp_path):
    """The step that finds no room is not there, in no part; the earlier ones are."""
    w = torch.ones(100_000, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.1)
    with torch.record(tmp_path / "run.rec", values="full") as run:
        with pytest.raises(OSError, match="cannot write to the recording .*\n  why: database or disk is full"):
            for step in range(3):
                if step == 1:
                    run.store.connection.execute("PRAGMA max_page_count = 200")
                optimizer.zero_grad()
                (w * w).sum().backward()
                optimizer.step()
        run.store.connection.execute("PRAGMA max_page_count = 100000")
    run.close()
    found = load(tmp_path / "run.rec")
    assert len(found) == 1 and found.steps[0].parameters["w"].after.shape == (100_000,)
    found.close()


KILLED = """
import os, signal, sys
import chainrule as torch
w = torch.tensor(1.0, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
with torch.record("run.rec"):
    for step in range(100):
        optimizer.zero_grad()
        (w * w).backward()
        optimizer.step()
        if step == 6:
            os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system cannot kill so")
def test_a_killed_program_leaves_its_last_complete_step(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    done = subprocess.run([sys.executable, "-c", KILLED], cwd=tmp_path, env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    run = load(tmp_path / "run.rec")
    assert len(run) == 7 and run.ended == "cut off"
    assert run.steps[6].parameters["w"].after.item() == pytest.approx(0.8**7)
    run.close()


def test_a_new_recording_takes_the_place_of_an_old_one(tmp_path):
    record(tmp_path / "run.rec", 5)[1].close()
    record(tmp_path / "run.rec", 2)[1].close()
    run = load(tmp_path / "run.rec")
    assert len(run) == 2
    run.close()


def test_an_array_that_does_not_change_is_kept_once(tmp_path):
    w = torch.zeros(10_000, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.1)
    with torch.record(tmp_path / "run.rec", values="full") as run:
        for _ in range(20):
            optimizer.zero_grad()
            (w * 0).sum().backward()
            optimizer.step()
    run.close()
    assert (tmp_path / "run.rec").stat().st_size < 4 * 40_000


def foreign(path):
    path.write_bytes(b"PK\x03\x04 an archive")


def empty(path):
    path.write_bytes(b"")


def other_database(path):
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE t (x)")
    db.commit()
    db.close()


def later_format(path):
    record(path)[1].close()
    change(path, "PRAGMA user_version = 2")


def more_tables(path):
    record(path)[1].close()
    change(path, "CREATE VIEW more AS SELECT * FROM steps")


def cut(path):
    record(path)[1].close()
    path.write_bytes(path.read_bytes()[:-4096])


def header_only(path):
    record(path)[1].close()
    path.write_bytes(path.read_bytes()[:60])


def overwritten(path):
    record(path)[1].close()
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(bytes(content))


def change(path, *statements):
    db = sqlite3.connect(path)
    for statement in statements:
        db.execute(statement)
    db.commit()
    db.close()


@pytest.mark.parametrize(
    ("spoil", "text"),
    [
        (foreign, "is not a recording of chainrule\n  why: it begins with b'PK\\x03\\x04 an "),
        (empty, "is not a recording of chainrule\n  why: it is empty"),
        (other_database, "is not a recording of chainrule\n  why: it is a SQLite database of another program"),
        (later_format, "is a recording of format 2\n  why: this chainrule reads format 1"),
        (more_tables, "is not a recording of chainrule\n  why: its tables are about, arrays, more"),
        (cut, "is damaged\n  why: it is cut short: "),
        (header_only, "is damaged\n  why: only 60 bytes are there"),
        (overwritten, "is damaged"),
    ],
)
def test_what_cannot_be_read(tmp_path, spoil, text):
    spoil(tmp_path / "run.rec")
    with pytest.raises(RecordingError) as raised:
        load(tmp_path / "run.rec")
    assert text in str(raised.value)


@pytest.mark.parametrize(
    ("statement", "text"),
    [
        ("UPDATE steps SET facts = replace(facts, '1', '2') WHERE number = 2", "the checksum of step 2 is another"),
        ("UPDATE arrays SET data = zeroblob(length(data))", "is another than was written"),
        ("UPDATE parameters SET shape = '[9, 9]'", "[9, 9] float32 does not have"),
        ("UPDATE parameters SET dtype = 'wrap'", "weight [1, 2] wrap does not have 8 bytes"),
        ("DELETE FROM parameters", "nothing is said of parameter 0"),
        ("UPDATE texts SET text = 'Mul(w)'", "is missing or another"),
        ("UPDATE about SET value = '{' WHERE name = 'ended'", "'{' is no JSON"),
    ],
)
def test_content_that_was_changed(tmp_path, statement, text):
    record(tmp_path / "run.rec")[1].close()
    change(tmp_path / "run.rec", statement)
    run = load(tmp_path / "run.rec")
    with pytest.raises(RecordingError) as raised:
        run.ended and [(s.loss, s.graph, [p.value for p in s.parameters.values()]) for s in run.steps]
    assert "is damaged" in str(raised.value) and text in str(raised.value)
    run.close()


def test_no_file_and_a_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no file"):
        load(tmp_path / "none.rec")
    with pytest.raises(IsADirectoryError, match="is a folder"):
        load(tmp_path)
    with pytest.raises(RecordingError, match="cannot record into .*\n  why: it is no ordinary file"):
        record(tmp_path)
    with torch.record():  # the one that failed has not begun
        pass


# ---------------------------------------------------------------------- replay


def test_forwards_and_backwards():
    torch.manual_seed(0)
    model = torch.nn.Sequential(
        torch.nn.Linear(3, 40), torch.nn.BatchNorm1d(40), torch.nn.ReLU(), torch.nn.Linear(40, 1)
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    x, y = torch.randn(8, 3), torch.randn(8, 1)
    with torch.record(model=model, values="full") as run:
        for _ in range(4):
            optimizer.zero_grad()
            torch.nn.functional.mse_loss(model(x), y).backward()
            optimizer.step()
    final = {name: t.clone() for name, t in model.state_dict().items()}
    for i in (0, 3, 1, 2, -4):
        run.at(i, model)
        assert torch.nn.functional.mse_loss(model(x), y).item() == run.losses[i]
    run.at(len(run), model)
    assert all(torch.equal(t, final[name]) for name, t in model.state_dict().items())
    assert all(p.grad is None for p in model.parameters())


def test_the_state_without_a_model():
    w = torch.tensor(1.0, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.5)
    with torch.record() as run:
        (w * w).backward()
        optimizer.step()
    assert (run.at(0)["w"].item(), run.at(1)["w"].item()) == (1.0, 0.0)
    with pytest.raises(IndexError, match="there is no state 2\n  why: 1 steps were recorded"):
        run.at(2)
    with pytest.raises(IndexError, match="there is no step 1"):
        run.steps[1]


def test_a_model_that_does_not_fit():
    _, run = record(None)
    with pytest.raises(ValueError, match=r"the recording's weight \[1, 2\] does not fit the model, which has \[1, 3\]"):
        run.at(0, torch.nn.Linear(3, 1))
    with pytest.raises(ValueError, match="which has nothing of that name"):
        run.at(0, torch.nn.Sequential(torch.nn.Linear(2, 1)))


def test_how_it_looks():
    _, run = record(None, steps=50)
    lines = str(run).splitlines()
    assert lines[0] == "50 steps recorded"
    assert lines[2].split() == ["step", "loss", "learning", "rate", "‖∂/∂weight‖", "‖∂/∂bias‖"]
    assert lines[3].split()[0] == "1" and lines[-1].split()[0] == "50"
    assert len(run.table()) <= 21
    page = run._repr_html_()
    assert page.startswith("<table><caption>50 steps recorded</caption>") and page.count("<tr>") == len(run.table())
