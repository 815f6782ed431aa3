/** The modules of a graph as a tree, and what of it is seen when some are open.
 *
 * Where a module has very many parts, successive ones are put into groups, so that whatever is opened, little comes at once.
 */
import type { Graph } from "../document";

export const WIDE = 40; // parts of one module that are shown side by side
export const COMFORTABLE = 34; // boxes that are shown at first
export const MOST = 400; // boxes that a browser lays out while one waits

export interface Branch {
  id: string;
  title: string;
  kind: string; // the module's class, "" for a group
  parts: Part[];
  parent: Branch | null;
  first: number; // its earliest node
  size: number; // nodes in it
}

export type Part = Branch | number;

export function isBranch(part: Part): part is Branch {
  return typeof part !== "number";
}

/** The tree of a graph; its root stands for the program itself. */
export function treeOf(graph: Graph): Branch {
  const root = branch("", "", "", null, 0);
  const byPath = new Map<string, Branch>([["", root]]);
  graph.nodes.forEach((node, id) => {
    const home = branchOf(node.module ?? "", graph, byPath, id);
    home.parts.push(id);
    for (let b: Branch | null = home; b; b = b.parent) b.size++;
  });
  dissolve(root);
  group(root);
  return root;
}

/** A module with a single part, such as an activation, is that part. */
function dissolve(b: Branch): void {
  b.parts = b.parts.map((part) => {
    if (!isBranch(part)) return part;
    dissolve(part);
    if (part.parts.length > 1) return part;
    const only = part.parts[0];
    if (isBranch(only)) only.parent = b;
    return only;
  });
}

function branch(id: string, title: string, kind: string, parent: Branch | null, first: number): Branch {
  return { id, title, kind, parts: [], parent, first, size: 0 };
}

function branchOf(path: string, graph: Graph, known: Map<string, Branch>, first: number): Branch {
  const found = known.get(path);
  if (found) return found;
  const dot = path.lastIndexOf(".");
  const outer = branchOf(dot < 0 ? "" : path.slice(0, dot), graph, known, first);
  const made = branch(path, path.slice(dot + 1), graph.kinds[path] ?? "", outer, first);
  outer.parts.push(made);
  known.set(path, made);
  return made;
}

/** Put successive parts together until no branch has more than `WIDE`. */
function group(b: Branch): void {
  for (const part of b.parts) if (isBranch(part)) group(part);
  if (b.parts.length <= WIDE) return;
  const length = Math.max(2, Math.ceil(b.parts.length / WIDE));
  const groups: Branch[] = [];
  for (let i = 0; i < b.parts.length; i += length) {
    const parts = b.parts.slice(i, i + length);
    const made = branch(`${b.id}#${i}+${length}`, "", "", b, firstOf(parts[0]));
    made.parts = parts;
    for (const part of parts) {
      if (isBranch(part)) part.parent = made;
      made.size += isBranch(part) ? part.size : 1;
    }
    group(made);
    groups.push(made);
  }
  b.parts = groups;
}

export function firstOf(part: Part): number {
  return isBranch(part) ? part.first : part;
}

export function* branches(b: Branch): Generator<Branch> {
  for (const part of b.parts) {
    if (isBranch(part)) {
      yield part;
      yield* branches(part);
    }
  }
}

export function* leaves(b: Branch): Generator<number> {
  for (const part of b.parts) {
    if (isBranch(part)) yield* leaves(part);
    else yield part;
  }
}

/** The branches that are open at first: the outermost, as long as little enough is seen. */
export function openAtFirst(root: Branch, comfortable = COMFORTABLE): Set<string> {
  const open = new Set<string>();
  let seen = root.parts.length;
  let level = root.parts.filter(isBranch);
  while (level.length) {
    const next: Branch[] = [];
    for (const b of level) {
      if (seen - 1 + b.parts.length > comfortable) continue;
      open.add(b.id);
      seen += b.parts.length - 1;
      next.push(...b.parts.filter(isBranch));
    }
    level = next;
  }
  return open;
}

export interface Seen {
  parts: Part[]; // boxes: nodes, and branches that are closed
  open: Branch[]; // branches that are open, the outer before the inner
  homes: Int32Array; // of each node: the index of its box in `parts`
}

/** The boxes that are seen. */
export function seen(root: Branch, open: ReadonlySet<string>, nodes: number): Seen {
  const found: Seen = { parts: [], open: [], homes: new Int32Array(nodes) };
  const visit = (b: Branch): void => {
    for (const part of b.parts) {
      const index = found.parts.length;
      if (!isBranch(part)) {
        found.homes[part] = index;
        found.parts.push(part);
      } else if (open.has(part.id)) {
        found.open.push(part);
        visit(part);
      } else {
        for (const id of leaves(part)) found.homes[id] = index;
        found.parts.push(part);
      }
    }
  };
  visit(root);
  return found;
}

/** How many boxes there would be with everything open. */
export function total(root: Branch): number {
  return root.size;
}
