"""Pictures that a Dask cluster judges: every row, in order, whatever dies meanwhile."""

from __future__ import annotations

import io
import os
import pty
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

import dfwidgets as df
from dfwidgets import cli
from dfwidgets.cli.cluster import open_cluster
from dfwidgets.detector import ModelError, adapt
from dfwidgets.measure import cluster
from dfwidgets.measure.judge import Judge, pack, unpack
from dfwidgets.measure.rows import Row, from_csv
from dfwidgets.pictures.images import to_png
from tests.helpers import ROOT, SHIPPED, Redness

PHOTOS = sorted((ROOT / "images" / "Real").glob("*.jpg"))


class Corner(Redness):
    """Its answer is the number that `numbered` wrote into the corner of a picture."""

    def predict(self, image, face="largest"):
        return df.Prediction(p_fake=int(image[0, 0, 0]) / 255)


def numbered(count: int) -> Iterator[tuple[str, bytes]]:
    """So many small faces with their names, each with its number, modulo 200, in a corner."""
    face = df.open_image(PHOTOS[0])[::8, ::8].copy()
    for number in range(count):
        face[:4, :4] = number % 200
        yield f"{number}.png", to_png(face)


# What needs no cluster


def test_a_detector_that_can_not_leave_its_process_is_told_what_to_do():
    class Locked(Redness):
        def __init__(self):
            self.lock = threading.Lock()

    with pytest.raises(ModelError, match=r"“Locked” can't be sent .*lock.*`load\(\)`"):
        pack(adapt(Locked()))


