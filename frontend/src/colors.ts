/** Scales of colour: from few to many (`sequential`), from negative over nothing to positive (`diverging`), classes. */

export type RGB = [number, number, number];

const hex = (text: string): RGB => [1, 3, 5].map((i) => parseInt(text.slice(i, i + 2), 16)) as RGB;

const SEQUENTIAL = {
  light: ["#f4f6f4", "#c9e3dc", "#82c0bd", "#3f8fa6", "#27567f", "#1d2450"].map(hex),
  dark: ["#161c24", "#1d3a4a", "#226474", "#3a9a97", "#8dcfae", "#f0f6d2"].map(hex),
};
const DIVERGING = {
  light: ["#a03070", "#d790b4", "#f3f2ef", "#7fb9c0", "#17697c"].map(hex),
  dark: ["#f08cc0", "#8c4a72", "#1d242d", "#2f7482", "#77d2dc"].map(hex),
};
export const CLASSES = ["#3274a1", "#d9772b", "#3f8f5b", "#b3404a", "#7d62a8", "#8a6a50", "#c972a8", "#6f7680", "#a3a134", "#2f9fae"];
const NOTHING: RGB = [150, 150, 150];

function along(stops: RGB[], t: number): RGB {
  if (Number.isNaN(t)) return NOTHING;
  const x = Math.min(Math.max(t, 0), 1) * (stops.length - 1);
  const i = Math.min(Math.floor(x), stops.length - 2);
  return stops[i].map((a, k) => Math.round(a + (stops[i + 1][k] - a) * (x - i))) as RGB;
}

/** The colour of t between 0 and 1. */
export function sequential(t: number, dark: boolean): RGB {
  return along(dark ? SEQUENTIAL.dark : SEQUENTIAL.light, t);
}

/** The colour of t between −1 and 1. */
export function diverging(t: number, dark: boolean): RGB {
  return along(dark ? DIVERGING.dark : DIVERGING.light, (t + 1) / 2);
}

export function classColor(k: number): RGB {
  return hex(CLASSES[((k % CLASSES.length) + CLASSES.length) % CLASSES.length]);
}

/** A colour mixed with the paper: t = 1 is the colour itself. */
export function tinted(color: RGB, t: number, dark: boolean): RGB {
  const paper: RGB = dark ? [22, 28, 36] : [255, 255, 255];
  return color.map((c, i) => Math.round(paper[i] + (c - paper[i]) * t)) as RGB;
}

export const css = ([r, g, b]: RGB): string => `rgb(${r} ${g} ${b})`;
