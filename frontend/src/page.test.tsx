import { render } from "preact";
import { act } from "preact/test-utils";
import { beforeEach, describe, expect, it } from "vitest";
import type { Document } from "./document";
import { App } from "./main";

const none = { reason: "there is <b>none</b>." };
const empty: Document = {
  schema: 1, title: "<img src=x onerror=alert(1)>", made: { chainrule: "1" }, error: "", graphs: none, curves: none, flow: none,
  activations: none, surface: none, fit: none, ladders: [], findings: none, source: none,
};

let place: HTMLElement;
beforeEach(() => {
  globalThis.ResizeObserver ??= class { observe() {} disconnect() {} unobserve() {} };
  place = document.createElement("div");
});

const shown = (doc: Document): Promise<void> => act(() => render(<App doc={doc} />, place)) as Promise<void>;

describe("the page", () => {
  it("says why each part is missing, and takes no text for markup", async () => {
    await shown(empty);
    expect(place.querySelectorAll(".absent")).toHaveLength(7);
    expect(place.querySelectorAll("img, b")).toHaveLength(0);
    expect(place.querySelector("h1")!.textContent).toBe("<img src=x onerror=alert(1)>");
    expect(place.querySelector("#fit .absent")!.textContent).toContain("there is <b>none</b>.");
  });

  it("shows a finding in the section that it belongs to", async () => {
    const finding = { code: "D01", severity: "sure" as const, file: "train.py", line: 2, title: "gradients are never zeroed", message: "3 of 4", evidence: { steps: "4" }, fix: "zero_grad()", section: "training" };
    await shown({ ...empty, findings: [finding], source: { file: "/x/train.py", name: "train.py", lines: ["a", "b"], left_out: 0 } });
    expect(place.querySelector("#training .finding")!.textContent).toContain("gradients are never zeroed");
    expect(place.querySelectorAll("#graph .finding")).toHaveLength(0);
    expect(place.querySelector("#line-2 .finding")).not.toBeNull();
  });
});
