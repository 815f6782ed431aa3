/** The loss around the path of descent. */
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { contours } from "d3-contour";
import { geoPathOf } from "../charts/rings";
import { smooth } from "../charts/smooth";
import { extent, quantileSorted } from "d3-array";
import { scaleLinear } from "d3-scale";
import { line } from "d3-shape";
import type { Document, Plane } from "../document";
import { missing, num } from "../document";
import { Bottom, Left, type Plot } from "../charts/Axes";
import { useWidth } from "../charts/size";
import { css, sequential } from "../colors";
import { number } from "../format";
import { Absent, Choice, Numbers, Section } from "../parts";
import { useDark } from "../theme";
import { named, nearest, TimeBar, useClock } from "../time";

const LEVELS = 14;
const FINER = 4; // points drawn for each that was computed
const WHAT: Record<Plane["kind"], string> = {
  curve: "The loss as a function of the only parameter; the points are where training passed.",
  parameters: "The loss as a function of two parameters, the others as they are after the last step.",
  movement: "The plane in which training moved most; it goes through the state after the last step.",
  random: "Two random directions from the state after the last step. A path among very many parameters is hardly seen from there.",
};

export function SurfaceSection({ doc }: { doc: Document }): JSX.Element {
  const [which, choose] = useState("0");
  if (missing(doc.surface)) {
    return (
      <Section id="surface" title="The landscape of the loss">
        <Absent part={doc.surface} what="No surface:" />
      </Section>
    );
  }
  const planes = doc.surface.planes;
  const plane = planes[Number(which)];
  return (
    <Section id="surface" title="The landscape of the loss" lead={`${WHAT[plane.kind]} Computed with the operations of the last step${doc.surface.batches > 1 ? `, as the mean over the last ${doc.surface.batches} batches` : " and its batch"}.`}>
      {planes.length > 1 && <Choice label="seen along" options={planes.map((p, i) => [String(i), nameOf(p)])} value={which} onChoose={choose} />}
      {plane.kind === "curve" ? <Valley plane={plane} /> : <Landscape plane={plane} />}
      <TimeBar label="training step, on the path" />
      <Numbers
        caption="path of descent"
        header={["step", ...plane.labels, "loss"]}
        rows={() => plane.steps.map((s, i) => [s, ...plane.path[i].map((v) => number(num(v))), number(num(plane.losses[i]))])}
      />
    </Section>
  );
}

function nameOf(p: Plane): string {
  return { curve: p.labels[0], parameters: p.labels.join(" and "), movement: "most movement", random: "random directions" }[p.kind];
}

function Landscape({ plane }: { plane: Plane }): JSX.Element {
  const [ref, width] = useWidth<HTMLDivElement>();
  const dark = useDark();
  const clock = useClock();
  const height = Math.min(460, Math.max(280, width * 0.62));
  const plot: Plot = { left: 56, right: width - 12, top: 24, bottom: height - 40 };
  const { xs, ys } = plane;
  const x = scaleLinear([xs[0], xs[xs.length - 1]], [plot.left, plot.right]);
  const y = scaleLinear([ys[0], ys[ys.length - 1]], [plot.bottom, plot.top]);
  const levels = useMemo(() => levelsOf(plane), [plane]);
  const rings = useMemo(() => {
    const z = plane.z.flat().map((v) => (Number.isFinite(num(v)) ? num(v) : levels[levels.length - 1]));
    const fine = smooth(z, xs.length, ys.length, FINER);
    return contours().size([fine.columns, fine.rows]).thresholds(levels)(fine.z);
  }, [plane]);
  const at = (i: number, scale: typeof x, along: number[]): number =>
    scale(along[0] + ((i - 0.5) / FINER / (along.length - 1)) * (along[along.length - 1] - along[0]));
  const path = plane.path.map((p) => p.map(num));
  const now = nearest(plane.steps, clock.step);
  const trace = line<number[]>((p) => x(p[0]), (p) => y(p[1]));
  const losses = plane.losses.map(num);
  return (
    <div ref={ref} class="chart">
      <svg width={width} height={height} role="img" aria-label={`loss over ${plane.labels.join(" and ")}, with the path of descent: at ${named(plane.steps[now], clock)} the loss is ${number(losses[now])}`}>
        <clipPath id="inside">
          <rect x={plot.left} y={plot.top} width={Math.max(0, plot.right - plot.left)} height={Math.max(0, plot.bottom - plot.top)} />
        </clipPath>
        <g clip-path="url(#inside)">
          <rect x={plot.left} y={plot.top} width={Math.max(0, plot.right - plot.left)} height={Math.max(0, plot.bottom - plot.top)} fill={css(sequential(0.92, dark))} />
          {rings.map((ring, i) => (
            <path key={i} class="ring" d={geoPathOf(ring, (u) => at(u, x, xs), (v) => at(v, y, ys))} fill={css(sequential(0.92 * (1 - (i + 1) / rings.length), dark))} />
          ))}
          <path class="descent halo" d={trace(path) ?? ""} />
          <path class="descent" d={trace(path) ?? ""} />
          {path.map((p, i) => (
            <circle class={i <= now ? "footprint" : "footprint later"} cx={x(p[0])} cy={y(p[1])} r={2.4} />
          ))}
          <circle class="start" cx={x(path[0][0])} cy={y(path[0][1])} r={4} />
          <circle class="here" cx={x(path[now][0])} cy={y(path[now][1])} r={6.5} />
        </g>
        <Bottom bare scale={x} plot={plot} label={plane.labels[0]} ticks={Math.max(3, Math.floor(width / 110))} />
        <Left bare scale={y} plot={plot} label={plane.labels[1]} />
        <text class="reading" x={plot.right} y={plot.top - 8} text-anchor="end">
          {named(plane.steps[now], clock)}: loss {number(losses[now])}
        </text>
      </svg>
      <p class="quiet">The stronger the colour, the smaller the loss. The ring marks the start, the large point the step that is chosen.</p>
    </div>
  );
}

