"""A trained model with everything that is needed to use it, understand it and train it further."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import chainrule as cr
from chainrule.base.errors import message
from chainrule.train.arrays import ArrayFeatures
from chainrule.train.errors import RunFolderError, SettingError
from chainrule.train.folder import SCHEMA, SETTINGS, RunFolder
from chainrule.train.loop import Epoch, outputs
from chainrule.train.metrics import Metrics, evaluate
from chainrule.train.models import build_model
from chainrule.train.prepare import Features, with_target
from chainrule.train.schema import Schema
from chainrule.train.settings import Settings
from chainrule.train.table import as_table
from chainrule.train.target import Target, describe_classes

Prediction = tuple[Any, Any, Any]  # the true value, the prediction before training, the one after


@dataclass
class Run:
    """What :func:`fit` returns.

    Attributes:
        model: the trained module; it takes encoded features (see ``features.encode``).
        features: the columns it reads and how they become numbers.
        target: what it predicts.
        settings: how it was trained.
        history: one :class:`Epoch` per epoch.
        metrics: on the held-out rows (on the training rows where none were held out).
        baseline: the same metrics of a trivial answer, which looks at no feature.
        status: ``"finished"``, ``"interrupted"``, ``"diverged"`` or ``"running"``.
        examples: a few held-out rows: true value, prediction before training, prediction after.
        folder: where it is stored, if anywhere.
    """

    model: Any
    features: Features
    target: Target
    settings: Settings
    history: list[Epoch]
    metrics: Metrics
    baseline: Metrics
    status: str
    rows: dict[str, int]
    source: str
    path: str | None = None
    examples: list[Prediction] = field(default_factory=list)
    notes: tuple[str, ...] = ()
    folder: Path | None = None

    def predict(self, data: Any) -> np.ndarray:
        """Predictions for new rows: (N,) numbers, or class labels.

        Args:
            data: a path, a frame, a dict of columns; or an array where an array was trained on.
        """
        return self.target.predictions(self.outputs(data))

    def predict_probabilities(self, data: Any) -> np.ndarray:
        """(N, classes) probabilities, in the order of ``target.classes``.

        Raises:
            SettingError: the target is a number, which has no classes.
        """
        if self.target.is_regression:
            raise SettingError(
                message(
                    f"{self.target.name!r} has no probabilities: it is a number, not a class",
                    "the run is a regression",
                    "run.predict(data)",
                )
            )
        return self.target.probabilities(self.outputs(data))

    def outputs(self, data: Any) -> np.ndarray:
        """(N, outputs) what the model itself gives: scaled numbers, or logits."""
        return outputs(self.model, self.features.encode(self._rows(data)))

    def notes_on(self, data: Any) -> list[str]:
        """What had to be assumed about these rows: missing values, categories never seen in training."""
        return self.features.notes(self._rows(data))

    def measure(self, data: Any) -> tuple[int, Metrics] | None:
        """The metrics on the rows of a table whose target is known, and their number; None where none is."""
        if isinstance(self.features, ArrayFeatures):
            return None
        frame, name = as_table(data), self.target.name
        if name not in frame.columns or frame[name].null_count() == frame.height:
            return None
        known, values, _ = with_target(frame, name)
        found = self.outputs(known)
        if self.target.is_regression or set(values.tolist()) <= set(self.target.classes):
            return len(values), evaluate(self.target, found, self.target.encode(values))
        # A class never seen in training has no probability, and every prediction for its rows is wrong.
        right = [p == v for p, v in zip(self.target.predictions(found).tolist(), values.tolist(), strict=True)]
        return len(values), {"accuracy": float(np.mean(right))}

    def _rows(self, data: Any) -> Any:
        return data if isinstance(self.features, ArrayFeatures) else as_table(data)

    def plot(self) -> Any:
        """The learning curve, as a matplotlib figure."""
        from chainrule.train.plot import learning_curve

        return learning_curve(self.history, self.target, self.baseline, f"{self.target.name}: {self.settings.spelled}")

    def __repr__(self) -> str:
        measured = "held-out rows" if self.rows["held_out"] else "training rows"
        metrics = (f"{name} {self.metrics[name]:.5g} (baseline {self.baseline[name]:.5g})" for name in self.metrics)
        what = "a number" if self.target.is_regression else describe_classes(self.target)
        lines = [
            f"Run({self.status} after {len(self.history)} of {self.settings.epochs} epochs)",
            f"  target    {self.target.name}: {what}",
            f"  data      {self.source}: {self.rows['training']} rows to learn from, {self.rows['held_out']} held out",
            f"  model     {self.settings.spelled}",
            f"  {measured}: {', '.join(metrics)}",
        ]
        if self.folder:
            lines.append(f"  folder    {self.folder}")
        return "\n".join(lines)

    def schema_json(self) -> dict[str, Any]:
        kind = "array" if isinstance(self.features, ArrayFeatures) else "table"
        return {"target": self.target.to_json(), "features": {"from": kind, **self.features.to_json()}}

    def settings_json(self) -> dict[str, Any]:
        return {
            "chainrule": cr.__version__,
            "status": self.status,
            "epochs_done": len(self.history),
            "data": {"name": self.source, "path": self.path, **self.rows},
            "settings": self.settings.to_json(),
            "metrics": {"measured_on": "held_out" if self.rows["held_out"] else "training", "model": self.metrics,
                        "baseline": self.baseline},
        }  # fmt: skip

    @classmethod
    def load(cls, folder: str | os.PathLike[str], model: Any = None) -> Run:
        """Read a run folder.

        Args:
            folder: as ``chainrule train`` or ``fit(out=…)`` wrote it.
            model: the module, where it was one of your own: a folder stores its weights, not its code.

        Raises:
            RunFolderError: there is no complete run.
        """
        place = RunFolder(folder)
        stored, schema = place.read_json(SETTINGS), place.read_json(SCHEMA)
        weights, epoch = place.read_weights()
        try:
            features_json = dict(schema["features"])
            from_array = features_json.pop("from") == "array"
            features: Features = (ArrayFeatures if from_array else Schema).from_json(features_json)
            target = Target.from_json(schema["target"])
            settings = Settings.from_json(stored["settings"])
            measured, data = stored["metrics"], stored["data"]
            rows = {"training": data["training"], "held_out": data["held_out"]}
            run = cls(
                _module(model, settings, features.shape, target.outputs), features, target, settings,
                place.read_history(epoch), measured["model"], measured["baseline"], stored["status"], rows,
                data["name"], data["path"], folder=place.path,
            )  # fmt: skip
            run.model.load_state_dict({name: cr.from_numpy(value) for name, value in weights.items()})
        except (KeyError, TypeError) as error:
            raise RunFolderError(
                message(f"{place.path} cannot be used", f"{error} is missing or not as written")
            ) from error
        return run


def _module(model: Any, settings: Settings, row: tuple[int, ...], outputs: int) -> Any:
    if model is not None:
        return model
    if settings.model is None:
        raise RunFolderError(
            message(
                "the run was trained with a module of your own, and only its weights are stored",
                f"it was {settings.module}",
                "Run.load(folder, model=TheModule())",
            )
        )
    return build_model(settings.model, row, outputs)
