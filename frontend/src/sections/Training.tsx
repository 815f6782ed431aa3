/** The loss and the learning rate, step by step. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Document, Finding } from "../document";
import { missing, num } from "../document";
import { counted, number } from "../format";
import { Absent, Choice, Numbers, Section } from "../parts";
import { Curve } from "../charts/Curve";
import { TimeBar } from "../time";

export function Training({ doc, findings }: { doc: Document; findings: Finding[] }): JSX.Element {
  const curves = doc.curves;
  const [scale, setScale] = useState<"linear" | "log">("linear");
  if (missing(curves)) {
    return (
      <Section id="training" title="How training went" findings={findings}>
        <Absent part={curves} what="No curve of the loss:" />
      </Section>
    );
  }
  const losses = curves.losses.map(num);
  const rates = curves.rates.map((r) => r.map(num));
  const logs = losses.some((v) => v > 0);
  const bad = losses.filter((v) => !Number.isFinite(v)).length;
  const lead = (
    <>
      The loss went from {number(losses[0])} to {number(losses[losses.length - 1])} in {counted(curves.count, "step")}
      {curves.by_hand ? ", with updates by hand" : ""}. {bad > 0 && `${counted(bad, "loss")} of those shown are no finite numbers. `}
      {curves.ended !== "complete" && curves.ended !== "cut off" && `The run was ended by ${curves.ended}. `}
    </>
  );
  return (
    <Section id="training" title="How training went" lead={lead} findings={findings}>
      {logs && <Choice label="scale of the loss" options={[["linear", "linear"], ["log", "logarithmic"]]} value={scale} onChoose={setScale} />}
      <Curve label="loss" steps={curves.steps} series={[losses]} log={scale === "log"} height={270} />
      {rates.length > 0 ? (
        <Curve label={rates.length > 1 ? "learning rate of each group" : "learning rate"} steps={curves.steps} series={rates} log={false} height={130} />
      ) : (
        <p class="quiet">The program updates its parameters itself, so no learning rate is known.</p>
      )}
      <TimeBar label="training step" />
      <Numbers
        caption="loss and learning rate"
        header={["step", "loss", ...rates.map((_, k) => (rates.length > 1 ? `learning rate ${k + 1}` : "learning rate"))]}
        rows={() => curves.steps.map((s, i) => [s, number(losses[i], 6), ...rates.map((r) => number(r[i], 6))])}
      />
    </Section>
  );
}
