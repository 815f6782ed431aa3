import { describe, expect, it } from "vitest";
import type { Graph, GraphNode } from "../document";
import { layoutOf, short, tail, titleOf, uniform } from "./layout";
import { arrowsOf, computed, knownAfter, lastNode, sameStep, stepsOf } from "./steps";
import { WIDE, branches, leaves, openAtFirst, seen, treeOf } from "./tree";

const node = (kind: GraphNode["kind"], name: string, module = "", extra: Partial<GraphNode> = {}): GraphNode => ({ kind, name, module, shape: [], ...extra });
const back = (from: number, to: number) => ({ from, to, name: `∂${to}/∂${from}`, formula: "x", value: "1", listed: true, share: "1", number: 1 });
const graphOf = (nodes: GraphNode[], edges: Graph["edges"], kinds = {}): Graph => ({ step: 1, loss: "loss", operations: nodes.length, left_out: 0, kinds, nodes, edges });

/** ŷ = w · x, loss = (ŷ − y)² */
const neuron = graphOf(
  [node("parameter", "w"), node("data", "x"), node("operation", "ŷ", "", { formula: "w · x" }), node("data", "y"), node("loss", "loss", "", { formula: "(ŷ − y)²" })],
  [back(0, 2), { from: 1, to: 2 }, back(2, 4), { from: 3, to: 4 }],
);

/** Two layers, each a module with a parameter and two operations; the input goes around the second one. */
const layers = graphOf(
  [
    node("data", "x"),
    node("parameter", "a.w", "a"),
    node("operation", "v1", "a"),
    node("operation", "v2", "a"),
    node("parameter", "b.w", "b"),
    node("operation", "v3", "b"),
    node("operation", "v4", "b"),
    node("loss", "loss"),
  ],
  [{ from: 0, to: 2 }, back(1, 2), back(2, 3), back(3, 5), back(4, 5), back(5, 6), back(6, 7), back(3, 7)],
  { a: "Linear", b: "Linear" },
);

/** A chain of n operations. */
const chain = (n: number): Graph =>
  graphOf([node("parameter", "w"), ...Array.from({ length: n }, (_, i) => node(i === n - 1 ? "loss" : "operation", `v${i}`))], Array.from({ length: n }, (_, i) => back(i, i + 1)));

const view = (graph: Graph, open?: string[]) => {
  const tree = treeOf(graph);
  return seen(tree, open ? new Set(open) : openAtFirst(tree), graph.nodes.length);
};

describe("modules", () => {
  it("are boxes while they are closed, and frames while they are open", () => {
    expect(view(layers, []).parts).toHaveLength(4);
    const open = view(layers, ["a"]);
    expect(open.open.map((b) => b.id)).toEqual(["a"]);
    expect(open.parts).toHaveLength(6);
    expect([...open.homes]).toEqual([0, 1, 2, 3, 4, 4, 4, 5]);
  });

  it("with a single part are that part", () => {
    const graph = graphOf([node("parameter", "w"), node("operation", "v1", "outer.act"), node("loss", "loss")], [back(0, 1), back(1, 2)]);
    expect([...branches(treeOf(graph))]).toEqual([]);
    expect([...leaves(treeOf(graph))]).toEqual([0, 1, 2]);
  });

  it("with very many parts show groups, whatever is opened", () => {
    const tree = treeOf(chain(3000));
    expect([...leaves(tree)]).toHaveLength(3001);
    for (const b of [tree, ...branches(tree)]) expect(b.parts.length).toBeLessThanOrEqual(WIDE);
    expect(view(chain(3000)).parts.length).toBeLessThanOrEqual(WIDE);
  });

  it("are open at first as long as little is seen", () => {
    expect([...openAtFirst(treeOf(layers))].sort()).toEqual(["a", "b"]);
    expect([...openAtFirst(treeOf(layers), 5)]).toEqual([]);
    expect([...openAtFirst(treeOf(layers), 6)]).toEqual(["a"]);
  });
});

