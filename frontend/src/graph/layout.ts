/** Where boxes and arrows lie: dagre's layers, with open modules as frames around what is in them. */
import dagre from "@dagrejs/dagre";
import type { Graph } from "../document";
import { cut, size } from "../format";
import { MATH, PLAIN, widthOf } from "./measure";
import { type Arrow, lastNode } from "./steps";
import { type Branch, type Seen, isBranch } from "./tree";

export interface Box {
  x: number; // of its centre
  y: number;
  width: number;
  height: number;
  lines: string[]; // the title first
}

export interface Frame {
  branch: Branch;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Way {
  points: { x: number; y: number }[];
  label?: { x: number; y: number };
}

export interface Layout {
  boxes: Box[];
  frames: Frame[];
  ways: Way[]; // one for each arrow
  width: number;
  height: number;
}

export const LINE = 19; // height of a line of text
export const PICTURE = 34; // largest side of a box's picture of its value
export const INSET = 12;
export const LABEL = MATH.replace("14.5px", "12.5px");
const LABELLED = 26; // boxes up to which arrows are labelled
const LONGEST = 30; // characters of a line

export function titleOf(graph: Graph, view: Seen, box: number): string[] {
  const part = view.parts[box];
  if (isBranch(part)) {
    const inside = `${part.size} parts`;
    return part.title ? [cut(part.title + (part.kind ? `: ${part.kind}` : ""), LONGEST), inside] : [groupTitle(graph, part), inside];
  }
  const node = graph.nodes[part];
  const name = shortName(node.name);
  return [cut(node.formula ? `${name} = ${shortFormula(node.formula)}` : name, LONGEST)];
}

/** `v1 … v40` */
export function groupTitle(graph: Graph, part: Branch): string {
  return `${graph.nodes[part.first].name} … ${graph.nodes[lastNode(graph, part)].name}`;
}

/** Of a parameter, what it is called in its module; the frame around it says the rest. */
export function shortName(name: string): string {
  return name.length > 18 ? name.slice(name.lastIndexOf(".") + 1) : name;
}

function shortFormula(formula: string): string {
  return formula.replace(/[A-Za-z_]\w*(?:\[\d+\]|\.\w+)*\.(\w+)/g, (whole, last: string) => (formula.length > 24 ? last : whole));
}

export function measured(graph: Graph, view: Seen, box: number): Box {
  const lines = titleOf(graph, view, box);
  const part = view.parts[box];
  const node = graph.nodes[lastNode(graph, part)];
  const pictures = node.v || node.g ? isBranch(part) || node.shape.length > 0 : false;
  const below = pictures ? size(node.shape) || "1 number" : short(node.value ?? "", node.shape);
  const title = widthOf(isBranch(part) ? `+ ${lines[0]}` : lines[0], MATH) * (isBranch(part) ? 1.08 : 1);
  const longest = Math.max(title, widthOf(below, PLAIN), pictures ? 2 * PICTURE + 18 : 60, isBranch(part) ? widthOf(lines[1], PLAIN) : 0);
  return { x: 0, y: 0, width: 2 * INSET + longest, height: 12 + LINE * lines.length + (pictures ? PICTURE + LINE + 10 : 2 * LINE + 4), lines };
}

/** A value that fits into a box: itself, or its shape. */
export function short(value: string, shape: number[]): string {
  return value.length <= 14 ? value : shape.length ? size(shape) : cut(value, 14);
}

export function layoutOf(graph: Graph, view: Seen, arrows: Arrow[], direction: "LR" | "TB"): Layout {
  const g = new dagre.graphlib.Graph({ compound: true, multigraph: false });
  const labelled = view.parts.length <= LABELLED;
  g.setGraph({ rankdir: direction, nodesep: 22, ranksep: labelled ? 54 : 40, edgesep: 14, marginx: 16, marginy: 16 });
  g.setDefaultEdgeLabel(() => ({}));
  const boxes = view.parts.map((_, box) => measured(graph, view, box));
  boxes.forEach(({ width, height }, box) => g.setNode(String(box), { width, height }));
  const opened = new Set(view.open.map((b) => b.id));
  for (const b of view.open) g.setNode(`m${b.id}`, {});
  for (const b of view.open) if (b.parent && opened.has(b.parent.id)) g.setParent(`m${b.id}`, `m${b.parent.id}`);
  view.parts.forEach((part, box) => {
    const home = isBranch(part) ? part.parent : homeOf(view, part);
    if (home && opened.has(home.id)) g.setParent(String(box), `m${home.id}`);
  });
  for (const arrow of arrows) {
    const label = labelled ? labelOf(arrow) : "";
    g.setEdge(String(arrow.from), String(arrow.to), label ? { width: widthOf(label, LABEL) + 14, height: 20, labelpos: "c" } : {});
  }
  dagre.layout(g);
  boxes.forEach((box, i) => Object.assign(box, pick(g.node(String(i)))));
  const frames = view.open.map((branch) => ({ branch, ...pick(g.node(`m${branch.id}`)) }));
  const ways = arrows.map((arrow) => {
    const edge = g.edge(String(arrow.from), String(arrow.to)) as { points: Way["points"]; x?: number; y?: number };
    return { points: edge.points, label: edge.x === undefined ? undefined : { x: edge.x, y: edge.y ?? 0 } };
  });
  const { width = 0, height = 0 } = g.graph() as { width?: number; height?: number };
  return { boxes, frames, ways, width, height };
}

function pick(at: { x: number; y: number; width: number; height: number }): Omit<Frame, "branch"> {
  return { x: at.x, y: at.y, width: at.width, height: at.height };
}

function homeOf(view: Seen, node: number): Branch | undefined {
  return view.open.find((b) => b.parts.includes(node));
}

/** What an arrow between two operations is labelled with: the local gradient and its value. */
export function labelOf(arrow: Arrow): string {
  if (arrow.edges.length !== 1 || !arrow.edges[0].listed) return "";
  const { formula = "", value = "" } = arrow.edges[0];
  const each = value.match(/each (\S+)$/)?.[1] ?? value;
  if (formula === each) return formula;
  return each.length <= 12 && each ? cut(`${formula} = ${each}`, 26) : cut(formula, 18);
}
