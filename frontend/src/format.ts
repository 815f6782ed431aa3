/** Numbers as people write them: few digits, a true minus sign. */

export function number(x: number, digits = 4): string {
  if (Number.isNaN(x)) return "NaN";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : "−∞";
  if (x === 0) return "0";
  const size = Math.abs(x);
  const plain = size >= 1e-3 && size < 1e6 ? String(Number(x.toPrecision(digits))) : x.toExponential(Math.max(0, digits - 2));
  return plain.replace(/\.0+e/, "e").replace("e+", "e").replace(/-/g, "−");
}

export function percent(share: number): string {
  return `${Number((100 * share).toPrecision(share >= 0.995 || share < 0.0995 ? 2 : 3))} %`.replace("100 %", "100 %");
}

export function counted(n: number, what: string): string {
  return `${n.toLocaleString("en")} ${what}${n === 1 ? "" : "s"}`;
}

/** A shape as 3×4; nothing for a single number. */
export function size(shape: number[]): string {
  return shape.length === 1 ? `${shape[0]} entries` : shape.join("×");
}

/** A text of at most `most` characters. */
export function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
