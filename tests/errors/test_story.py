"""Reading a program backwards: what gave a name its value, through loops, functions, attributes; and what cannot be read."""

import ast

import pytest

from chainrule.base import trail
from chainrule.base.story import Scope, given, later_in_loop, parsed, statements, steps, stored


def scope_of(source, **names):
    tree = parsed(source)
    return Scope("program.py", tree, names, 10**9)


def lines(found):
    return [step.line for step in found]


@pytest.mark.parametrize(
    ("statement", "stores"),
    [
        ("a = b", ["a"]), ("a, (b, c) = d", ["a", "b", "c"]), ("a += b", ["a"]), ("a[0] = b", ["a"]), ("self.a = b", ["self.a"]),
        ("a: int = b", ["a"]), ("for a, b in c: pass", ["a", "b"]), ("with a as b: pass", ["b"]), ("a.append(b)", ["a"]), ("print(a)", []),
    ],
)  # fmt: skip
def test_what_a_statement_stores(statement, stores):
    assert [name for name, _, _ in stored(ast.parse(statement).body[0])] == stores


def test_pairs_are_matched_one_by_one():
    pairs = {name: ast.unparse(expr) for name, expr, _ in stored(ast.parse("a, b = f(x), g(y)").body[0])}
    assert pairs == {"a": "f(x)", "b": "g(y)"}


def test_the_latest_statement_before_a_line_and_what_adds_to_it():
    scope = scope_of("x = 1\nx = 2\nx += 3\ny = x\nx = 4\n")
    assert lines(given(scope, "x", 4)) == [3, 2]


def test_a_loop_s_later_lines_count_for_its_next_turn():
    scope = scope_of("w = 0\nfor i in r:\n    loss = w\n    w = loss\n")
    assert lines(later_in_loop(scope, "w", 3)) == [4]
    assert later_in_loop(scope, "w", 1) == []


def test_statements_of_inner_functions_are_not_the_outer_ones():
    source = "a = 1\ndef f():\n    b = 2\nif a:\n    c = 3\n"
    assert [type(s).__name__ for s in statements(parsed(source))] == ["Assign", "FunctionDef", "If", "Assign"]


def test_steps_end_even_where_names_depend_on_each_other():
    scope = scope_of("a = b\nb = a\nc = a + b\n")
    target = parsed("c").body[0].value
    assert len(list(steps(scope, target))) < 10


def test_what_is_no_program_has_no_tree():
    assert parsed("def f(:") is None


def test_files_are_named_as_the_reader_knows_them(monkeypatch, tmp_path):
    (tmp_path / "deep").mkdir()
    monkeypatch.chdir(tmp_path)
    assert trail.short(str(tmp_path / "deep" / "a.py")) == "deep/a.py"
    assert trail.short(str(tmp_path.parent / "elsewhere.py")) == "elsewhere.py"
    assert trail.short("<ipython-input-3-abc>") == "a cell" and trail.short("<string>") == "<string>"


def test_an_explanation_that_fails_is_silent():
    @trail.told("nothing")
    def explain():
        raise KeyError("x")

    assert explain() == "nothing"


def test_operands_that_the_program_does_not_name_are_not_named():
    import chainrule

    pair = chainrule.zeros(3), chainrule.zeros(4)
    with pytest.raises(RuntimeError) as error:
        chainrule.add(*pair)
    assert "why: shapes [3] and [4] are aligned" in str(error.value)
    with pytest.raises(RuntimeError) as error:
        chainrule.add(pair[0], pair[1])
    assert "why: shapes [3] (`pair[0]`) and [4] (`pair[1]`) are aligned" in str(error.value)


def test_the_first_of_equal_modules_is_named():
    import chainrule

    layer = chainrule.nn.Linear(2, 2)
    net = chainrule.nn.Sequential(chainrule.nn.Tanh(), layer, layer)
    assert trail.within(net, layer) == "1" and trail.within(net, net) == "" and trail.within(layer, net) == ""
