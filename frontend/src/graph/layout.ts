/** Where boxes and arrows lie. Each open module is laid out by itself, by dagre, and is then one box of the module around it.
 *
 * What enters or leaves a module passes its border through a port: a node without size, on the first or the last layer.
 * (dagre can lay out modules within modules itself, but then spreads a chain of three layers over 2400 × 870 pixels.)
 */
import dagre from "@dagrejs/dagre";
import type { Graph, GraphNode } from "../document";
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
  points: Point[];
  label?: Point;
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
  const pictures = (node.v || node.g) !== undefined && several(node);
  const below = pictures ? size(node.shape) : short(node.value ?? "", node.shape);
  const title = widthOf(isBranch(part) ? `+ ${lines[0]}` : lines[0], MATH) * (isBranch(part) ? 1.08 : 1);
  const gradient = pictures ? 0 : 1.1 * widthOf(short(node.gradient ?? "", node.shape), PLAIN); // it is written in bold
  const longest = Math.max(title, widthOf(below, PLAIN), gradient, pictures ? 2 * PICTURE + 18 : 60, isBranch(part) ? widthOf(lines[1], PLAIN) : 0);
  return { x: 0, y: 0, width: 2 * INSET + longest, height: 12 + LINE * lines.length + (pictures ? PICTURE + LINE + 10 : 2 * LINE + 4), lines };
}

/** Whether an array has more than one entry, so that a picture of it shows something. */
export function several(node: GraphNode): boolean {
  return node.shape.some((n) => n > 1);
}

/** The end of a long name, which says more than its beginning. */
export function tail(name: string, most = 30): string {
  return name.length <= most ? name : `…${name.slice(1 - most)}`;
}

/** A value that fits into a box: itself, or its shape; of a single entry the number. */
export function short(value: string, shape: number[]): string {
  const only = value.match(/^\[+([^,[\]]+)\]+$/);
  if (only) return only[1];
  return value.length <= 14 ? value : shape.length ? size(shape) : cut(value, 14);
}

interface Point {
  x: number;
  y: number;
}

/** A module's parts where they lie in it, and the ways of the arrows that lead to, from or between them. */
interface Laid {
  branch: Branch;
  width: number;
  height: number;
  items: { box: number; inner: Laid | null; x: number; y: number }[]; // with their upper left corners
  home: Map<number, number>; // of each box in it: the item
  ways: Map<string, Point[]>; // by the names of two items or ports
  labels: Map<string, Point>;
}

const PAD = 16; // within a frame
const HEAVY = 100; // what keeps ports at the border

export function layoutOf(graph: Graph, view: Seen, arrows: Arrow[], direction: "LR" | "TB"): Layout {
  const boxes = view.parts.map((_, box) => measured(graph, view, box));
  const opened = new Set(view.open.map((b) => b.id));
  const numbers = new Map(view.parts.map((part, box) => [part, box]));
  const labels = arrows.map((arrow) => (view.parts.length <= LABELLED ? labelOf(arrow) : ""));

  function lay(branch: Branch): Laid {
    const items = branch.parts.map((part) => {
      const inner = isBranch(part) && opened.has(part.id) ? lay(part) : null;
      return { box: inner ? -1 : numbers.get(part)!, inner, x: 0, y: 0 };
    });
    const home = new Map<number, number>();
    items.forEach(({ box, inner }, i) => {
      if (inner) for (const within of inner.home.keys()) home.set(within, i);
      else home.set(box, i);
    });
    return placed({ branch, width: 0, height: 0, items, home, ways: new Map(), labels: new Map() });
  }

  function placed(laid: Laid): Laid {
    const g = new dagre.graphlib.Graph();
    g.setGraph({ rankdir: direction, nodesep: 20, ranksep: 44, edgesep: 12 });
    const sizes = laid.items.map(({ box, inner }) => inner ?? boxes[box]);
    sizes.forEach(({ width, height }, i) => g.setNode(String(i), { width, height }));
    arrows.forEach((arrow, k) => {
      const ends = endsOf(laid, arrow);
      if (!ends) return;
      const [from, to] = ends;
      for (const [port, side] of [[from, "in"], [to, "out"]]) {
        if (!port.startsWith(side)) continue;
        for (const end of [side, port]) g.setNode(end, { width: 0, height: 0 });
        g.setEdge(side === "in" ? side : port, side === "in" ? port : side, { weight: HEAVY });
      }
      const single = !Number.isNaN(Number(from)) && !Number.isNaN(Number(to)) && laid.items[+from].box >= 0 && laid.items[+to].box >= 0;
      const label = single && labels[k] ? { width: widthOf(labels[k], LABEL) + 14, height: 20, labelpos: "c" } : {};
      const ports = [from.startsWith("in"), to.startsWith("out")].filter(Boolean).length;
      g.setEdge(from, to, { ...label, minlen: 1 + ports }); // a layer lies between a port and what it leads to
    });
    dagre.layout(g);
    return cropped(laid, g, sizes, direction);
  }

  const whole = lay({ id: "", title: "", kind: "", parts: rootParts(view), parent: null, first: 0, size: 0 });
  const frames: Frame[] = [];
  const spread = (laid: Laid, x: number, y: number): void => {
    for (const item of laid.items) {
      const { width, height } = item.inner ?? boxes[item.box];
      const at = { x: x + item.x + width / 2, y: y + item.y + height / 2 };
      if (!item.inner) Object.assign(boxes[item.box], at);
      else {
        frames.push({ branch: item.inner.branch, ...at, width, height });
        spread(item.inner, x + item.x, y + item.y);
      }
    }
  };
  spread(whole, 0, 0);
  const ways = arrows.map((arrow) => ({ points: wayOf(whole, arrow, 0, 0), label: labelAt(whole, arrow, 0, 0) }));
  return { boxes, frames, ways, width: whole.width, height: whole.height };
}

