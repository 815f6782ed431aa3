"""A run that is ready to start: data encoded, model built and checked, nothing written yet; and its training."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import chainrule as cr
from chainrule import nn
from chainrule.base.errors import message
from chainrule.train.columns import counted
from chainrule.train.errors import Diverged, RunFolderError, SettingError, listed, option
from chainrule.train.folder import CURVE, SCHEMA, SETTINGS, RunFolder, check_free
from chainrule.train.loop import Epoch, NotFinite, Rows, Trainer, outputs
from chainrule.train.metrics import baseline, evaluate
from chainrule.train.models import build_model, build_optimizer, default_rate
from chainrule.train.prepare import Prepared, prepare
from chainrule.train.run import Run
from chainrule.train.settings import Settings
from chainrule.train.stability import largest_stable_rate
from chainrule.train.state import State
from chainrule.train.target import SEVERAL_CLASSES, TWO_CLASSES, Target

Listener = Callable[[Epoch], None]
OptimizerChoice = str | Callable[[list[Any]], Any]  # a short name, or a function from parameters to an optimizer
SAVE_EVERY = 1.0  # seconds between two writes of the run folder
EXAMPLES = 5


class Session:
    """The two halves of ``fit``, for whoever wants to look in between: making one reads and checks, ``train`` trains.

    Takes the arguments of :func:`chainrule.train.fit`, and ``dtype``, that of the computation for arrays.
    """

    def __init__(
        self,
        model: Any,
        data: Any,
        target: str | None,
        *,
        optimizer: OptimizerChoice,
        lr: float | None,
        drop: Sequence[str],
        category: Sequence[str],
        out: str | os.PathLike[str] | None,
        overwrite: bool,
        dtype: str = "float32",
        **settings: Any,
    ) -> None:
        named = isinstance(model, str)
        self.settings = Settings(
            model=model if named else None,
            module=None if named else repr(model),
            optimizer=optimizer if isinstance(optimizer, str) else getattr(optimizer, "__name__", repr(optimizer)),
            lr=_rate(model, optimizer, lr),
            drop=tuple(drop),
            category=tuple(category),
            **settings,
        )
        self.out, self.overwrite = None if out is None else Path(out), overwrite
        if self.out is not None:
            check_free(self.out, overwrite)
        self.prepared = prepare(data, target, self.settings.plan, dtype)
        with own_random_numbers():
            cr.manual_seed(self.settings.seed)
            module = _module(model, self.prepared, dtype)
        self.prepared = _fitting(module, self.prepared)
        self.trainer = _trainer(module, optimizer, self.settings, self.prepared)
        self.folder: RunFolder | None = None
        self.run = self._run()
        self.last = self.start = State.take(0, self.trainer.model, self.trainer.optimizer)
        self.before = self.prepared.target.predictions(
            outputs(self.trainer.model, self.prepared.measured.x[self._examples()])
        )

    def resume(self, folder: RunFolder) -> None:
        """Go on from the last complete state in ``folder``, which is written to from then on.

        Raises:
            RunFolderError: the data is no longer what the run was trained on, or no epoch is left.
        """
        if folder.read_json(SCHEMA) != self.run.schema_json():
            raise RunFolderError(
                message(
                    f"{folder.path} cannot go on: {self.prepared.path} has changed since",
                    "its columns, their statistics or its classes differ from schema.json",
                    "a new run",
                )
            )
        self.folder, self.run.folder = folder, folder.path
        self.start = folder.read_state()
        if self.start.epoch >= self.settings.epochs:
            raise RunFolderError(
                message(
                    f"{folder.path} has done {self.start.epoch} epochs, and was to do {self.settings.epochs}",
                    "no epoch is left",
                    option("epochs", 2 * self.start.epoch),
                )
            )
        self.start.put(self.trainer.model, self.trainer.optimizer)
        self.run.history = folder.read_history(self.start.epoch)

    def train(self, on_epoch: Listener | None = None) -> Run:
        """Train to the end; on Ctrl-C the run keeps the last complete epoch, and KeyboardInterrupt goes on."""
        if self.out is not None and self.folder is None:
            self.folder = RunFolder.create(
                self.out, self.run.schema_json(), self.run.settings_json(), self.start, self.overwrite
            )
            self.run.folder = self.out
        self.last = self.start
        self.began = self.trainer.mean_loss(self.trainer.training)
        try:
            with own_random_numbers():
                self._epochs(on_epoch)
        except KeyboardInterrupt:
            self._close("interrupted")
            raise
        except NotFinite as blown:
            self._close("diverged")
            raise self._diverged(blown) from None
        self._close("finished")
        self._warn()
        return self.run

    def _warn(self) -> None:
        """Training may end before a rate that is slightly too large has blown anything up."""
        unit, last = self.prepared.target.std**2, self.run.history[-1].loss
        if last > 1.1 * self.began * unit:  # less may be the noise of small batches
            with own_random_numbers():
                stable = largest_stable_rate(self.trainer, self.start)
                self.last.put(self.trainer.model, self.trainer.optimizer)
            bound = f": the largest stable rate is about {stable.rate:.4g} ({stable.reason})" if stable else ""
            self.run.notes += (f"the loss ended higher, {last:.4g}, than it began, {self.began * unit:.4g}{bound}",)

    def _epochs(self, on_epoch: Listener | None) -> None:
        saved = time.monotonic()
        for epoch in self.trainer.epochs(self.start.epoch + 1, self.settings.epochs):
            self.run.history.append(epoch)
            self.last = State.take(epoch.number, self.trainer.model, self.trainer.optimizer)
            if self.folder is not None and time.monotonic() - saved > SAVE_EVERY:
                self.run.metrics = self.trainer.metrics(self.prepared.measured)
                self._save(self.folder)
                saved = time.monotonic()
            if on_epoch is not None:
                on_epoch(epoch)

    def _close(self, status: str) -> None:
        """Return to the last complete state, measure it, and write everything down."""
        self.last.put(self.trainer.model, self.trainer.optimizer)
        run, target = self.run, self.prepared.target
        run.status = status
        run.history = [epoch for epoch in run.history if epoch.number <= self.last.epoch]
        run.metrics = self.trainer.metrics(self.prepared.measured)
        chosen = self._examples()
        after = target.predictions(outputs(run.model, self.prepared.measured.x[chosen]))
        columns = (self.prepared.answers[chosen], self.before, after)
        run.examples = list(zip(*(column.tolist() for column in columns), strict=True))
        if self.folder is not None:
            from chainrule.train.plot import png

            self._save(self.folder)
            self.folder.write(CURVE, png(run.plot()))

    def _save(self, folder: RunFolder) -> None:
        folder.save(self.last, self.run.history)
        folder.write_json(SETTINGS, self.run.settings_json())

    def _diverged(self, blown: NotFinite) -> Diverged:
        """The error with the largest stable rate in it, measured where the training began."""
        unit = self.prepared.target.std**2
        began = self.began * unit
        with own_random_numbers():
            stable = largest_stable_rate(self.trainer, self.start)
        self.last.put(self.trainer.model, self.trainer.optimizer)
        epoch, where = self.last.epoch, f" in {self.folder.path}" if self.folder else ""
        what = (
            f"training diverged in epoch {blown.epoch}: the loss went from {began:.4g} to {blown.loss * unit:.4g} "
            f"with {self.settings.optimizer} and learning rate {self.trainer.optimizer.param_groups[0]['lr']:g}"
        )
        kept = f"the state {f'after epoch {epoch}' if epoch else 'before the first epoch'} is kept{where}"
        scaling = [] if self.settings.scale else ["scale=True (without --no-scale)"]
        if stable is None:
            why, advice = f"no smaller rate that was tried lowers the loss; {kept}", scaling
        else:
            why = f"the largest stable rate is about {stable.rate:.4g} ({stable.reason}); {kept}"
            advice = [option("lr", float(f"{stable.rate / 2:.1g}")), *scaling]
        error = Diverged(message(what, why, ", or ".join(advice)))
        error.run = self.run
        return error

    def _examples(self) -> np.ndarray:
        """A few of the measured rows, from the whole table and not from its head."""
        return np.unique(np.linspace(0, len(self.prepared.measured) - 1, EXAMPLES).astype(int))

    def _run(self) -> Run:
        prepared, target = self.prepared, self.prepared.target
        rows = prepared.measured
        return Run(
            self.trainer.model, prepared.features, target, self.settings, [],
            evaluate(target, outputs(self.trainer.model, rows.x), rows.y),
            baseline(target, prepared.training.y, rows.y), "running",
            {"training": len(prepared.training), "held_out": len(prepared.held_out)}, prepared.source, prepared.path,
            notes=prepared.notes,
        )  # fmt: skip


@contextlib.contextmanager
def own_random_numbers() -> Iterator[None]:
    """Training seeds the global generator; afterwards it goes on where the caller's program had left it."""
    before = cr.get_rng_state()
    try:
        yield
    finally:
        cr.set_rng_state(before)


