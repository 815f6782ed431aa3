/** A grid with more points between its own, on cubic curves through them (Catmull and Rom's), so that contours are round. */

export function smooth(z: number[], columns: number, rows: number, times: number): { z: number[]; columns: number; rows: number } {
  const wide = Array.from({ length: rows }, (_, r) => finer(z.slice(r * columns, (r + 1) * columns), times));
  const across = (columns - 1) * times + 1;
  const tall = Array.from({ length: across }, (_, c) => finer(wide.map((row) => row[c]), times));
  const down = (rows - 1) * times + 1;
  return { z: Array.from({ length: across * down }, (_, i) => tall[i % across][Math.floor(i / across)]), columns: across, rows: down };
}

export function finer(values: number[], times: number): number[] {
  const last = values.length - 1;
  const at = (i: number): number => values[Math.min(Math.max(i, 0), last)];
  return Array.from({ length: last * times + 1 }, (_, k) => {
    const i = Math.min(Math.floor(k / times), last - 1);
    const t = k / times - i;
    const [a, b, c, d] = [i - 1, i, i + 1, i + 2].map(at);
    return b + (t / 2) * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
  });
}
