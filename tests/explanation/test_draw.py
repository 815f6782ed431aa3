"""`chainrule.draw`: what stands in the boxes, that modules fold, and that no name becomes markup."""

import os
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import chainrule as torch
from chainrule import nn
from chainrule.base.errors import GradientError
from chainrule.explanation.layout import place
from chainrule.explanation.scene import MOST
from chainrule.nn import functional as F


def neuron():
    x, y = torch.tensor(1.0), torch.tensor(2.0)
    w = torch.tensor(1.0, requires_grad=True)
    y_hat = w * x
    loss = (y_hat - y) ** 2
    return torch.draw(loss)


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Linear(8, 16)
        self.blocks = nn.ModuleList(nn.TransformerEncoderLayer(16, 2, 32, dropout=0.0) for _ in range(3))
        self.head = nn.Linear(16, 5)

    def forward(self, x):
        x = self.embed(x)
        for block in self.blocks:
            x = block(x)
        return self.head(x.mean(0))


def texts(svg):
    return [t.text for t in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_the_neuron():
    picture = neuron()
    assert [(box.kind, box.title, box.lines, box.gradient) for box in picture.boxes] == [
        ("given", "x", ["1"], ""),
        ("parameter", "w", ["1"], "∂loss/∂w = −2"),
        ("op", "ŷ = w · x", ["1"], "∂loss/∂ŷ = −2"),
        ("given", "y", ["2"], ""),
        ("op", "v1 = ŷ − y", ["−1"], "∂loss/∂v1 = −2"),
        ("loss", "loss = v1²", ["1"], ""),
    ]
    arrows = {(a.start.last.name, a.end.last.name): a.label for a in picture.arrows}
    assert arrows == {
        ("w", "ŷ"): "x = 1",
        ("x", "ŷ"): "",
        ("ŷ", "v1"): "1",
        ("y", "v1"): "",
        ("v1", "loss"): "2 · v1 = −2",
    }
    assert {"ŷ = w · x", "x = 1", "∂loss/∂w = −2"} <= set(texts(picture.svg()))


def test_modules_fold_by_depth():
    torch.manual_seed(0)
    model = Model()
    loss = F.cross_entropy(model(torch.randn(6, 2, 8)), torch.tensor([0, 1]))
    one = torch.draw(loss, depth=1)
    assert [b.title for b in one.boxes if b.kind == "module"] == ["embed: Linear", "blocks: ModuleList", "head: Linear"]
    two = torch.draw(loss, depth=2)
    names = [b.title for b in two.boxes if b.kind == "module"]
    assert [n for n in names if n.startswith("blocks")] == [f"blocks.{i}: TransformerEncoderLayer" for i in range(3)]
    block = next(b for b in two.boxes if b.path == "blocks.1")
    inside = sum(p.numel() for p in model.blocks[1].parameters())
    assert block.lines[0].endswith(f"{inside:,} parameters") and block.lines[1] == "→ 6×2×16"
    assert "norm" in block.gradient
    assert len(torch.draw(loss).boxes) <= MOST


def test_a_model_on_an_input_knows_each_call():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer, self.act = nn.Linear(3, 3), nn.ReLU()

        def forward(self, x):
            return self.act(self.layer(self.act(self.layer(x))))

    picture = torch.draw(Twice(), input=(2, 3), depth=1)
    assert [b.title for b in picture.boxes if b.kind == "module"] == [
        "layer: Linear", "act: ReLU", "layer (2): Linear", "act (2): ReLU",
    ]  # fmt: skip
    assert any(box.title == "input" for box in picture.boxes)
    assert not any(box.gradient for box in picture.boxes)


def test_drawing_a_model_leaves_it_as_it_was():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout())
    before = {k: v.tolist() for k, v in model.state_dict().items()}
    state = torch.get_rng_state().tolist()
    torch.draw(model, input=torch.ones(5, 3))
    assert {k: v.tolist() for k, v in model.state_dict().items()} == before
    assert torch.get_rng_state().tolist() == state and all(p.grad is None for p in model.parameters())
    assert not model[0]._forward_hooks


def test_html_unfolds_to_every_operation():
    torch.manual_seed(0)
    model = Model()
    loss = F.cross_entropy(model(torch.randn(6, 2, 8)), torch.tensor([0, 1]))
    picture = torch.draw(loss)
    html = picture.html()
    assert html.count("<details") == html.count("</details>") > 10
    assert "http" not in html.replace("http://www.w3.org/2000/svg", "")  # nothing is fetched
    for link in {part.split('"')[0] for part in html.split('href="#')[1:]}:
        assert f'id="{link}"' in html
    for q in picture.graph.quantities:
        if q.kind == "parameter":
            assert q.name in html


def test_a_graph_of_three_thousand_nodes_stays_readable():
    w = torch.tensor(0.5, requires_grad=True)
    h = w
    for _ in range(1500):
        h = torch.sin(h) + w
    picture = torch.draw(h)
    assert len(picture.graph.quantities) == 3001 and len(picture.boxes) <= MOST + 2
    assert len(str(picture).splitlines()) <= MOST + 2
    assert len(ElementTree.fromstring(picture.svg())) < 10 * MOST
    assert "v3000" not in picture.svg() and "v2999" in picture.html()