def _rate(model: Any, optimizer: OptimizerChoice, lr: float | None) -> float | None:
    """The learning rate of a named optimizer; None where the optimizer is made by a function, which knows it."""
    if isinstance(optimizer, str):
        return default_rate(optimizer, model if isinstance(model, str) else None) if lr is None else lr
    if lr is not None:
        raise SettingError(
            message(
                f"lr={lr} beside an optimizer of your own",
                "the function that makes it sets its learning rate",
                "optimizer=lambda parameters: chainrule.optim.SGD(parameters, lr=0.1)",
            )
        )
    return None


def _module(model: Any, prepared: Prepared, dtype: str) -> Any:
    if isinstance(model, str):
        model = build_model(model, prepared.training.x.shape[1:], prepared.target.outputs)
    return model.double() if dtype == "float64" else model


def _trainer(module: Any, optimizer: Any, settings: Settings, prepared: Prepared) -> Trainer:
    parameters = [parameter for parameter in module.parameters() if parameter.requires_grad]
    made = build_optimizer(optimizer, parameters, settings.lr) if isinstance(optimizer, str) else optimizer(parameters)
    target, rows = prepared.target, (prepared.training, prepared.held_out)
    return Trainer(module, _loss(target), made, target, *rows, settings.batch_size, settings.seed)


