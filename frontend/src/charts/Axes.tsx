/** The axes of a chart: few ticks, faint lines. */
import type { JSX } from "preact";
import { number } from "../format";

export interface Scale {
  (x: number): number;
  ticks(count?: number): number[];
}

export interface Plot {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export function Bottom({ scale, plot, label, ticks = 6, bare }: { scale: Scale; plot: Plot; label: string; ticks?: number; bare?: boolean }): JSX.Element {
  return (
    <g class={bare ? "axis bare" : "axis"} aria-hidden="true">
      {scale.ticks(ticks).map((t) => (
        <g key={t} transform={`translate(${scale(t)} 0)`}>
          <line y1={plot.top} y2={plot.bottom} />
          <text y={plot.bottom + 16} text-anchor="middle">
            {number(t)}
          </text>
        </g>
      ))}
      <text class="name" x={plot.right} y={plot.bottom + 32} text-anchor="end">
        {label}
      </text>
    </g>
  );
}

export function Left({ scale, plot, label, ticks = 5, bare }: { scale: Scale; plot: Plot; label: string; ticks?: number; bare?: boolean }): JSX.Element {
  const all = scale.ticks(ticks);
  const few = all.length > 8 ? all.filter((t) => Math.abs(Math.log10(Math.abs(t)) % 1) < 1e-9) : all;
  return (
    <g class={bare ? "axis bare" : "axis"} aria-hidden="true">
      {few.map((t) => (
        <g key={t} transform={`translate(0 ${scale(t)})`}>
          <line x1={plot.left} x2={plot.right} />
          <text x={plot.left - 6} y={4} text-anchor="end">
            {number(t, 3)}
          </text>
        </g>
      ))}
      <text class="name" x={plot.left - 40} y={plot.top - 8}>
        {label}
      </text>
    </g>
  );
}