/** Levels that follow the losses that occur, so that valleys show their shape and far walls do not hide them. */
export function levelsOf(plane: Plane): number[] {
  const z = plane.z.flat().map(num).filter(Number.isFinite).sort((a, b) => a - b);
  if (!z.length) return [0];
  const least = z[0];
  const found = Array.from({ length: LEVELS }, (_, i) => quantileSorted(z, ((i + 0.5) / LEVELS) ** 1.6) ?? least);
  return [...new Set(found.map((v) => Number(v.toPrecision(6))))].sort((a, b) => b - a);
}

function Valley({ plane }: { plane: Plane }): JSX.Element {
  const [ref, width] = useWidth<HTMLDivElement>();
  const clock = useClock();
  const height = 300;
  const plot: Plot = { left: 56, right: width - 12, top: 24, bottom: height - 40 };
  const z = plane.z[0].map(num);
  const path = plane.path.map((p) => num(p[0]));
  const losses = plane.losses.map(num);
  const x = scaleLinear([plane.xs[0], plane.xs[plane.xs.length - 1]], [plot.left, plot.right]);
  const [low, high] = extent([...z, ...losses].filter(Number.isFinite)) as [number, number];
  const y = scaleLinear([Math.min(0, low), high], [plot.bottom, plot.top]).nice();
  const trace = line<number>((_, i) => x(plane.xs[i]), (v) => y(v)).defined(Number.isFinite);
  const now = nearest(plane.steps, clock.step);
  return (
    <div ref={ref} class="chart">
      <svg width={width} height={height} role="img" aria-label={`loss over ${plane.labels[0]}; at ${number(path[now])} it is ${number(losses[now])}`}>
        <Bottom scale={x} plot={plot} label={plane.labels[0]} ticks={Math.max(3, Math.floor(width / 110))} />
        <Left scale={y} plot={plot} label="loss" />
        <g style={{ color: "var(--forward)" }}>
          <path class="line" d={trace(z) ?? ""} />
        </g>
        {path.map((p, i) => (
          <circle class={i <= now ? "footprint" : "footprint later"} cx={x(p)} cy={y(losses[i])} r={3} />
        ))}
        <circle class="here" cx={x(path[now])} cy={y(losses[now])} r={6.5} />
        <Tangent plane={plane} x={x} y={y} at={path[now]} />
      </svg>
    </div>
  );
}

/** The slope where training stands: that is the gradient. */
function Tangent({ plane, x, y, at }: { plane: Plane; x: (v: number) => number; y: (v: number) => number; at: number }): JSX.Element | null {
  const { xs } = plane;
  const z = plane.z[0].map(num);
  const i = Math.min(Math.max(nearest(xs, at), 1), xs.length - 2);
  const slope = (z[i + 1] - z[i - 1]) / (xs[i + 1] - xs[i - 1]);
  const level = z[i] + slope * (at - xs[i]);
  if (!Number.isFinite(slope)) return null;
  const reach = (xs[xs.length - 1] - xs[0]) * 0.14;
  return (
    <g>
      <line class="tangent" x1={x(at - reach)} y1={y(level - slope * reach)} x2={x(at + reach)} y2={y(level + slope * reach)} />
      <text class="reading gradient" x={x(at) + 12} y={y(level) - 10}>
        slope {number(slope, 3)}
      </text>
    </g>
  );
}
