import { describe, expect, it } from "vitest";
import { diverging, sequential, tinted } from "./colors";
import { bytes, entries, missing, num, read } from "./document";
import { counted, number, percent, size } from "./format";
import { geoPathOf } from "./charts/rings";
import { finer, smooth } from "./charts/smooth";
import { decades } from "./sections/Layers";
import { levelsOf } from "./sections/SurfaceSection";
import { named, nearest } from "./time";

describe("numbers", () => {
  it("are written with few digits and a true minus sign", () => {
    expect([0, -2, 0.1 + 0.2, 1e-7, -1234567, NaN, -Infinity].map((x) => number(x))).toEqual(["0", "−2", "0.3", "1e−7", "−1.23e6", "NaN", "−∞"]);
    expect(counted(1, "step")).toBe("1 step");
    expect(counted(3000, "operation")).toBe("3,000 operations");
    expect([percent(0.448), percent(0.05), percent(1)]).toEqual(["44.8 %", "5 %", "100 %"]);
    expect([size([3, 4]), size([5]), size([])]).toEqual(["3×4", "5 entries", ""]);
  });

  it("that JSON has no word for are read from texts", () => {
    expect(num("Infinity")).toBe(Infinity);
    expect(num("-Infinity")).toBe(-Infinity);
    expect(num("NaN")).toBeNaN();
    expect(num(null)).toBeNaN();
    expect(num(2)).toBe(2);
  });

  it("are read from bytes", () => {
    expect([...bytes("AP7/")]).toEqual([0, 254, 255]);
    const [low, none, high] = entries({ rows: 1, columns: 3, scale: 1, data: btoa(String.fromCharCode(129, 128, 127)) });
    expect([low, high]).toEqual([-1, 1]);
    expect(none).toBeNaN();
  });
});

describe("the document", () => {
  it("is read with whatever names it holds", () => {
    const doc = read('{"title":"\\u003c/script\\u003e","graphs":{"reason":"none"}}');
    expect(doc.title).toBe("</script>");
    expect(missing(doc.graphs)).toBe(true);
  });
});

describe("time", () => {
  const clock = { step: 1, first: 1, last: 61, trained: 60, set: () => {} };
  it("has a nearest step", () => {
    expect([0, 14, 16, 99].map((s) => nearest([1, 10, 20], s))).toEqual([0, 1, 2, 2]);
    expect(named(12, clock)).toBe("step 12");
    expect(named(61, clock)).toBe("the end, after step 60");
  });
});

describe("colours", () => {
  it("begin at the paper, and differ in the two directions", () => {
    expect(sequential(0, false)).not.toEqual(sequential(1, false));
    expect(sequential(-5, false)).toEqual(sequential(0, false));
    expect(diverging(-1, true)).not.toEqual(diverging(1, true));
    expect(diverging(NaN, false)).toEqual([150, 150, 150]);
    expect(tinted([10, 20, 30], 1, false)).toEqual([10, 20, 30]);
    expect(tinted([10, 20, 30], 0, false)).toEqual([255, 255, 255]);
  });
});

describe("surfaces", () => {
  it("are refined without moving what was computed", () => {
    expect(finer([0, 1, 2, 3], 2)).toEqual([0, expect.closeTo(0.4375), 1, 1.5, 2, expect.closeTo(2.5625), 3]);
    const fine = smooth([0, 1, 2, 3, 4, 5], 3, 2, 2);
    expect([fine.columns, fine.rows, fine.z.length]).toEqual([5, 3, 15]);
    expect([fine.z[0], fine.z[2], fine.z[4], fine.z[10], fine.z[14]]).toEqual([0, 1, 2, 3, 5]);
  });

  it("have levels between the losses that occur, whatever else occurs", () => {
    const plane = { kind: "random" as const, labels: [], xs: [], ys: [], z: [[1, 2, "Infinity" as const], [3, "NaN" as const, 100]], path: [], steps: [], losses: [] };
    const levels = levelsOf(plane);
    expect(Math.min(...levels)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...levels)).toBeLessThanOrEqual(100);
    expect(levelsOf({ ...plane, z: [["NaN"]] })).toEqual([0]);
  });

  it("have contours as paths", () => {
    const ring = { coordinates: [[[[0, 0], [1, 0], [1, 1]]]] };
    expect(geoPathOf(ring, (u) => 10 * u, (v) => -v)).toBe("M0.0 0.0L10.0 0.0L10.0 -1.0Z");
  });
});

describe("layers", () => {
  it("are shaded between powers of ten", () => {
    expect(decades([0.02, 3, 0, NaN, Infinity])).toEqual([-2, 1]);
    expect(decades([])).toEqual([-1, 0]);
    expect(decades([1e-30, 1])).toEqual([-12, 0]);
  });
});
