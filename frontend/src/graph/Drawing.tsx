/** The graph: boxes in frames, arrows between them, and over them what is known after the present step. */
import type { JSX } from "preact";
import { useContext, useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { curveBasis, line } from "d3-shape";
import { select } from "d3-selection";
import { type ZoomBehavior, type ZoomTransform, zoom, zoomIdentity } from "d3-zoom";
import type { Cells, Graph } from "../document";
import { num } from "../document";
import { cut, number, size } from "../format";
import { Printing } from "../theme";
import { Squares } from "./Picture";
import { INSET, LABEL, LINE, type Layout, PICTURE, labelOf, several, short } from "./layout";
import { PLAIN, widthOf } from "./measure";
import { type Arrow, type Known, type Step, lastNode } from "./steps";
import { type Seen, isBranch } from "./tree";

const SMALLEST = 0.85; // scale below which little can be read
const NARROW = 0.66; // the same on a phone
const TALLEST = 520; // pixels
const LEAST = 230;
const curve = line<{ x: number; y: number }>((p) => p.x, (p) => p.y).curve(curveBasis);

export interface Camera {
  by: (factor: number) => void;
  whole: () => void;
}

interface Props {
  graph: Graph;
  view: Seen;
  arrows: Arrow[];
  layout: Layout;
  step: Step;
  known: Known;
  toggle: (id: string) => void;
  camera: (camera: Camera) => void;
}

export function Drawing(props: Props): JSX.Element {
  const { graph, layout, step } = props;
  const svg = useRef<SVGSVGElement>(null);
  const inner = useRef<SVGGElement>(null);
  const zoomer = useRef<ZoomBehavior<SVGSVGElement, unknown> | null>(null);
  const now = useRef<ZoomTransform>(zoomIdentity);
  useEffect(() => {
    const z = zoom<SVGSVGElement, unknown>()
      .scaleExtent([0.05, 3])
      .filter((e: Event) => (e.type === "wheel" ? (e as WheelEvent).ctrlKey || (e as WheelEvent).metaKey : e.type !== "touchstart" || (e as TouchEvent).touches.length > 1))
      .on("zoom", (e: { transform: ZoomTransform }) => {
        now.current = e.transform;
        inner.current?.setAttribute("transform", e.transform.toString());
      });
    zoomer.current = z;
    select(svg.current!).call(z).on("dblclick.zoom", null);
  }, []);
  const place = (t: ZoomTransform): void => void select(svg.current!).call(zoomer.current!.transform, t);
  const whole = (least = 0): void => {
    const { width, height } = svg.current!.getBoundingClientRect();
    const fitting = Math.min(width / layout.width, height / layout.height, 1.15);
    const k = Math.max(fitting, least);
    const x = (width - layout.width * k) / 2;
    place(zoomIdentity.translate(layout.width * k <= width ? x : 0, Math.max((height - layout.height * k) / 2, 0)).scale(k));
  };
  useEffect(() => {
    const { width } = svg.current!.getBoundingClientRect();
    const smallest = width < 500 ? NARROW : SMALLEST;
    const scale = Math.max(Math.min(width / layout.width, 1.15), smallest);
    const room = Math.min(TALLEST, 0.72 * window.innerHeight);
    svg.current!.style.height = `${Math.round(Math.max(LEAST, Math.min(layout.height * scale + 8, room)))}px`;
    whole(smallest);
    props.camera({ by: (factor) => select(svg.current!).call(zoomer.current!.scaleBy, factor), whole });
  }, [layout]);
  useEffect(() => follow(), [step, layout]);
  const printing = useContext(Printing);
  useLayoutEffect(() => {
    if (!printing) return;
    const { height } = svg.current!.style;
    const was = now.current;
    inner.current!.removeAttribute("transform");
    svg.current!.style.height = "auto";
    return () => {
      svg.current!.style.height = height;
      inner.current!.setAttribute("transform", was.toString());
    };
  }, [printing]);

  /** Move what is told about into sight. */
  function follow(): void {
    const told = toldBoxes(step).map((i) => layout.boxes[i]);
    const { width, height } = svg.current!.getBoundingClientRect();
    const { k, x, y } = now.current;
    const left = Math.min(...told.map((b) => b.x - b.width / 2)) * k + x;
    const right = Math.max(...told.map((b) => b.x + b.width / 2)) * k + x;
    const top = Math.min(...told.map((b) => b.y - b.height / 2)) * k + y;
    const bottom = Math.max(...told.map((b) => b.y + b.height / 2)) * k + y;
    if (!told.length || (left >= 0 && right <= width && top >= 0 && bottom <= height)) return;
    place(zoomIdentity.translate(x + width / 2 - (left + right) / 2, layout.height * k <= height ? y : y + height / 2 - (top + bottom) / 2).scale(k));
  }

  return (
    <svg ref={svg} class="drawing" viewBox={printing ? `0 0 ${layout.width} ${layout.height}` : undefined} role="group" aria-label={`computation graph of ${graph.loss}: ${graph.operations} operations`} aria-describedby="blackboard">
      <defs>
        {["plain", "back"].map((kind) => (
          <marker key={kind} id={`head-${kind}`} class={`head-${kind}`} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="11" markerHeight="11" markerUnits="userSpaceOnUse" orient="auto-start-reverse">
            <path d="M0 0.6 L7.4 4 L0 7.4 z" />
          </marker>
        ))}
      </defs>
      <g ref={inner}>
        <Still {...props} />
      </g>
    </svg>
  );
}

/** The boxes that a step is about. */
export function toldBoxes(step: Step): number[] {
  if (step.kind === "forward" || step.kind === "turn") return [step.box];
  return step.kind === "product" ? [step.from, step.to] : [];
}

function Still(props: Props): JSX.Element {
  const { arrows, layout, step, known } = props;
  const active = step.kind === "product" ? `${step.from} ${step.to}` : "";
  const into = step.kind === "forward" ? step.box : -1;
  const paths = useMemo(() => layout.ways.map((way) => curve(way.points) ?? ""), [layout]);
  return (
    <>
      {layout.frames.map((frame) => (
        <FrameBox key={frame.branch.id} {...props} frame={frame} />
      ))}
      {arrows.map((arrow, i) => {
        const key = `${arrow.from} ${arrow.to}`;
        const state = key === active ? "active" : known.passed.has(key) ? "passed" : arrow.to === into ? "used" : "";
        const label = state === "active" || state === "passed" ? labelOf(arrow) : "";
        const at = layout.ways[i].label;
        const back = state === "active" || state === "passed";
        return (
          <g key={key} class={`arrow ${state}`}>
            <path d={paths[i]} {...(back ? { "marker-start": "url(#head-back)" } : { "marker-end": "url(#head-plain)" })} />
            {at && label && (
              <g transform={`translate(${at.x} ${at.y})`} class="label">
                <rect x={-widthOf(label, LABEL) / 2 - 7} y={-10} width={widthOf(label, LABEL) + 14} height={20} rx={10} />
                <text text-anchor="middle" y={4}>
                  {label}
                </text>
              </g>
            )}
          </g>
        );
      })}
      {layout.boxes.map((_, i) => (
        <OneBox key={i} {...props} index={i} />
      ))}
    </>
  );
}

function FrameBox(props: Props & { frame: Layout["frames"][number] }): JSX.Element {
  const { frame, toggle, graph } = props;
  const b = frame.branch;
  const title = b.title ? `${b.title}${b.kind ? `: ${b.kind}` : ""}` : `${graph.nodes[b.first].name} …`;
  return (
    <g class="frame" transform={`translate(${frame.x - frame.width / 2} ${frame.y - frame.height / 2})`}>
      <rect width={frame.width} height={frame.height} rx={12} />
      <Button label={`fold ${title}`} expanded={true} act={() => toggle(b.id)}>
        <rect class="tab" x={8} y={-10} width={widthOf(`− ${cut(title, 40)}`, PLAIN) + 20} height={20} rx={10} />
        <text x={18} y={4}>
          − {cut(title, 40)}
        </text>
      </Button>
    </g>
  );
}

/** Something to press within the drawing, by mouse or keyboard. */
function Button(props: { label: string; expanded: boolean; act: () => void; children: JSX.Element[] }): JSX.Element {
  return (
    <g
      class="press"
      role="button"
      tabindex={0}
      aria-label={props.label}
      aria-expanded={props.expanded}
      onClick={props.act}
      onKeyDown={(e) => {
        if (e.key === "Enter" || e.key === " ") {
          e.preventDefault();
          props.act();
        }
      }}
    >
      {props.children}
    </g>
  );
}

function OneBox(props: Props & { index: number }): JSX.Element {
  const { graph, view, layout, step, known, toggle, index } = props;
  const part = view.parts[index];
  const box = layout.boxes[index];
  const module = isBranch(part);
  const node = graph.nodes[lastNode(graph, part)];
  const kind = module ? "module" : node.kind;
  const told = toldBoxes(step).includes(index) ? " told" : "";
  const way = step.kind === "product" ? " back" : "";
  const valued = known.valued.has(index);
  const content = (
    <>
      <rect class="body" width={box.width} height={box.height} rx={module ? 12 : 8} />
      {module && <rect class="behind" x={4} y={4} width={box.width - 8} height={box.height - 8} rx={9} />}
      <text class="title" x={12} y={20}>
        {module ? "+ " : ""}
        {box.lines[0]}
      </text>
      {module && (
        <text class="inside" x={12} y={20 + LINE}>
          {box.lines[1]}
        </text>
      )}
      <Amounts {...props} node={node} y={20 + LINE * box.lines.length} valued={valued} />
    </>
  );
  const title = module ? `${part.title ? part.id : box.lines[0]}: ${part.size} parts` : node.name;
  return (
    <g class={`box ${kind}${told}${told && way}${valued ? "" : " waiting"}`} transform={`translate(${box.x - box.width / 2} ${box.y - box.height / 2})`} data-name={module ? part.id : node.name}>
      <title>{module ? title : [node.formula ? `${node.name} = ${node.formula}` : node.name, valued ? node.value : ""].filter(Boolean).join("\n")}</title>
      {module ? (
        <Button label={`unfold ${title}`} expanded={false} act={() => toggle(part.id)}>
          {[content]}
        </Button>
      ) : (
        content
      )}
    </g>
  );
}

/** The value and, once it has arrived, the gradient: as numbers, or as pictures of arrays. */
function Amounts(props: Props & { index: number; node: Graph["nodes"][number]; y: number; valued: boolean }): JSX.Element {
  const { graph, view, known, index, node, y, valued } = props;
  const arrived = known.arrived.get(index) ?? 0;
  const expected = expectedProducts(graph, view, index);
  const all = arrived >= expected;
  if ((node.v || node.g) && several(node)) {
    return (
      <>
        {valued && node.v && <Squared cells={node.v} x={INSET} y={y - 8} kind="value" />}
        {arrived > 0 && node.g && <Squared cells={node.g} x={INSET + PICTURE + 16} y={y - 8} kind={all ? "gradient" : "gradient part"} />}
        <text class="shape" x={INSET} y={y + PICTURE + 10}>
          {all || !arrived ? size(node.shape) : `${arrived} of ${expected} gradients`}
        </text>
      </>
    );
  }
  return (
    <>
      {valued && (
        <text class="amount value" x={INSET} y={y + 1}>
          {short(node.value ?? "", node.shape)}
        </text>
      )}
      {arrived > 0 && node.gradient !== undefined && (
        <text class="amount gradient" x={INSET} y={y + LINE + 1}>
          {all ? short(node.gradient, node.shape) : partialSum(props) || `${arrived} of ${expected}`}
        </text>
      )}
    </>
  );
}

function Squared({ cells, x, y, kind }: { cells: Cells; x: number; y: number; kind: string }): JSX.Element {
  return (
    <g class={`squares ${kind}`} transform={`translate(${x} ${y})`}>
      <Squares cells={cells} side={PICTURE} />
    </g>
  );
}

/** How many products arrive at a box: one for each box that uses it. */
function expectedProducts(graph: Graph, view: Seen, index: number): number {
  let users = cache.get(view);
  if (!users) {
    const sets = view.parts.map(() => new Set<number>());
    for (const edge of graph.edges) {
      const [from, to] = [view.homes[edge.from], view.homes[edge.to]];
      if (from !== to && edge.share !== undefined) sets[from].add(to);
    }
    users = sets.map((s) => Math.max(1, s.size));
    cache.set(view, users);
  }
  return users[index];
}
const cache = new WeakMap<Seen, number[]>();

/** What of a number's gradient has arrived so far. */
function partialSum(props: Props & { index: number }): string {
  const { graph, view, known, index } = props;
  const part = view.parts[index];
  if (isBranch(part)) return "";
  const terms = graph.edges.filter((e) => e.from === part && known.passed.has(`${index} ${view.homes[e.to]}`)).map((e) => num(e.number));
  return terms.length && terms.every((t) => !Number.isNaN(t)) ? `${number(terms.reduce((a, b) => a + b, 0))} …` : "";
}