/** What lies in no module. */
function rootParts(view: Seen): Branch["parts"] {
  let top = view.open[0] ?? view.parts.find(isBranch);
  while (top?.parent) top = top.parent;
  return top ? top.parts : view.parts;
}

/** The items or ports that an arrow joins in a module; null where it is not seen there. */
function endsOf(laid: Laid, arrow: Arrow): [string, string] | null {
  const [s, t] = [laid.home.get(arrow.from), laid.home.get(arrow.to)];
  if (s === t) return null; // both outside, or both within one part
  return [s === undefined ? `in${arrow.from}` : String(s), t === undefined ? `out${arrow.from}` : String(t)];
}

/** Put everything where dagre has put it, without the space that ports take. */
function cropped(laid: Laid, g: InstanceType<typeof dagre.graphlib.Graph>, sizes: { width: number; height: number }[], direction: "LR" | "TB"): Laid {
  const corners = sizes.map(({ width, height }, i) => {
    const centre = g.node(String(i)) as Point;
    return { x: centre.x - width / 2, y: centre.y - height / 2 };
  });
  const real = g.edges().filter(({ v, w }) => v !== "in" && w !== "out");
  const points = real.flatMap((e) => (g.edge(e) as { points: Point[] }).points);
  const [along, across] = direction === "LR" ? (["x", "y"] as const) : (["y", "x"] as const);
  const low = { x: 0, y: 0 };
  const high = { x: 0, y: 0 };
  low[along] = Math.min(...corners.map((c) => c[along]));
  high[along] = Math.max(...corners.map((c, i) => c[along] + (along === "x" ? sizes[i].width : sizes[i].height)));
  low[across] = Math.min(...corners.map((c) => c[across]), ...points.map((p) => p[across]));
  high[across] = Math.max(...corners.map((c, i) => c[across] + (across === "x" ? sizes[i].width : sizes[i].height)), ...points.map((p) => p[across]));
  laid.width = high.x - low.x + 2 * PAD;
  laid.height = high.y - low.y + 2 * PAD;
  const size = { x: laid.width, y: laid.height };
  const moved = (p: Point): Point => {
    const at = { x: p.x - low.x + PAD, y: p.y - low.y + PAD };
    at[along] = Math.min(Math.max(at[along], 0), size[along]);
    return at;
  };
  corners.forEach((corner, i) => Object.assign(laid.items[i], moved(corner)));
  for (const e of real) {
    const edge = g.edge(e) as { points: Point[]; x?: number; y?: number };
    laid.ways.set(`${e.v} ${e.w}`, edge.points.map(moved));
    if (edge.x !== undefined) laid.labels.set(`${e.v} ${e.w}`, moved({ x: edge.x, y: edge.y ?? 0 }));
  }
  return laid;
}

/** The way of an arrow: out of the modules that it begins in, and into those that it ends in. */
function wayOf(laid: Laid, arrow: Arrow, x: number, y: number): Point[] {
  const within = (i: number | undefined): Point[] => {
    const item = i === undefined ? undefined : laid.items[i];
    return item?.inner ? wayOf(item.inner, arrow, x + item.x, y + item.y) : [];
  };
  const ends = endsOf(laid, arrow);
  if (!ends) return within(laid.home.get(arrow.from));
  const own = (laid.ways.get(ends.join(" ")) ?? []).map((p) => ({ x: p.x + x, y: p.y + y }));
  return [...within(laid.home.get(arrow.from)), ...own, ...within(laid.home.get(arrow.to))];
}

function labelAt(laid: Laid, arrow: Arrow, x: number, y: number): Point | undefined {
  const ends = endsOf(laid, arrow);
  if (ends) {
    const at = laid.labels.get(ends.join(" "));
    return at && { x: at.x + x, y: at.y + y };
  }
  const item = laid.items[laid.home.get(arrow.from) ?? -1];
  return item?.inner ? labelAt(item.inner, arrow, x + item.x, y + item.y) : undefined;
}

/** What an arrow between two operations is labelled with: the local gradient and its value. */
export function labelOf(arrow: Arrow): string {
  if (arrow.edges.length !== 1 || !arrow.edges[0].listed) return "";
  const { formula = "", value = "" } = arrow.edges[0];
  const each = uniform(value);
  if (formula === each) return formula;
  return each.length <= 12 && each ? cut(`${formula} = ${each}`, 26) : cut(formula, 18);
}

/** Of an array whose entries are all the same, that entry; else the text as it is. */
export function uniform(value: string): string {
  const each = value.match(/each (\S+)$/)?.[1];
  const entries = value.startsWith("[") ? value.replace(/[[\]]/g, "").split(", ") : [];
  return each ?? (entries.length && entries.every((e) => e === entries[0]) ? entries[0] : value);
}
