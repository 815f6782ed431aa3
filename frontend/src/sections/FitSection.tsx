/** What the model makes of the data, over time. */
import type { JSX } from "preact";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { contours } from "d3-contour";
import { extent } from "d3-array";
import { scaleLinear } from "d3-scale";
import { line } from "d3-shape";
import type { Document, Finding, Fit } from "../document";
import { bytes, missing, num } from "../document";
import { Bottom, Left, type Plot } from "../charts/Axes";
import { geoPathOf } from "../charts/rings";
import { useWidth } from "../charts/size";
import { type RGB, classColor, css, diverging, sequential, tinted } from "../colors";
import { number } from "../format";
import { Absent, Numbers, Section } from "../parts";
import { useDark } from "../theme";
import { named, nearest, TimeBar, useClock } from "../time";

export function FitSection({ doc, findings }: { doc: Document; findings: Finding[] }): JSX.Element {
  const fit = doc.fit;
  if (missing(fit)) {
    return (
      <Section id="fit" title="What the model makes of the data" findings={findings}>
        <Absent part={fit} what="No picture of the fit:" />
      </Section>
    );
  }
  const shown = fit.points.x[0].length;
  const lead = `${LEAD[fit.task]} ${shown < fit.points.of ? `The points are ${shown} of the last ${fit.points.of} samples.` : "The points are samples of the last batches."}`;
  return (
    <Section id="fit" title="What the model makes of the data" lead={lead} findings={findings}>
      {fit.axes.length === 1 ? <Line fit={fit} /> : <Regions fit={fit} />}
      <TimeBar label="training step, for the fit" />
      <Numbers caption="samples" header={[...fit.labels, fit.target]} rows={() => fit.points.y.map((y, i) => [...fit.points.x.map((x) => number(x[i])), number(num(y))])} />
    </Section>
  );
}

const STROKES = 80; // samples up to which each error is drawn
const LEAD = {
  regression: "The prediction at each point, beside what was to be predicted.",
  binary: "The probability that the model gives to class 1; the line is where it is one half.",
  classes: "The class that the model finds likeliest: the paler, the less sure.",
};

function Line({ fit }: { fit: Fit }): JSX.Element {
  const [ref, width] = useWidth<HTMLDivElement>();
  const clock = useClock();
  const height = 320;
  const plot: Plot = { left: 52, right: width - 12, top: 24, bottom: height - 40 };
  const grid = fit.axes[0];
  const frames = useMemo(() => fit.frames.map((f) => curveOf(f, fit)), [fit]);
  const ys = fit.points.y.map(num);
  const x = scaleLinear([grid[0], grid[grid.length - 1]], [plot.left, plot.right]);
  const [low, high] = extent([...ys, ...frames[frames.length - 1]].filter(Number.isFinite)) as [number, number];
  const y = scaleLinear([low, high === low ? low + 1 : high], [plot.bottom, plot.top]).nice();
  const trace = line<number>((_, i) => x(grid[i]), (v) => y(v)).defined(Number.isFinite);
  const now = nearest(fit.steps, clock.step);
  const inPlace = (v: number): number => Math.min(Math.max(y(v), plot.top - 20), plot.bottom + 20);
  const reading = (v: number): number => frames[now][nearest(grid, v)];
  const strokes = fit.points.x[0].length <= STROKES;
  return (
    <div ref={ref} class="chart">
      <svg width={width} height={height} role="img" aria-label={`${fit.points.y.length} samples and the model's prediction over ${fit.labels[0]} at ${named(fit.steps[now], clock)}`}>
        <clipPath id="fit-inside">
          <rect x={plot.left} y={plot.top - 4} width={Math.max(0, plot.right - plot.left)} height={Math.max(0, plot.bottom - plot.top + 8)} />
        </clipPath>
        <Bottom scale={x} plot={plot} label={fit.labels[0]} ticks={Math.max(3, Math.floor(width / 110))} />
        <Left scale={y} plot={plot} label={fit.target} />
        <g clip-path="url(#fit-inside)">
          {frames.map((f, i) => i < now && <path class="line past" d={trace(f) ?? ""} />)}
          {strokes &&
            fit.points.x[0].map((v, i) => <line class="residual" x1={x(v)} x2={x(v)} y1={y(ys[i])} y2={inPlace(reading(v))} />)}
          <g style={{ color: "var(--backward)" }}>
            <path class="line thick" d={trace(frames[now]) ?? ""} />
          </g>
          {fit.points.x[0].map((v, i) => (
            <circle class="sample" cx={x(v)} cy={y(ys[i])} r={3.4} />
          ))}
        </g>
      </svg>
      <p class="quiet">
        The line is the prediction{fit.steps.length > 1 && `, at ${named(fit.steps[now], clock)}; pale ones are earlier`}.{strokes && " The thin strokes are the errors that the loss is made of."}
      </p>
    </div>
  );
}

/** A frame over one column as numbers: of classes, the probability of the second. */
function curveOf(frame: Fit["frames"][number], fit: Fit): number[] {
  if (frame.curve) return frame.curve.map(num);
  const [low, high] = fit.range;
  const values = Array.from(bytes(frame.values ?? ""), (b) => (b === 255 ? NaN : low + (b / 254) * (high - low)));
  const classes = frame.classes ? bytes(frame.classes) : null;
  return classes ? values.map((_, i) => classes[i]) : values;
}