describe("steps", () => {
  it("go forwards in the order of computation, and backwards product by product", () => {
    const v = view(neuron);
    const steps = stepsOf(neuron, v, arrowsOf(neuron, v));
    expect(steps.map((s) => s.kind)).toEqual(["given", "forward", "forward", "turn", "product", "product", "done"]);
    expect(steps.filter((s) => s.kind === "product").map((s) => [s.from, s.to])).toEqual([[2, 4], [0, 2]]);
  });

  it("pass closed modules at once", () => {
    const v = view(layers, []);
    const steps = stepsOf(layers, v, arrowsOf(layers, v));
    expect(steps.map((s) => s.kind)).toEqual(["given", "forward", "forward", "forward", "turn", "product", "product", "product", "done"]);
    const into = steps.filter((s) => s.kind === "product").map((s) => s.edges.map((e) => [e.from, e.to]));
    expect(into).toEqual([[[6, 7]], [[3, 7]], [[3, 5]]]);
  });

  it("reach each gradient after all that it is made of", () => {
    const v = view(layers);
    const steps = stepsOf(layers, v, arrowsOf(layers, v));
    const products = steps.filter((s) => s.kind === "product");
    for (const [i, step] of products.entries()) {
      expect(products.slice(i).some((later) => later.from === step.to)).toBe(false);
    }
  });

  it("say what is known after each of them", () => {
    const v = view(neuron);
    const steps = stepsOf(neuron, v, arrowsOf(neuron, v));
    const given = (box: number) => !computed(neuron, lastNode(neuron, v.parts[box]));
    expect([...knownAfter(steps, 0, 5, given).valued]).toEqual([0, 1, 3]);
    const turned = knownAfter(steps, 3, 5, given);
    expect([...turned.valued].sort()).toEqual([0, 1, 2, 3, 4]);
    expect([...turned.arrived]).toEqual([[4, 1]]);
    expect(knownAfter(steps, 5, 5, given).arrived.get(0)).toBe(1);
  });

  it("stay where they are when a module is folded", () => {
    const open = view(layers);
    const shut = view(layers, []);
    const [many, few] = [open, shut].map((v) => stepsOf(layers, v, arrowsOf(layers, v)));
    const at = many.findIndex((s) => s.kind === "forward" && s.node === 6);
    expect(few[sameStep(many[at], few)]).toMatchObject({ kind: "forward", node: 6 });
    expect(sameStep(many[many.length - 1], few)).toBe(few.length - 1);
    expect(sameStep(many[0], few)).toBe(0);
  });
});

describe("the layout", () => {
  it.each(["LR", "TB"] as const)("keeps boxes apart, inside their frames, in the order of computation (%s)", (direction) => {
    const v = view(layers);
    const arrows = arrowsOf(layers, v);
    const { boxes, frames, ways, width, height } = layoutOf(layers, v, arrows, direction);
    const axis = direction === "LR" ? "x" : "y";
    for (const { from, to } of arrows) expect(boxes[from][axis]).toBeLessThan(boxes[to][axis]);
    boxes.forEach((a, i) =>
      boxes.slice(i + 1).forEach((b) => {
        expect(Math.abs(a.x - b.x) >= (a.width + b.width) / 2 || Math.abs(a.y - b.y) >= (a.height + b.height) / 2).toBe(true);
      }),
    );
    for (const frame of frames) {
      for (const id of leaves(frame.branch)) {
        const box = boxes[v.homes[id]];
        expect(Math.abs(box.x - frame.x)).toBeLessThanOrEqual((frame.width - box.width) / 2);
        expect(Math.abs(box.y - frame.y)).toBeLessThanOrEqual((frame.height - box.height) / 2);
      }
    }
    for (const { points } of ways) expect(points.length).toBeGreaterThanOrEqual(2);
    for (const { x, y } of [...boxes, ...ways.flatMap((w) => w.points)]) {
      expect(x >= 0 && x <= width && y >= 0 && y <= height).toBe(true);
    }
  });

  it("lays out whatever is opened of three thousand operations", () => {
    const graph = chain(3000);
    const tree = treeOf(graph);
    const first = [...branches(tree)][0];
    const v = seen(tree, new Set([first.id]), graph.nodes.length);
    expect(layoutOf(graph, v, arrowsOf(graph, v), "LR").frames).toHaveLength(1);
  });

  it("labels an arrow with what all entries have in common", () => {
    expect(["[1, 1]", "[[2], [2]]", "[1, 2]", "3×4, each 0.5", "7"].map(uniform)).toEqual(["1", "2", "[1, 2]", "0.5", "7"]);
    expect(tail("blocks.0.attention.weight", 12)).toBe("…tion.weight");
  });

  it("writes little into a box", () => {
    expect(titleOf(neuron, view(neuron), 2)).toEqual(["ŷ = w · x"]);
    expect(short("−2", [])).toBe("−2");
    expect(short("[[1.533]]", [1, 1])).toBe("1.533");
    expect(short("3×4, mean 5.5, from 0 to 11, norm 22.49", [3, 4])).toBe("3×4");
  });
});