def _loss(target: Target) -> Any:
    if target.is_regression:
        return nn.MSELoss()
    return nn.BCEWithLogitsLoss() if target.task == TWO_CLASSES else nn.CrossEntropyLoss()


def _fitting(module: Any, prepared: Prepared) -> Prepared:
    """The data as the module's outputs ask for it: two logits for two classes are a choice among several.

    Raises:
        SettingError: the module does not take the features, or does not give what the target needs.
    """
    target, x = prepared.target, prepared.training.x[:1]
    names = prepared.features.features
    try:
        found = outputs(module, x).shape
    except (RuntimeError, ValueError, TypeError) as error:
        raise SettingError(
            message(
                f"the model cannot take rows of shape {x.shape[1:]}: {str(error).partition(chr(10))[0]}",
                f"a row is {counted(len(names), 'feature')}: {listed(names)}" if x.ndim == 2 else "a row is an array",
                f"nn.Linear({len(names)}, …) as the first layer" if x.ndim == 2 else "",
            )
        ) from error
    if target.task == TWO_CLASSES and found == (1, 2):
        several = replace(target, task=SEVERAL_CLASSES)
        parts = (Rows(rows.x, rows.y.reshape(-1).astype(np.int64)) for rows in (prepared.training, prepared.held_out))
        training, held_out = parts
        return replace(prepared, target=several, training=training, held_out=held_out)
    if found != (1, target.outputs):
        raise SettingError(
            message(
                f"the model gives shape {found} for one row",
                f"{target.name!r} is {target.task}, which needs (1, {target.outputs})",
                f"nn.Linear(…, {target.outputs}) as the last layer",
            )
        )
    return prepared
