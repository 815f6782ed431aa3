"""The same training steps as JAX has them: pure functions of parameters, differentiated, compiled whole."""

from .derivatives import hessian, penalty
from .networks import autoencoder, cnn, gru, lstm, normalized_cnn
from .perceptrons import cross_entropy, digits, elementwise, epoch, line, logistic, slope, small, wide
from .texts import classifier, encoder, gpt

__all__ = [
    "autoencoder", "classifier", "cnn", "cross_entropy", "digits", "elementwise", "encoder", "epoch", "gpt", "gru", "hessian",
    "line", "logistic", "lstm", "normalized_cnn", "penalty", "slope", "small", "wide",
]  # fmt: skip
