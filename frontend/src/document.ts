/** The document that the Python side writes into the page: chainrule.reporting.schema says the same. */

/** A number as JSON has it: what is not finite is a text. */
export type Num = number | "NaN" | "Infinity" | "-Infinity" | null;

/** Instead of a part that is not there. */
export interface Missing {
  reason: string;
}

/** A small picture of an array: signed bytes, b / 127 · scale; −128 is not finite. */
export interface Cells {
  rows: number;
  columns: number;
  scale: Num;
  data: string;
}

export type Kind = "parameter" | "data" | "operation" | "loss";

export interface GraphNode {
  kind: Kind;
  name: string;
  formula?: string;
  numbers?: string;
  op?: string;
  shape: number[];
  module?: string;
  value?: string;
  gradient?: string;
  v?: Cells;
  g?: Cells;
}

/** From what was computed first to what was computed from it; with a name where a gradient flows back along it. */
export interface GraphEdge {
  from: number;
  to: number;
  name?: string;
  formula?: string;
  listed?: boolean;
  value?: string;
  share?: string;
  number?: Num;
}

export interface Graph {
  step: number;
  loss: string;
  operations: number;
  left_out: number;
  kinds: Record<string, string>;
  nodes: GraphNode[];
  edges: GraphEdge[];
}

export interface Curves {
  steps: number[];
  losses: Num[];
  rates: Num[][];
  count: number;
  by_hand: boolean;
  ended: string;
}

export interface FlowRow {
  name: string;
  shape: number[];
  gradient: Num[];
  value: Num[];
  update: Num[];
}

export interface Flow {
  steps: number[];
  left_out: number;
  parameters: FlowRow[];
}

/** `shares` holds, for each step, one byte for each bin: share of the entries / `most` · 254. */
export interface Activation {
  name: string;
  kind: string;
  shape: number[];
  steps: number[];
  low: number;
  high: number;
  bins: number;
  most: number;
  shares: string;
  medians: Num[];
  zeros: Num[];
}

export interface Plane {
  kind: "curve" | "parameters" | "movement" | "random";
  labels: string[];
  xs: number[];
  ys: number[];
  z: Num[][];
  path: Num[][];
  steps: number[];
  losses: Num[];
}

export interface Surface {
  batches: number;
  planes: Plane[];
}

export interface Frame {
  values?: string;
  classes?: string;
  curve?: Num[];
}

export interface Fit {
  task: "regression" | "binary" | "classes";
  labels: string[];
  target: string;
  points: { x: number[][]; y: Num[]; of: number };
  axes: number[][];
  range: [number, number];
  classes?: number;
  frames: Frame[];
  steps: number[];
}

export interface Ladder {
  title: string;
  header: string[];
  blocks: string[][][];
  verdict: string[];
}

export interface Finding {
  code: string;
  severity: "sure" | "hint";
  file: string;
  line: number;
  title: string;
  message: string;
  evidence: Record<string, string>;
  fix: string;
  section: string;
}

export interface Source {
  file: string;
  name: string;
  lines: string[];
  left_out: number;
}

export interface Document {
  schema: number;
  title: string;
  made: Record<string, string>;
  error: string;
  graphs: Graph[] | Missing;
  curves: Curves | Missing;
  flow: Flow | Missing;
  activations: Activation[] | Missing;
  surface: Surface | Missing;
  fit: Fit | Missing;
  ladders: Ladder[];
  findings: Finding[] | Missing;
  source: Source | Missing;
}

export function missing(part: object): part is Missing {
  return "reason" in part;
}

export function num(x: Num | undefined): number {
  return typeof x === "number" ? x : x === "Infinity" ? Infinity : x === "-Infinity" ? -Infinity : NaN;
}

export function bytes(data: string): Uint8Array {
  const text = atob(data);
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}

/** The entries of a small picture, from −1 to 1; NaN where they are not finite. */
export function entries(cells: Cells): number[] {
  return Array.from(new Int8Array(bytes(cells.data).buffer), (b) => (b === -128 ? NaN : b / 127));
}

export function read(text: string): Document {
  return JSON.parse(text) as Document;
}
