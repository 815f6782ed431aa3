"""The estimators are what scikit-learn's own checks ask of one, and work in its pipelines and searches."""

import pickle

import numpy as np
import pytest

pytest.importorskip("sklearn")

from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_iris
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

import chainrule as cr
from chainrule.train import Classifier, Regressor


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning", "ignore::UserWarning")
@pytest.mark.parametrize("estimator", [Regressor(), Classifier(), Regressor("linear"), Classifier("linear")], ids=repr)
def test_scikit_learns_own_checks(estimator):
    results = check_estimator(estimator, on_fail="raise")
    assert len(results or []) == 0 or not [r for r in results if r["status"] == "failed"]


def test_regressor_finds_the_least_squares_solution():
    x, y = load_diabetes(return_X_y=True)
    ours = Regressor("linear", optimizer="sgd", lr=0.2, epochs=300, batch_size=len(x), random_state=0).fit(x, y)
    theirs = LinearRegression().fit(x, y)
    assert ours.score(x, y) == pytest.approx(theirs.score(x, y), abs=2e-3)
    assert ours.n_iter_ == 300


def test_classifier_with_text_labels():
    x, indices = load_iris(return_X_y=True)
    y = np.array(["setosa", "versicolor", "virginica"])[indices]
    fitted = Classifier(random_state=0, epochs=50, lr=0.01).fit(x, y)
    assert fitted.classes_.tolist() == ["setosa", "versicolor", "virginica"]
    assert fitted.score(x, y) > 0.95
    p = fitted.predict_proba(x)
    np.testing.assert_allclose(p.sum(axis=1), 1)
    assert (fitted.classes_[p.argmax(axis=1)] == fitted.predict(x)).all()


def test_in_a_pipeline_and_a_search():
    x, y = load_iris(return_X_y=True)
    pipeline = make_pipeline(StandardScaler(), Classifier("linear", epochs=10, random_state=0))
    assert cross_val_score(pipeline, x, y, cv=3).mean() > 0.8
    search = GridSearchCV(Classifier("linear", epochs=10, random_state=0), {"lr": [1e-6, 0.05]}, cv=2).fit(x, y)
    assert search.best_params_ == {"lr": 0.05}


def test_random_state_decides():
    x, y = load_diabetes(return_X_y=True)
    one, two, other = (Regressor("mlp:4", epochs=2, random_state=seed).fit(x, y).predict(x) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, two)
    assert not np.array_equal(one, other)


def test_a_module_is_copied_and_clones_and_pickles():
    module = cr.nn.Sequential(cr.nn.Linear(4, 5), cr.nn.Tanh(), cr.nn.Linear(5, 3))
    before = module[0].weight.detach().numpy().copy()
    x, y = load_iris(return_X_y=True)
    fitted = clone(Classifier(module, epochs=2, random_state=0)).fit(x, y)
    np.testing.assert_array_equal(module[0].weight.detach().numpy(), before)
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict_proba(x), fitted.predict_proba(x))


def test_not_fitted():
    with pytest.raises(NotFittedError):
        Regressor().predict([[1.0]])


def test_a_missing_scikit_learn(monkeypatch):
    import sys

    monkeypatch.delitem(sys.modules, "chainrule.train.estimators")
    for name in [name for name in sys.modules if name == "sklearn" or name.startswith("sklearn.")]:
        monkeypatch.setitem(sys.modules, name, None)
    import chainrule.train as train

    with pytest.raises(ModuleNotFoundError) as caught:
        train.Regressor  # noqa: B018
    assert str(caught.value) == (
        "the estimators: this needs the package sklearn\n"
        '  why: it is not installed\n  instead: pip install "chainrule[sklearn]"'
    )