def test_no_name_becomes_markup():
    hostile = "</text><script>alert('x')</script>&\x00\ud800"
    names = {hostile: torch.tensor(2.0, requires_grad=True)}
    loss = names[hostile] * 3
    picture = torch.draw(loss)
    ElementTree.fromstring(picture.svg())  # well-formed
    for made in (picture.svg(), picture.html()):
        assert "<script>alert" not in made and "&lt;script&gt;" in made
    model = nn.Module()
    name = "<i>&\x1b[2J"
    model.add_module(name, nn.Linear(1, 1))
    model.forward = lambda x: model._modules[name](x)
    picture = torch.draw(model, input=(1, 1))
    ElementTree.fromstring(picture.svg())
    loss = model(torch.ones(1, 1)).sum()
    for shown in (picture, torch.draw(loss), torch.explain(loss), torch.summary(model, (1, 1))):
        assert "<i>&" in str(shown) and "\x1b" not in str(shown) and "<i>&" not in shown._repr_html_()


def test_saving(tmp_path):
    picture = neuron()
    for name, start in (("a.svg", "<svg "), ("a.html", "<!doctype html>"), ("a.txt", "loss = v1² = 1\n")):
        assert picture.save(tmp_path / name) == tmp_path / name
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)
    assert sorted(os.listdir(tmp_path)) == ["a.html", "a.svg", "a.txt"]
    with pytest.raises(ValueError, match="(?s)don't know how to write a picture as '.png'.*a.svg"):
        picture.save(tmp_path / "a.png")


def test_a_tree_in_the_terminal():
    assert str(neuron()) == (
        "loss = v1² = 1\n"
        "└─ ∂loss/∂v1 = −2 ─ v1 = ŷ − y = −1\n"
        "   ├─ ∂v1/∂ŷ = 1 ─ ŷ = w · x = 1\n"
        "   │  ├─ ∂ŷ/∂w = 1 ─ w = 1   (∂loss/∂w = −2)\n"
        "   │  └─ x = 1\n"
        "   └─ y = 2"
    )


def test_errors():
    w = torch.tensor(1.0, requires_grad=True)
    with pytest.raises(TypeError, match="a module has no graph before it has computed something"):
        torch.draw(nn.Linear(1, 1))
    with pytest.raises(TypeError, match=r"draw\(loss\) takes no input"):
        torch.draw(w * 2, input=w)
    with pytest.raises(TypeError, match="the input must be a tensor, a tuple of arguments, or a shape, but is str"):
        torch.draw(nn.Linear(1, 1), input="x")
    with pytest.raises(ValueError, match="depth must be at least 1, but is 0"):
        torch.draw(w * 2, depth=0)
    with pytest.raises(GradientError, match="the model's output has no history"):
        torch.draw(nn.Linear(1, 1).requires_grad_(False), input=(1, 1))
    loss = w * w
    loss.backward()
    (w * w).backward()
    with pytest.raises(GradientError, match="has been freed"):
        torch.draw(loss)


def test_numbers_are_never_cut_in_two():
    x = torch.tensor([0.123456, -0.234567, 0.345678, -0.456789, 0.567891])
    w = torch.tensor([-0.111111, 0.222222, -0.333333, 0.444444, -0.555555], requires_grad=True)
    boxes = {box.title: box for box in torch.draw(((x * w) ** 2).sum()).boxes}
    assert boxes["w"].lines == ["[−0.1111, 0.2222, −0.3333, 0.4444, −0.5556]"]
    assert boxes["w"].gradient == "∂loss/∂w = [−0.0034, 0.024, −0.08, 0.19, −0.36]"
    assert boxes["v1 = x · w"].gradient == "∂loss/∂v1 = [−0.0274, −0.104, −0.23, −0.406, −0.631]"
    assert not any("…" in line for box in boxes.values() for line in (box.title, *box.lines, box.gradient))


def test_a_detached_tensor_keeps_its_name():
    w = torch.tensor(3.0, requires_grad=True)
    given = w.detach()
    picture = str(torch.draw(w * given))
    assert "w · given" in picture and "given = 3" in picture


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=40), st.integers(1, 21))
@settings(max_examples=60, deadline=None)
def test_boxes_never_overlap_and_edges_lead_down(pairs, n):
    edges = sorted({(min(a % n, b % n), max(a % n, b % n)) for a, b in pairs if a % n != b % n})
    rng = np.random.default_rng(0)
    sizes = [(float(w), float(h)) for w, h in rng.uniform(20, 120, (n, 2))]
    found = place(sizes, edges, gap=10, between=30)
    for a, b in edges:
        assert found.spots[a].y + sizes[a][1] / 2 < found.spots[b].y - sizes[b][1] / 2
    for i, a in enumerate(found.spots):
        assert -1e-6 <= a.x - a.width / 2 and a.x + a.width / 2 <= found.width + 1e-6
        for b in found.spots[:i]:
            apart = abs(a.x - b.x) >= (a.width + b.width) / 2 + 10 - 1e-6 or abs(a.y - b.y) >= (a.height + b.height) / 2
            assert apart
    for route, (a, b) in zip(found.routes, edges, strict=True):
        assert [p[1] for p in route] == sorted(p[1] for p in route)
        assert route[0][0] == found.spots[a].x and route[-1][0] == found.spots[b].x
