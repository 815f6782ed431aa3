"""Metrics against scikit-learn's, and against what can be computed in the head."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.train import metrics
from chainrule.train.target import REGRESSION, SEVERAL_CLASSES, TWO_CLASSES, Target

sklearn_metrics = pytest.importorskip("sklearn.metrics")


@given(seed=st.integers(0, 1000), rows=st.integers(2, 50))
def test_regression_as_scikit_learn(seed, rows):
    rng = np.random.RandomState(seed)
    y, predicted = rng.normal(5, 3, rows), rng.normal(5, 3, rows)
    found = metrics.regression(y, predicted)
    assert found["RMSE"] == pytest.approx(sklearn_metrics.root_mean_squared_error(y, predicted))
    assert found["MAE"] == pytest.approx(sklearn_metrics.mean_absolute_error(y, predicted))
    assert found["R²"] == pytest.approx(sklearn_metrics.r2_score(y, predicted))


@given(seed=st.integers(0, 1000), rows=st.integers(1, 50), classes=st.integers(2, 5))
def test_classification_as_scikit_learn(seed, rows, classes):
    rng = np.random.RandomState(seed)
    p = rng.dirichlet(np.ones(classes), rows)
    y = rng.randint(classes, size=rows)
    found = metrics.classification(y, p)
    assert found["accuracy"] == pytest.approx(sklearn_metrics.accuracy_score(y, p.argmax(axis=1)))
    assert found["cross-entropy"] == pytest.approx(sklearn_metrics.log_loss(y, p, labels=range(classes)))


def test_r_squared_is_left_out_where_nothing_varies():
    assert metrics.regression(np.array([2.0]), np.array([3.0])) == {"RMSE": 1.0, "MAE": 1.0}


def test_baselines_are_learned_from_the_training_rows():
    number = Target("y", REGRESSION, mean=10.0, std=2.0)
    found = metrics.baseline(
        number, training=number.encode(np.array([6.0, 8.0])), encoded=number.encode(np.array([9.0]))
    )
    assert found == {"RMSE": 2.0, "MAE": 2.0}

    two = Target("y", TWO_CLASSES, ("a", "b"))
    found = metrics.baseline(two, np.array([[0.0], [0.0], [0.0], [1.0]]), np.array([[0.0], [1.0]]))
    assert found == {"accuracy": 0.5, "cross-entropy": pytest.approx(-(np.log(0.75) + np.log(0.25)) / 2)}

    several = Target("y", SEVERAL_CLASSES, ("a", "b", "c"))
    found = metrics.baseline(several, np.array([2, 2, 0]), np.array([2, 2, 1]))
    assert found["accuracy"] == pytest.approx(2 / 3)


def test_baseline_names():
    number = Target("y", REGRESSION)
    assert metrics.baseline_name(number, np.array([[4200.0], [4203.6]])) == "always 4,201.8 (the mean)"
    two = Target("y", TWO_CLASSES, ("a", "b"))
    assert metrics.baseline_name(two, np.array([[1.0], [1.0], [0.0]])) == "always 'b' (the most frequent)"
