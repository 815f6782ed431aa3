/** A table of shades: rows over columns, painted on a canvas; one column, the present, is marked. */
import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { type RGB, sequential } from "../colors";
import { useDark } from "../theme";

export function Shades(props: {
  rows: number;
  columns: number;
  shade: (row: number, column: number) => number; // 0 … 1, NaN for nothing
  label: string;
  height: number;
  mark?: number;
  choose?: (column: number) => void;
  color?: (t: number, dark: boolean) => RGB;
}): JSX.Element {
  const { rows, columns, shade, mark, choose } = props;
  const ref = useRef<HTMLCanvasElement>(null);
  const dark = useDark();
  const color = props.color ?? sequential;
  useLayoutEffect(() => {
    const context = ref.current?.getContext("2d");
    if (!context) return;
    const image = context.createImageData(columns, rows);
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        const t = shade(r, c);
        image.data.set(Number.isNaN(t) ? [128, 128, 128, 40] : [...color(t, dark), 255], 4 * (r * columns + c));
      }
    }
    context.putImageData(image, 0, 0);
  }, [rows, columns, shade, dark]);
  const pick = (e: PointerEvent): void => {
    const { left, width } = (e.currentTarget as Element).getBoundingClientRect();
    choose?.(Math.min(columns - 1, Math.max(0, Math.floor(((e.clientX - left) / width) * columns))));
  };
  return (
    <div class="shades" style={{ height: `${props.height}px` }} onPointerDown={pick} onPointerMove={(e) => e.buttons > 0 && pick(e)}>
      <canvas ref={ref} width={columns} height={rows} role="img" aria-label={props.label} />
      {mark !== undefined && columns > 1 && <div class="mark" style={{ left: `${(100 * mark) / columns}%`, width: `${100 / columns}%` }} />}
    </div>
  );
}
