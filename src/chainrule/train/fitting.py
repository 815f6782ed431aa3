"""``fit``: from a table to a trained model, with everything in between decided, said and stored."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from chainrule.base.errors import message
from chainrule.train.errors import RunFolderError
from chainrule.train.folder import SCHEMA, SETTINGS, RunFolder
from chainrule.train.models import OPTIMIZERS
from chainrule.train.run import Run
from chainrule.train.session import Listener, OptimizerChoice, Session
from chainrule.train.settings import Settings


def fit(
    model: Any = "linear",
    data: Any = None,
    target: str | None = None,
    *,
    task: str | None = None,
    optimizer: OptimizerChoice = "adam",
    lr: float | None = None,
    epochs: int = 100,
    batch_size: int = 32,
    seed: int = 0,
    test_size: float = 0.2,
    scale: bool = True,
    drop: Sequence[str] = (),
    category: Sequence[str] = (),
    out: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    on_epoch: Listener | None = None,
) -> Run:
    """Train a model on a table or on arrays, and measure it on rows held out.

    From 5000 steps on, an epoch is one call of machine code, if the model and the optimizer are this library's own.

    Args:
        model: ``"linear"``, ``"mlp:64,64"`` (two hidden layers), or a module that takes (N, features) and gives (N, 1)
            numbers, (N, 1) logits for two classes, or (N, classes) logits; a module is trained in place.
        data: a path (CSV, TSV, Parquet, JSON lines), a polars or pandas frame, a dict of columns, or a pair (X, y) of
            arrays; the bundled penguins if None.
        target: the column to predict.
        task: ``"regression"`` or ``"classification"``; by the target's values if None.
        optimizer: sgd, momentum, adam, adamw, rmsprop, adagrad, or a function from parameters to an optimizer.
        lr: the learning rate; one that suits the optimizer if None.
        epochs: passes over the training rows.
        batch_size: rows per update.
        seed: of the split, the first weights and the order of the rows.
        test_size: the share of rows held out; 0 holds out none.
        scale: learn from (x − mean) / std, and from the target so scaled.
        drop: columns to leave out.
        category: columns to read as categories though they are numbers.
        out: a folder to write the run to, while it trains and at its end.
        overwrite: replace a run that is in that folder.
        on_epoch: called with each :class:`Epoch`.

    Raises:
        DataError: the data cannot be learned from.
        SettingError: an option has a value that means nothing.
        Diverged: the loss grew without bound; the error's ``run`` is the last finite state.
        RunFolderError: ``out`` cannot be written.

    >>> run = fit("linear", {"x": [1, 2, 3, 4, 5, 6], "y": [2, 4, 6, 8, 10, 12]}, "y", optimizer="sgd", lr=0.1)
    >>> run.predict({"x": [10]}).round(2).tolist()
    [20.0]
    """
    session = Session(
        model, data, target, task=task, optimizer=optimizer, lr=lr, epochs=epochs, batch_size=batch_size, seed=seed,
        test_size=test_size, scale=scale, drop=drop, category=category, out=out, overwrite=overwrite,
    )  # fmt: skip
    return session.train(on_epoch)


def resumed(folder: str | os.PathLike[str], epochs: int | None = None) -> Session:
    """The session that a run folder describes, after its last complete epoch.

    The epochs that follow are those that an uninterrupted run would have had, bit for bit.

    Args:
        folder: of a run that was interrupted, diverged or is to be trained longer.
        epochs: how many in all; as many as were asked for at first if None.

    Raises:
        RunFolderError: the folder is no run, or its data or model is not to be had any more.
    """
    place = RunFolder(folder)
    stored = place.read_json(SETTINGS)
    options, path = Settings.from_json(stored["settings"]), stored["data"]["path"]
    if options.model is None or options.optimizer not in OPTIMIZERS or path is None:
        raise RunFolderError(
            message(
                f"{place.path} cannot go on by itself",
                "its data, module or optimizer came from a Python program, and is not in the folder",
                "fit(…) in that program",
            )
        )
    taken = {**options.to_json(), "epochs": epochs or options.epochs}
    del taken["module"]
    name = place.read_json(SCHEMA)["target"]["name"]
    session = Session(taken.pop("model"), path, name, out=None, overwrite=False, **taken)
    session.resume(place)
    return session
