/** A contour as an SVG path, its coordinates through two scales. */

interface Rings {
  coordinates: number[][][][];
}

export function geoPathOf(ring: Rings, x: (u: number) => number, y: (v: number) => number): string {
  return ring.coordinates
    .map((polygon) => polygon.map((points) => `M${points.map(([u, v]) => `${x(u).toFixed(1)} ${y(v).toFixed(1)}`).join("L")}Z`).join(""))
    .join("");
}
