/** "How the loss came to be": the drawing, the steps through it, the blackboard, and the same as a table. */
import type { JSX } from "preact";
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Document, Finding, Graph } from "../document";
import { missing } from "../document";
import { counted, size } from "../format";
import { Absent, Choice, Numbers, Section } from "../parts";
import { Blackboard } from "./Blackboard";
import { type Camera, Drawing } from "./Drawing";
import { Stepper } from "./Stepper";
import { layoutOf } from "./layout";
import { arrowsOf, computed, knownAfter, lastNode, sameStep, stepsOf } from "./steps";
import { MOST, branches, openAtFirst, seen, total, treeOf } from "./tree";

const ROWS = 1000; // of the table
const NARROW = 640; // pixels below which the graph runs downwards

export function GraphSection({ doc, findings }: { doc: Document; findings: Finding[] }): JSX.Element {
  const [which, choose] = useState<string>(missing(doc.graphs) ? "0" : String(doc.graphs.length - 1));
  const lead = "Forwards, each result is computed from what is known. Backwards, each step multiplies the gradient that has arrived by one local gradient.";
  if (missing(doc.graphs)) {
    return (
      <Section id="graph" title="How the loss came to be" findings={findings}>
        <Absent part={doc.graphs} what="No graph to step through:" />
      </Section>
    );
  }
  const graph = doc.graphs[Number(which)];
  return (
    <Section id="graph" title="How the loss came to be" lead={lead} findings={findings}>
      {doc.graphs.length > 1 && (
        <Choice
          label="the backward pass of"
          options={doc.graphs.map((g, i) => [String(i), `step ${g.step}`])}
          value={which}
          onChoose={choose}
        />
      )}
      <Explorer key={which} graph={graph} />
    </Section>
  );
}

function Explorer({ graph }: { graph: Graph }): JSX.Element {
  const tree = useMemo(() => treeOf(graph), [graph]);
  const [open, setOpen] = useState<ReadonlySet<string>>(() => openAtFirst(tree));
  const [direction, setDirection] = useState<"LR" | "TB">(window.innerWidth < NARROW ? "TB" : "LR");
  const view = useMemo(() => seen(tree, open, graph.nodes.length), [tree, open]);
  const arrows = useMemo(() => arrowsOf(graph, view), [view]);
  const layout = useMemo(() => layoutOf(graph, view, arrows, direction), [view, arrows, direction]);
  const steps = useMemo(() => stepsOf(graph, view, arrows), [view, arrows]);
  const [at, go] = useState(0);
  const before = useRef({ steps, at });
  const here = before.current.steps === steps ? at : sameStep(before.current.steps[before.current.at], steps); // after a fold
  before.current = { steps, at: here };
  useEffect(() => go(here), [steps]);
  const known = useMemo(
    () => knownAfter(steps, here, view.parts.length, (box) => !computed(graph, lastNode(graph, view.parts[box]))),
    [steps, here],
  );
  const toggle = useCallback((id: string) => setOpen((was) => toggled(was, id)), []);
  const camera = useRef<Camera | null>(null);
  const all = useMemo(() => [...branches(tree)], [tree]);
  const onKey = (e: KeyboardEvent): void => {
    if (e.altKey || e.ctrlKey || e.metaKey || (e.target as HTMLElement).closest("input")) return;
    const to = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: steps.length - 1 }[e.key];
    if (to === undefined) return;
    e.preventDefault();
    go(Math.min(Math.max(to, 0), steps.length - 1));
  };
  return (
    <div class="explorer" onKeyDown={onKey} tabIndex={0} role="group" aria-label="graph; the arrow keys step through it">
      <div class="tools" role="group" aria-label="view">
        {all.length > 0 && (
          <>
            <button
              type="button"
              disabled={total(tree) > MOST || open.size === all.length}
              title={total(tree) > MOST ? `${total(tree)} boxes are too many at once: open modules one by one` : "open all modules"}
              onClick={() => setOpen(new Set(all.map((b) => b.id)))}
            >
              unfold all
            </button>
            <button type="button" disabled={open.size === 0} onClick={() => setOpen(new Set())}>
              fold all
            </button>
          </>
        )}
        <button type="button" aria-pressed={direction === "TB"} onClick={() => setDirection(direction === "LR" ? "TB" : "LR")}>
          {direction === "LR" ? "downwards" : "sideways"}
        </button>
        <button type="button" aria-label="larger" onClick={() => camera.current?.by(1.3)}>
          +
        </button>
        <button type="button" aria-label="smaller" onClick={() => camera.current?.by(1 / 1.3)}>
          −
        </button>
        <button type="button" onClick={() => camera.current?.whole()}>
          whole
        </button>
      </div>
      <div class="stage">
        <Drawing graph={graph} view={view} arrows={arrows} layout={layout} step={steps[here]} known={known} toggle={toggle} camera={(c) => (camera.current = c)} />
      </div>
      <Stepper steps={steps} at={here} go={go} />
      <Blackboard graph={graph} view={view} steps={steps} at={here} arrived={known.arrived} />
      <Legend graph={graph} modules={all.length > 0} />
      <Numbers caption={`${counted(graph.operations, "operation")}, step ${graph.step}`} header={["name", "formula", "value", `∂${graph.loss}/∂(it)`]} rows={() => rowsOf(graph)} />
    </div>
  );
}

function toggled(open: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(open);
  if (!next.delete(id)) next.add(id);
  return next;
}

function rowsOf(graph: Graph): string[][] {
  return graph.nodes
    .slice(-ROWS)
    .map((n) => [n.name, n.formula ?? { parameter: "parameter", data: "given" }[n.kind as "data"] ?? "", n.value ?? size(n.shape), n.gradient ?? "–"]);
}

function Legend({ graph, modules }: { graph: Graph; modules: boolean }): JSX.Element {
  return (
    <p class="legend">
      <span class="key parameter">parameter</span>
      <span class="key data">data</span>
      <span class="key operation">result</span>
      {modules && <span class="key module">module, opens by a click</span>}
      <span class="key gradient">gradient</span>
      {graph.left_out > 0 && <span>Shown are the {graph.nodes.length} quantities nearest to the loss; {graph.left_out} are left out.</span>}
    </p>
  );
}
