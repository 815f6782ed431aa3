"""Distributions of every family, made alike under both libraries, with values to ask them about."""


def t(torch, *values):
    return torch.tensor(list(values), dtype=torch.float64)


def cases(torch):
    """name → (distribution, values in its support), in float64."""
    D = torch.distributions
    x = t(torch, -1.5, 0.0, 2.25)
    positive = t(torch, 0.25, 1.0, 3.5)
    unit = t(torch, 0.1, 0.5, 0.9)
    counts = t(torch, 0.0, 1.0, 4.0)
    tril = torch.tensor([[1.0, 0.0], [-0.5, 2.0]], dtype=torch.float64)
    vectors = torch.tensor([[0.5, -1.0], [0.0, 0.0]], dtype=torch.float64)
    correlations = torch.tensor([[1.0, 0.5, 0.1], [0.5, 1.0, -0.3], [0.1, -0.3, 1.0]], dtype=torch.float64)
    weights = torch.tensor([[0.1, 0.2, 0.7], [0.5, 0.25, 0.25]], dtype=torch.float64)
    return {
        "Normal": (D.Normal(t(torch, 0.0, 1.0, -1.0), t(torch, 1.0, 2.0, 0.5)), x),
        "Laplace": (D.Laplace(t(torch, 0.5, 1.0, -1.0), t(torch, 1.0, 2.0, 0.5)), x),
        "Cauchy": (D.Cauchy(t(torch, 0.0, 1.0, -1.0), t(torch, 1.0, 2.0, 0.5)), x),
        "Gumbel": (D.Gumbel(t(torch, 0.0, 1.0, -1.0), t(torch, 1.0, 2.0, 0.5)), x),
        "Uniform": (D.Uniform(t(torch, -2.0, -1.0, 0.0), t(torch, 1.0, 2.0, 3.0)), x),
        "Exponential": (D.Exponential(t(torch, 1.0, 0.5, 3.0)), positive),
        "Gamma": (D.Gamma(t(torch, 0.5, 1.0, 3.0), t(torch, 1.0, 2.0, 0.5)), positive),
        "Chi2": (D.Chi2(t(torch, 1.0, 2.0, 5.0)), positive),
        "Beta": (D.Beta(t(torch, 0.5, 1.0, 3.0), t(torch, 1.0, 2.0, 0.5)), unit),
        "Dirichlet": (D.Dirichlet(t(torch, 0.5, 1.0, 3.0)), t(torch, 0.2, 0.3, 0.5)),
        "StudentT": (D.StudentT(t(torch, 1.0, 3.0, 10.0), t(torch, 0.0, 1.0, 0.0), t(torch, 1.0, 2.0, 3.0)), x),
        "HalfNormal": (D.HalfNormal(t(torch, 1.0, 2.0, 0.5)), positive),
        "HalfCauchy": (D.HalfCauchy(t(torch, 1.0, 2.0, 0.5)), positive),
        "LogNormal": (D.LogNormal(t(torch, 0.0, 1.0, -1.0), t(torch, 1.0, 2.0, 0.5)), positive),
        "Bernoulli": (D.Bernoulli(t(torch, 0.1, 0.6, 0.9)), t(torch, 0.0, 1.0, 1.0)),
        "Bernoulli by logits": (D.Bernoulli(logits=t(torch, -1.0, 0.0, 2.0)), t(torch, 0.0, 1.0, 1.0)),
        "Geometric": (D.Geometric(t(torch, 0.1, 0.6, 0.9)), counts),
        "Binomial": (D.Binomial(5, t(torch, 0.1, 0.6, 0.9)), counts),
        "Binomial by logits": (D.Binomial(5, logits=t(torch, -1.0, 0.0, 2.0)), counts),
        "NegativeBinomial": (D.NegativeBinomial(t(torch, 3.0, 2.0, 1.0), t(torch, 0.1, 0.6, 0.9)), counts),
        "Poisson": (D.Poisson(t(torch, 0.5, 2.0, 20.0)), counts),
        "Categorical": (D.Categorical(weights), torch.tensor([2, 0])),
        "Categorical by logits": (D.Categorical(logits=weights.log() + 1), torch.tensor([2, 0])),
        "OneHotCategorical": (D.OneHotCategorical(weights), torch.eye(3, dtype=torch.float64)[:2]),
        "Multinomial": (D.Multinomial(5, weights), torch.tensor([[1.0, 1.0, 3.0], [0.0, 5.0, 0.0]], dtype=torch.float64)),
        "MultivariateNormal": (D.MultivariateNormal(t(torch, 0.0, 1.0), tril @ tril.mT), vectors),
        "MultivariateNormal by precision": (D.MultivariateNormal(t(torch, 0.0, 1.0), precision_matrix=tril @ tril.mT), vectors),
        "MultivariateNormal by factor": (D.MultivariateNormal(vectors, scale_tril=tril), vectors),
        "Independent": (D.Independent(D.Normal(vectors, 1.0), 1), vectors),
        "Transformed": (
            D.TransformedDistribution(D.Normal(t(torch, 0.0, 1.0), 1.0), [D.AffineTransform(1.0, -2.0), D.SigmoidTransform()]),
            unit[:2],
        ),
        "Mixture": (D.MixtureSameFamily(D.Categorical(weights), D.Normal(t(torch, 0.0, 1.0, 2.0), weights)), vectors[:, 0]),
        "Mixture of vectors": (
            D.MixtureSameFamily(D.Categorical(weights[0, :2]), D.Independent(D.Normal(vectors, 1.0), 1)),
            vectors,
        ),
        "Pareto": (D.Pareto(t(torch, 1.0, 2.0, 0.5), t(torch, 3.0, 0.5, 1.5)), t(torch, 1.5, 2.5, 3.5)),
        "Weibull": (D.Weibull(t(torch, 1.0, 2.0, 0.5), t(torch, 3.0, 1.0, 1.5)), positive),
        "InverseGamma": (D.InverseGamma(t(torch, 3.0, 0.5, 1.5), t(torch, 1.0, 2.0, 0.5)), positive),
        "Kumaraswamy": (D.Kumaraswamy(t(torch, 3.0, 0.5, 1.5), t(torch, 1.0, 2.0, 2.5)), unit),
        "LogisticNormal": (D.LogisticNormal(vectors, 2.0), weights),
        "FisherSnedecor": (D.FisherSnedecor(t(torch, 3.0, 1.0, 5.0), t(torch, 1.0, 3.0, 6.0)), positive),
        "VonMises": (D.VonMises(t(torch, 0.0, 1.0, -4.0), t(torch, 0.1, 1.0, 20.0)), x),
        "GeneralizedPareto": (
            D.GeneralizedPareto(*(torch.tensor(v) for v in ([0.0, 1.0, 0.5], [1.0, 2.0, 3.0], [0.0, 0.3, -0.5]))),
            torch.tensor([0.5, 2.0, 3.0]),
        ),
        "ContinuousBernoulli": (D.ContinuousBernoulli(t(torch, 0.1, 0.4995, 0.9)), unit),
        "ContinuousBernoulli by logits": (D.ContinuousBernoulli(logits=t(torch, -1.0, 0.0, 2.0)), unit),
        "LKJCholesky": (D.LKJCholesky(3, t(torch, 0.5, 2.0)), torch.linalg.cholesky(correlations)),
        "Wishart": (D.Wishart(t(torch, 3.5, 6.0), tril @ tril.mT), tril.mT @ tril),
        "Wishart by precision": (D.Wishart(t(torch, 3.5)[0], precision_matrix=tril @ tril.mT), tril.mT @ tril),
        "Wishart by factor": (D.Wishart(t(torch, 2.0, 6.0), scale_tril=tril), tril.mT @ tril),
        "LowRankMultivariateNormal": (D.LowRankMultivariateNormal(vectors, t(torch, 1.0, 0.5)[:, None], t(torch, 1.0, 2.0)), vectors),
        "RelaxedBernoulli": (D.RelaxedBernoulli(t(torch, 0.5)[0], t(torch, 0.1, 0.6, 0.9)), unit),
        "RelaxedOneHotCategorical": (D.RelaxedOneHotCategorical(t(torch, 0.5)[0], weights), weights),
    }