def test_a_detector_of_a_module_that_is_not_on_the_worker_is_told_which(tmp_path, monkeypatch):
    (tmp_path / "of_my_own.py").write_text("class Mine:\n    def predict(self, *_): pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    from of_my_own import Mine

    packed = pack(adapt(Mine()))
    monkeypatch.undo()
    monkeypatch.delitem(sys.modules, "of_my_own")
    with pytest.raises(ModelError, match="has no module “of_my_own”"):
        unpack(packed)


def test_a_class_that_was_written_in_a_notebook_travels_with_its_detector():
    code = (
        "import dfwidgets as df\n"
        "from dfwidgets.detector import adapt\n"
        "from dfwidgets.measure.judge import pack\n"
        "class Mine:\n"
        "    sure = 0.25\n"
        "    def predict(self, image, face): return df.Prediction(p_fake=self.sure)\n"
        "print(pack(adapt(Mine())).hex())"
    )
    written = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert unpack(bytes.fromhex(written.stdout)).predict(None).p_fake == 0.25


def test_a_worker_with_another_model_judges_nothing(redness):
    judge = Judge(pack(adapt(redness)), "Another 1234abcd", 0)
    with pytest.raises(ModelError, match=r"has another model, Redness; .* Another 1234abcd"):
        judge.rows([])


def test_a_worker_that_sees_no_pictures_says_so_once(redness, tmp_path):
    judge = Judge(pack(adapt(redness)), "Redness", 0)
    with pytest.raises(ModelError, match=r"sees no folder “.*gone”"):
        judge.rows([("a.jpg", tmp_path / "gone" / "a.jpg")])
    (row,), _ = judge.rows([("a.jpg", tmp_path / "a.jpg")])
    assert "can't be read" in row.error


def test_a_detector_that_can_not_be_made_ready_on_a_worker_says_so():
    class Bad(Redness):
        def load(self):
            raise RuntimeError("no memory")

    with pytest.raises(ModelError, match=r"can't make the detector ready.*no memory"):
        Judge(pack(adapt(Bad())), "Bad", 0).rows([])


@pytest.mark.model
def test_the_shipped_detector_sent_and_made_anew_answers_alike(shipped, portrait):
    shipped.load()
    image = df.open_image(portrait)
    there = unpack(pack(adapt(shipped)))
    assert there.detector is not shipped
    assert there.predict(image).p_fake == shipped.predict(image).p_fake
    assert there.folder == SHIPPED


def test_where_every_picture_kills_its_worker_the_run_ends_and_none_of_them_is_written():
    killed = Row("k.jpg", error=cluster.KILLED)
    good = Row("g.jpg", 0.5, "can't tell")

    few = [killed, killed, good, killed]
    assert list(cluster._without_hopeless(few)) == few
    rows = cluster._without_hopeless([good, *[killed] * cluster.HOPELESS, good])
    assert next(rows) == good
    with pytest.raises(ModelError, match="it is the detector that crashes"):
        next(rows)


@pytest.mark.parametrize(
    ("options", "module", "sentence"),
    [
        (["--workers", "2"], "distributed", r"distributed is missing here\. .*\[cluster\]"),
        (["--scheduler", "tcp://10.0.0.5:8786"], "dask", r"dask is missing here\. .*\[cluster\]"),
        (["--parquet", "out.parquet"], "pyarrow", r"pyarrow, which is missing .*\[parquet\]"),
    ],
)
def test_what_is_not_installed_is_said_with_the_command_that_adds_it(
    tmp_path, monkeypatch, capsys, options, module, sentence
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, module, None)
    arguments = ["score", str(PHOTOS[0].parent), "--csv", "out.csv", *options]
    assert cli.main(arguments) == 2
    assert re.search(sentence, capsys.readouterr().err)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nowhere://x"])
def test_an_address_where_no_scheduler_answers_gets_a_sentence(
    tmp_path, monkeypatch, capsys, address
):
    monkeypatch.setattr("dfwidgets.cli.cluster._PATIENCE", "1s")
    arguments = ["score", str(PHOTOS[0].parent), "--csv", str(tmp_path / "out.csv")]
    assert cli.main([*arguments, "--scheduler", address]) == 2
    assert f"No scheduler of Dask answers at “{address}”" in capsys.readouterr().err


@pytest.mark.parametrize("count", ["0", "-1", "two", "1000"])
def test_workers_are_counted_from_1(capsys, count):
    with pytest.raises(SystemExit):
        cli.main(["score", "photos", "--csv", "out.csv", "--workers", count])
    assert "expected a number from 1 to 999" in capsys.readouterr().err


# A cluster of two processes


@pytest.fixture(scope="module")
def client():
    """Two workers, as `--workers 2` starts them."""
    with open_cluster(None, 2) as client:
        yield client


@pytest.mark.model
def test_a_cluster_gives_the_rows_that_one_process_gives_in_their_order(client, shipped, tmp_path):
    for number in range(40):
        data = PHOTOS[number % len(PHOTOS)].read_bytes()
        (tmp_path / f"{number:02}.jpg").write_bytes(data[:4000] if number % 10 == 7 else data)
    alone = list(df.score_files(shipped, tmp_path, thumbnail=32))
    assert list(df.score_files(shipped, tmp_path, thumbnail=32, client=client)) == alone
    assert sum(bool(row.error) for row in alone) == 4
    assert all(row.thumbnail for row in alone if row.verdict)


@pytest.mark.model
def test_the_model_is_made_once_a_worker(client, tmp_path):
    class Noted(Corner):
        def load(self):
            (tmp_path / f"{os.getpid()}-{id(self)}").touch()

    rows = list(df.score_files(Noted(), numbered(400), client=client))
    assert [row.p_fake for row in rows] == [
        pytest.approx(number % 200 / 255) for number in range(400)
    ]
    made = [path.name.partition("-")[0] for path in tmp_path.iterdir()]
    assert len(made) == len(set(made)) == 2


@pytest.mark.model
def test_of_many_pictures_only_a_few_are_on_their_way(client):
    taken = 0

    def counted():
        nonlocal taken
        for picture in numbered(1000):
            taken += 1
            yield picture

    ahead = []
    for number, row in enumerate(df.score_files(Corner(), counted(), client=client)):
        assert row.file == f"{number}.png"
        ahead.append(taken - number)
    assert len(ahead) == 1000
    assert ahead[0] <= 2 * cluster.AHEAD + 1, "one by one, until it is known how long one takes"
    assert max(ahead) <= (2 * cluster.AHEAD + 1) * cluster.MOST


@pytest.mark.model
def test_kill_9_of_a_worker_loses_no_row(client):
    rows = df.score_files(Corner(), numbered(600), client=client)
    first = next(rows)
    os.kill(min(client.run(os.getpid).values()), signal.SIGKILL)
    rest = list(rows)
    assert [row.file for row in [first, *rest]] == [f"{number}.png" for number in range(600)]
    assert not any(row.error for row in rest)
    assert rest[-1].p_fake == pytest.approx(199 / 255)


@pytest.mark.model
def test_a_picture_that_kills_its_worker_gets_a_reason_and_the_rest_their_verdicts(client):
    class Fragile(Corner):
        def predict(self, image, face="largest"):
            if image[0, 0, 0] == 33:
                os._exit(1)
            return super().predict(image, face)

    rows = list(df.score_files(Fragile(), numbered(120), client=client))
    assert [row.file for row in rows] == [f"{number}.png" for number in range(120)]
    assert [row.file for row in rows if row.error] == ["33.png"]
    assert rows[33].error == cluster.KILLED
    assert rows[33].model == rows[0].model


@pytest.mark.model
def test_without_any_worker_it_says_how_to_start_one(monkeypatch, redness):
    from distributed import Client, LocalCluster

    monkeypatch.setattr(cluster, "PATIENCE", 0.5)
    with (
        LocalCluster(n_workers=0, processes=False, dashboard_address="127.0.0.1:0") as empty,
        Client(empty) as client,
        pytest.raises(ConnectionError, match=r"has no worker\. Start one"),
    ):
        next(df.score_files(redness, numbered(3), client=client))


# The command line


@pytest.mark.model
def test_workers_go_on_with_a_table_that_one_process_began(tmp_path, capsys):
    folder = str(PHOTOS[0].parent)
    out = tmp_path / "out.csv"
    assert cli.main(["score", folder, "--csv", str(out)]) == 0
    once = out.read_text()
    lines = once.splitlines(keepends=True)
    out.write_text("".join(lines[:5]) + lines[5][:9])

    arguments = ["score", folder, "--csv", str(out), "--parquet", str(tmp_path / "out.parquet")]
    assert cli.main([*arguments, "--workers", "2"]) == 0
    assert out.read_text() == once
    assert f"4 of {len(lines) - 1} pictures are in" in capsys.readouterr().err

    from pyarrow.parquet import read_table

    table = read_table(tmp_path / "out.parquet")
    assert table.num_rows == len(lines) - 1
    assert table.column("file").to_pylist() == [path.name for path in PHOTOS]
    assert str(table.schema.field("p_fake").type) == "double"


@pytest.fixture
def scheduler():
    """A scheduler and a worker of its own, as people start them on two machines."""
    dask = [sys.executable, "-m", "dask"]
    quiet = {**os.environ, "PYTHONPATH": str(ROOT), "DASK_DISTRIBUTED__WORKER__DAEMON": "False"}
    started = []
    started.append(
        subprocess.Popen(
            [*dask, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"],
            env=quiet,
            stderr=subprocess.PIPE,
            text=True,
        )
    )
    address = next(
        found[0] for line in started[0].stderr if (found := re.findall(r"tcp://[\d.:]+", line))
    )
    started.append(
        subprocess.Popen(
            [*dask, "worker", address, "--nthreads", "2", "--no-dashboard"],
            env=quiet,
            stderr=subprocess.DEVNULL,
        )
    )
    yield address, started[0]
    for process in started:
        process.kill()
        process.wait()
    started[0].stderr.close()


@pytest.mark.model
def test_a_cluster_elsewhere_is_asked_by_its_address_and_may_go(
    scheduler, tmp_path, shipped, monkeypatch
):
    address, process = scheduler
    out = tmp_path / "out.csv"
    arguments = ["score", str(PHOTOS[0].parent), "--csv", str(out), "--scheduler", address]
    assert cli.main(arguments) == 0
    assert [row.file for row in from_csv(out.read_text())] == [path.name for path in PHOTOS]

    import dask
    from distributed import Client

    with dask.config.set({"distributed.comm.timeouts.connect": "1s"}), Client(address) as client:
        rows = df.score_files(shipped, PHOTOS * 20, client=client)
        next(rows)
        process.kill()
        with pytest.raises(ConnectionError, match="scheduler of the cluster doesn't answer"):
            list(rows)


@pytest.mark.model
def test_ctrl_c_stops_all_processes_and_says_so_in_a_few_words(tmp_path):
    for number in range(1000):
        (tmp_path / f"{number:03}.jpg").hardlink_to(PHOTOS[number % len(PHOTOS)])
    mine, terminal = pty.openpty()
    command = [sys.executable, "-m", "dfwidgets.cli", "score", str(tmp_path), "--workers", "2"]
    process = subprocess.Popen(
        [*command, "--csv", str(tmp_path / "out.csv")],
        cwd=ROOT,
        stderr=terminal,
        start_new_session=True,
    )
    os.close(terminal)
    with open(mine, "rb", buffering=0, closefd=True) as screen:
        said = b""
        while b"20 of 1000" not in said:
            said += screen.read(1000)
        # As a terminal does it: to the workers too.
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(timeout=30) == 1
        said = _rest(screen)
    assert re.fullmatch(
        r"(\d+ of 1000, about \d+ s left *)*\^?C?\s*Stopped\. .* go on\.\s+.*", said
    )


def _rest(screen: io.FileIO) -> str:
    """What stands on a terminal that nobody writes to any more."""
    said = b""
    try:
        while some := screen.read(1000):
            said += some
    except OSError:  # Linux says so where the other side is closed
        pass
    return re.sub(r"\s+", " ", said.decode())
