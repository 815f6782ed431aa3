/** An array as small squares: negative entries in one colour, positive ones in another. */
import type { JSX } from "preact";
import type { Cells } from "../document";
import { entries } from "../document";
import { css, diverging } from "../colors";
import { useDark } from "../theme";

export function Squares({ cells, side }: { cells: Cells; side: number }): JSX.Element {
  const dark = useDark();
  const d = squareOf(cells, side);
  const gap = d > 5 ? 1 : 0.4;
  return (
    <>
      {entries(cells).map((t, i) => (
        <rect
          key={i}
          x={(i % cells.columns) * d}
          y={Math.floor(i / cells.columns) * d}
          width={Math.max(d - gap, 0.5)}
          height={Math.max(d - gap, 0.5)}
          fill={css(diverging(t, dark))}
        />
      ))}
    </>
  );
}

const LARGEST = 18; // side of a square

/** The side of each square in a picture. */
export function squareOf(cells: Cells, side: number): number {
  return Math.min(side / Math.max(cells.rows, cells.columns), LARGEST);
}

export function Picture({ cells, side, label }: { cells: Cells; side: number; label: string }): JSX.Element {
  const d = squareOf(cells, side);
  return (
    <svg class="picture" width={d * cells.columns} height={d * cells.rows} role="img" aria-label={label}>
      <Squares cells={cells} side={side} />
    </svg>
  );
}
