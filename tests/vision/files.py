"""Files of datasets as their makers publish them, but small; and a server to fetch them from."""

import hashlib
import pickle
import struct
import threading
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

from chainrule.vision import datasets


def md5(content):
    return hashlib.md5(content).hexdigest()


@contextmanager
def serving(folder):
    """The address at which the files of a folder are served."""

    class Quiet(SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=str(folder))

        def log_message(self, *args):
            pass

        def do_GET(self):
            if self.path.endswith("/cut.gz"):  # says more than it sends
                self.send_response(200)
                self.send_header("Content-Length", "1000")
                self.end_headers()
                self.wfile.write(b"x" * 10)
            else:
                super().do_GET()

    with ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{running.server_port}/"
        finally:
            running.shutdown()
            thread.join()


def idx(array):
    """An array of bytes as an IDX file."""
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def digits(count, seed):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (count, 28, 28), dtype=np.uint8), rng.integers(0, 10, count, dtype=np.uint8)


FILES = {
    "train-images-idx3-ubyte": idx(digits(5, 0)[0]),
    "train-labels-idx1-ubyte": idx(digits(5, 0)[1]),
    "t10k-images-idx3-ubyte": idx(digits(3, 1)[0]),
    "t10k-labels-idx1-ubyte": idx(digits(3, 1)[1]),
}


def photographs(count, seed):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (count, 3072), dtype=np.uint8), rng.integers(0, 10, count).tolist()


def python2_pickle(entry):
    """As Python 2 wrote CIFAR's files: strings of bytes, protocol 2, arrays by numpy.core.multiarray._reconstruct."""
    out = [b"\x80\x02}("]
    text = lambda t: b"U" + bytes([len(t)]) + t  # noqa: E731
    for key, value in entry.items():
        out.append(text(key))
        if isinstance(value, np.ndarray):
            rows, columns = value.shape
            out.append(
                b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\x00t" + text(b"b") + b"tR(K\x01(K"
                + bytes([rows]) + b"M" + struct.pack("<H", columns) + b"tcnumpy\ndtype\n(" + text(b"u1")
                + b"K\x00K\x01tR(K\x03" + text(b"|") + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89T"
                + struct.pack("<I", value.size) + value.tobytes() + b"tb"
            )  # fmt: skip
        elif isinstance(value, list):
            out.append(b"](" + b"".join(text(v) if isinstance(v, bytes) else b"K" + bytes([v]) for v in value) + b"e")
        else:
            out.append(text(value))
    return b"".join([*out, b"u."])


def cifar_files(how):
    """The files of a small CIFAR-10, pickled by Python 2 or by this Python."""
    write = python2_pickle if how == "python 2" else lambda entry: pickle.dumps(entry, protocol=how)
    files = {}
    for i, name in enumerate(["data_batch_1", "data_batch_2", "test_batch"]):
        data, labels = photographs(4, i)
        files[name] = write(
            {b"batch_label": b"a batch", b"labels": labels, b"data": data, b"filenames": [b"a.png"] * 4}
        )
    return files | {"batches.meta": write({b"label_names": [b"airplane", b"automobile"]})}


def small_cifar(files, url=""):
    listed = {name: md5(content) for name, content in files.items()}

    class Small(datasets.CIFAR10):
        train_list = [[n, listed[n]] for n in ("data_batch_1", "data_batch_2")]
        test_list = [["test_batch", listed["test_batch"]]]
        meta = {"filename": "batches.meta", "key": "label_names", "md5": listed["batches.meta"]}

    Small.url = url
    return Small


def put(root, files):
    folder = root / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder
