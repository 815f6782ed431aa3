/** A quantity over the steps of a training, with the present step marked; a click or a drag chooses another. */
import type { JSX } from "preact";
import { line } from "d3-shape";
import { scaleLinear, scaleLog } from "d3-scale";
import { number } from "../format";
import { nearest, useClock } from "../time";
import { Bottom, Left, type Plot } from "./Axes";
import { useWidth } from "./size";

const COLORS = ["var(--forward)", "var(--backward)", "var(--parameter)", "var(--violet)", "var(--muted)", "var(--ink)"];

export function Curve(props: {
  label: string;
  steps: number[];
  series: number[][];
  names?: string[];
  log: boolean;
  height: number;
}): JSX.Element {
  const { label, steps, series, log, height } = props;
  const [ref, width] = useWidth<HTMLDivElement>();
  const clock = useClock();
  const plot: Plot = { left: 52, right: width - 12, top: 22, bottom: height - 38 };
  const x = scaleLinear([steps[0], Math.max(steps[steps.length - 1], steps[0] + 1)], [plot.left, plot.right]);
  const shown = series.flat().filter((v) => Number.isFinite(v) && (!log || v > 0));
  const [low, high] = range(shown, log);
  const y = (log ? scaleLog : scaleLinear)([low, high], [plot.bottom, plot.top]).nice();
  const path = line<number>((_, i) => x(steps[i]), (v) => y(v)).defined((v) => Number.isFinite(v) && (!log || v > 0));
  const i = nearest(steps, clock.step);
  const choose = (e: PointerEvent): void => {
    const at = (e.clientX - (e.currentTarget as Element).getBoundingClientRect().left);
    clock.set(steps[nearest(steps, Math.round(x.invert(at)))]);
  };
  const points = steps.length <= 60;
  return (
    <div ref={ref} class="chart">
      <svg
        width={width}
        height={height}
        role="img"
        aria-label={`${label} over ${steps.length} points; at step ${steps[i]}: ${series.map((s) => number(s[i])).join(", ")}`}
        onPointerDown={choose}
        onPointerMove={(e) => e.buttons > 0 && choose(e)}
      >
        <Bottom scale={x} plot={plot} label="step" ticks={Math.max(2, Math.floor(width / 110))} />
        <Left scale={y} plot={plot} label={label} ticks={4} />
        {series.map((values, k) => (
          <g key={k} style={{ color: COLORS[k % COLORS.length] }}>
            <path class="line" d={path(values) ?? ""} />
            {points && values.map((v, j) => Number.isFinite(v) && (!log || v > 0) && <circle class="point" cx={x(steps[j])} cy={y(v)} r={1.8} />)}
            {Number.isFinite(values[i]) && (!log || values[i] > 0) && <circle class="now" cx={x(steps[i])} cy={y(values[i])} r={4.5} />}
          </g>
        ))}
        <line class="cursor" x1={x(steps[i])} x2={x(steps[i])} y1={plot.top} y2={plot.bottom} />
        <text class="reading" x={Math.min(x(steps[i]) + 8, plot.right - 90)} y={plot.top + 4}>
          {series.map((s) => number(s[i])).join(", ")}
        </text>
      </svg>
    </div>
  );
}

function range(values: number[], log: boolean): [number, number] {
  if (!values.length) return log ? [0.1, 1] : [0, 1];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (low === high) return log ? [low / 2, low * 2] : low === 0 ? [-1, 1] : [Math.min(0, 2 * low), Math.max(0, 2 * low)];
  return log ? [low, high] : [low > 0 && low < 0.3 * high ? 0 : low, high];
}
