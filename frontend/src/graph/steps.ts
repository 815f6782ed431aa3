/** What is stepped through: forwards box by box, then backwards product by product of the chain rule.
 *
 * A closed module is one step forwards, and one step back for each gradient that leaves it.
 */
import type { Graph, GraphEdge } from "../document";
import { type Part, type Seen, isBranch } from "./tree";

export type Step =
  | { kind: "given" }
  | { kind: "forward"; box: number; node: number }
  | { kind: "turn"; box: number; node: number }
  | { kind: "product"; from: number; to: number; edges: GraphEdge[]; node: number }
  | { kind: "done" };

/** An arrow between two boxes, and the graph's edges in it. */
export interface Arrow {
  from: number;
  to: number;
  edges: GraphEdge[];
}

export function arrowsOf(graph: Graph, view: Seen): Arrow[] {
  const found = new Map<string, Arrow>();
  for (const edge of graph.edges) {
    const from = view.homes[edge.from];
    const to = view.homes[edge.to];
    if (from === to) continue;
    const key = `${from} ${to}`;
    const arrow = found.get(key);
    if (arrow) arrow.edges.push(edge);
    else found.set(key, { from, to, edges: [edge] });
  }
  return [...found.values()];
}

/** The node whose value a box shows: of a closed module, the last one computed in it. */
export function lastNode(graph: Graph, part: Part): number {
  if (!isBranch(part)) return part;
  let last = -1;
  const visit = (p: Part): void => {
    if (isBranch(p)) p.parts.forEach(visit);
    else if (p > last && (last < 0 || computed(graph, p) || !computed(graph, last))) last = p;
  };
  visit(part);
  return last;
}

export function computed(graph: Graph, node: number): boolean {
  const kind = graph.nodes[node].kind;
  return kind === "operation" || kind === "loss";
}

export function stepsOf(graph: Graph, view: Seen, arrows: Arrow[]): Step[] {
  const last = view.parts.map((part) => lastNode(graph, part));
  const active = view.parts.map((_, box) => box).filter((box) => computed(graph, last[box]));
  active.sort((a, b) => last[a] - last[b]);
  const steps: Step[] = [{ kind: "given" }];
  for (const box of active) steps.push({ kind: "forward", box, node: last[box] });
  const loss = graph.nodes.findIndex((node) => node.kind === "loss");
  if (loss < 0) return steps;
  steps.push({ kind: "turn", box: view.homes[loss], node: loss });
  const into = new Map<number, Arrow[]>();
  for (const arrow of arrows) {
    if (arrow.edges.some(flows)) into.set(arrow.to, [...(into.get(arrow.to) ?? []), arrow]);
  }
  for (const box of [...active].reverse()) {
    const back = into.get(box) ?? [];
    back.sort((a, b) => last[b.from] - last[a.from]);
    for (const { from, to, edges } of back) {
      steps.push({ kind: "product", from, to, edges: edges.filter(flows), node: last[from] });
    }
  }
  steps.push({ kind: "done" });
  return steps;
}

/** Whether a gradient goes back along an edge. */
export function flows(edge: GraphEdge): boolean {
  return edge.share !== undefined;
}

/** What is known after a step: which boxes have their value, which arrows a gradient has passed, and how many into each box. */
export interface Known {
  valued: Set<number>;
  passed: Set<string>; // "from to"
  arrived: Map<number, number>; // of a box: products that have arrived
}

export function knownAfter(steps: Step[], at: number, boxes: number, isGiven: (box: number) => boolean): Known {
  const known: Known = { valued: new Set(), passed: new Set(), arrived: new Map() };
  for (let box = 0; box < boxes; box++) if (isGiven(box)) known.valued.add(box);
  for (const step of steps.slice(0, at + 1)) {
    if (step.kind === "forward") known.valued.add(step.box);
    else if (step.kind === "turn") known.arrived.set(step.box, 1);
    else if (step.kind === "product") {
      known.passed.add(`${step.from} ${step.to}`);
      known.arrived.set(step.from, (known.arrived.get(step.from) ?? 0) + 1);
    }
  }
  return known;
}

/** The step in other steps that stands for the same place: the same kind, the nearest node. */
export function sameStep(was: Step | undefined, steps: Step[]): number {
  if (!was || was.kind === "given") return 0;
  if (was.kind === "done") return steps.length - 1;
  let best = 0;
  let apart = Infinity;
  steps.forEach((step, i) => {
    if (step.kind === was.kind && "node" in step) {
      const d = Math.abs(step.node - was.node);
      if (d < apart) [best, apart] = [i, d];
    }
  });
  return best;
}
