"""scikit-learn estimators: `Regressor` and `Classifier` take part in pipelines, grid searches and cross-validation.

    make_pipeline(StandardScaler(), chainrule.train.Regressor("mlp:64,64"))

They take arrays of numbers, compute in float64 as scikit-learn does, hold no rows out (that is the caller's part here)
and keep the fitted :class:`chainrule.train.Run` as ``run_``.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from chainrule.train.errors import need
from chainrule.train.session import Session

need("sklearn", "the estimators", extra="sklearn")

from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin  # noqa: E402  (after the check above)
from sklearn.utils import check_random_state  # noqa: E402
from sklearn.utils.multiclass import check_classification_targets  # noqa: E402
from sklearn.utils.validation import check_is_fitted, validate_data  # noqa: E402


class _Estimator(BaseEstimator):
    """What both have in common: the parameters, and one fit.

    Args:
        model: ``"linear"``, ``"mlp:64,64"``, or a module; ``fit`` trains a copy of it.
        optimizer: sgd, momentum, adam, adamw, rmsprop or adagrad.
        lr: the learning rate; one that suits the optimizer if None.
        epochs: passes over the rows.
        batch_size: rows per update.
        scale: learn from (x − mean) / std, and from the target so scaled.
        random_state: None, a seed or a NumPy RandomState: of the first weights and the order of the rows.
    """

    def __init__(
        self,
        model: Any = "mlp:64,64",
        *,
        optimizer: Any = "adam",
        lr: float | None = None,
        epochs: int = 100,
        batch_size: int = 32,
        scale: bool = True,
        random_state: Any = None,
    ) -> None:
        self.model = model
        self.optimizer = optimizer
        self.lr = lr
        self.epochs = epochs
        self.batch_size = batch_size
        self.scale = scale
        self.random_state = random_state

    def _fit(self, x: np.ndarray, y: np.ndarray, task: str) -> None:
        model = self.model if isinstance(self.model, str) else copy.deepcopy(self.model)
        session = Session(
            model, (x, y), None, task=task, optimizer=self.optimizer, lr=self.lr, epochs=self.epochs,
            batch_size=self.batch_size, seed=int(check_random_state(self.random_state).randint(2**31)), test_size=0.0,
            scale=self.scale, drop=(), category=(), out=None, overwrite=False, dtype="float64",
        )  # fmt: skip
        self.run_ = session.train()
        self.n_iter_ = len(self.run_.history)

    def _checked(self, x: Any) -> np.ndarray:
        check_is_fitted(self)
        return validate_data(self, x, reset=False, dtype=np.float64)


class Regressor(RegressorMixin, _Estimator):
    """Predict a number.

    >>> fitted = Regressor("linear", optimizer="sgd", lr=0.3).fit([[1.0], [2.0], [3.0]], [2.0, 4.0, 6.0])
    >>> fitted.predict([[4.0]]).round(3)
    array([8.])
    """

    def fit(self, X: Any, y: Any) -> Regressor:
        """Train on ``X`` (N, features) and ``y`` (N,)."""
        X, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
        self._fit(X, y.astype(np.float64), "regression")
        return self

    def predict(self, X: Any) -> np.ndarray:
        """(N, features) → (N,) numbers."""
        x = self._checked(X)
        return self.run_.predict(x)


class Classifier(ClassifierMixin, _Estimator):
    """Predict a class, and the probability of each.

    >>> X, y = [[1.0], [2.0], [8.0], [9.0]], ["low", "low", "high", "high"]
    >>> fitted = Classifier("linear", lr=0.1, random_state=0).fit(X, y)
    >>> fitted.predict([[0.0], [10.0]]).tolist()
    ['low', 'high']
    """

    def fit(self, X: Any, y: Any) -> Classifier:
        """Train on ``X`` (N, features) and ``y`` (N,), numbers or text."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        self.classes_, indices = np.unique(y, return_inverse=True)
        self._fit(X, indices, "classification")
        return self

    def predict(self, X: Any) -> np.ndarray:
        """(N, features) → (N,) labels, as they were given to ``fit``."""
        x = self._checked(X)
        return self.classes_[self.run_.predict(x)]

    def predict_proba(self, X: Any) -> np.ndarray:
        """(N, features) → (N, classes) probabilities, in the order of ``classes_``."""
        x = self._checked(X)
        return self.run_.predict_probabilities(x)
