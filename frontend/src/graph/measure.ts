/** How wide a text is drawn. */

export const MATH = '14.5px "STIX Two Text", "STIX Two Math", "Latin Modern Math", Cambria, "Iowan Old Style", Georgia, "DejaVu Serif", serif';
export const PLAIN = "13px system-ui, sans-serif";
const GUESS = 0.62; // of the font's size, where nothing can be measured

const known = new Map<string, number>();
let context: CanvasRenderingContext2D | null | undefined;

export function widthOf(text: string, font: string): number {
  const key = font + text;
  let width = known.get(key);
  if (width === undefined) {
    context ??= typeof document === "undefined" ? null : (document.createElement("canvas").getContext?.("2d") ?? null);
    if (context) context.font = font;
    width = context ? context.measureText(text).width : text.length * parseFloat(font) * GUESS;
    known.set(key, width);
  }
  return width;
}