function Regions({ fit }: { fit: Fit }): JSX.Element {
  const [ref, width] = useWidth<HTMLDivElement>();
  const dark = useDark();
  const clock = useClock();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [xs, ys] = fit.axes;
  const height = Math.min(480, Math.max(280, width * 0.66));
  const plot: Plot = { left: 52, right: width - 12, top: 24, bottom: height - 40 };
  const x = scaleLinear([xs[0], xs[xs.length - 1]], [plot.left, plot.right]);
  const y = scaleLinear([ys[0], ys[ys.length - 1]], [plot.bottom, plot.top]);
  const now = nearest(fit.steps, clock.step);
  const frame = useMemo(() => ({ values: bytes(fit.frames[now].values ?? ""), classes: fit.frames[now].classes ? bytes(fit.frames[now].classes!) : null }), [fit, now]);
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    const image = context.createImageData(xs.length, ys.length);
    for (let r = 0; r < ys.length; r++) {
      for (let c = 0; c < xs.length; c++) {
        const from = (ys.length - 1 - r) * xs.length + c;
        image.data.set([...shadeOf(fit, frame.values[from], frame.classes?.[from] ?? 0, dark), 255], 4 * (r * xs.length + c));
      }
    }
    context.putImageData(image, 0, 0);
  }, [frame, dark]);
  const edges = useMemo(() => boundary(fit, frame), [frame]);
  const at = (i: number, scale: typeof x, along: number[]): number => scale(along[0] + ((i - 0.5) / (along.length - 1)) * (along[along.length - 1] - along[0]));
  const targets = fit.points.y.map(num);
  const [low, high] = fit.range;
  const color = (t: number): RGB => (fit.task === "classes" ? classColor(t) : fit.task === "binary" ? classColor(t > 0.5 ? 1 : 0) : sequential((t - low) / (high - low || 1), dark));
  return (
    <div ref={ref} class="chart regions">
      <canvas
        ref={canvas}
        width={xs.length}
        height={ys.length}
        aria-hidden="true"
        style={{ left: `${plot.left}px`, top: `${plot.top}px`, width: `${Math.max(0, plot.right - plot.left)}px`, height: `${Math.max(0, plot.bottom - plot.top)}px` }}
      />
      <svg width={width} height={height} role="img" aria-label={`the model's ${fit.task === "regression" ? "prediction" : "classes"} over ${fit.labels.join(" and ")} at ${named(fit.steps[now], clock)}, with ${targets.length} samples`}>
        <clipPath id="regions-inside">
          <rect x={plot.left + 1} y={plot.top + 1} width={Math.max(0, plot.right - plot.left - 2)} height={Math.max(0, plot.bottom - plot.top - 2)} />
        </clipPath>
        <g clip-path="url(#regions-inside)">
          {edges.map((ring, i) => (
            <path key={i} class="boundary" d={geoPathOf(ring, (u) => at(u, x, xs), (v) => at(v, y, ys))} />
          ))}
        </g>
        <Bottom bare scale={x} plot={plot} label={fit.labels[0]} ticks={Math.max(3, Math.floor(width / 110))} />
        <Left bare scale={y} plot={plot} label={fit.labels[1]} />
        {fit.points.x[0].map((v, i) => (
          <Sample key={i} x={x(v)} y={y(fit.points.x[1][i])} shape={fit.task === "regression" ? 0 : Math.round(targets[i])} fill={css(color(targets[i]))} />
        ))}
      </svg>
    </div>
  );
}

/** Classes differ in shape too, not in colour alone. */
function Sample({ x, y, shape, fill }: { x: number; y: number; shape: number; fill: string }): JSX.Element {
  const r = 3.6;
  if (shape % 3 === 1) return <rect class="dot" x={x - r} y={y - r} width={2 * r} height={2 * r} fill={fill} />;
  if (shape % 3 === 2) return <path class="dot" d={`M${x} ${y - r * 1.3}L${x + r * 1.2} ${y + r}H${x - r * 1.2}z`} fill={fill} />;
  return <circle class="dot" cx={x} cy={y} r={r} fill={fill} />;
}

function shadeOf(fit: Fit, value: number, which: number, dark: boolean): RGB {
  if (value === 255) return [128, 128, 128];
  const t = value / 254;
  if (fit.task === "classes") return tinted(classColor(which), 0.12 + 0.42 * Math.max(0, (t - 1 / (fit.classes ?? 2)) / (1 - 1 / (fit.classes ?? 2))), dark);
  if (fit.task === "binary") return tinted(classColor(t > 0.5 ? 1 : 0), 0.1 + 0.44 * Math.abs(2 * t - 1), dark);
  const [low, high] = fit.range;
  const reach = Math.max(Math.abs(low), Math.abs(high)) || 1;
  return low < 0 && high > 0 ? diverging((low + t * (high - low)) / reach, dark) : sequential(t * 0.8, dark);
}

type Rings = { coordinates: number[][][][] };

/** Where one class ends and another begins; of a prediction, lines of equal height. */
function boundary(fit: Fit, frame: { values: Uint8Array; classes: Uint8Array | null }): Rings[] {
  const size: [number, number] = [fit.axes[0].length, fit.axes[1].length];
  if (!frame.classes) {
    const levels = fit.task === "binary" ? [127] : [32, 64, 96, 127, 159, 191, 222];
    return contours().size(size).thresholds(levels)(Array.from(frame.values));
  }
  const likeliest = (k: number): number[] => Array.from(frame.classes!, (c, i) => ((c === k ? 1 : -1) * Math.max(frame.values[i] - 254 / (fit.classes ?? 2), 4)));
  return Array.from({ length: (fit.classes ?? 2) - 1 }, (_, k) => contours().size(size).thresholds([0])(likeliest(k))[0]);
}
