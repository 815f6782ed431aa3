/** Gradients, updates and activations of each layer over time. */
import type { JSX } from "preact";
import { useCallback, useMemo, useState } from "preact/hooks";
import type { Activation, Document, Finding, Flow } from "../document";
import { bytes, missing, num } from "../document";
import { Shades } from "../charts/Map";
import { number, percent, size } from "../format";
import { Absent, Choice, Numbers, Section } from "../parts";
import { nearest, TimeBar, useClock } from "../time";

type What = "gradient" | "ratio";
const ROW = 20; // pixels of a row

export function Layers({ doc, findings }: { doc: Document; findings: Finding[] }): JSX.Element {
  const lead = "Each row is a parameter, each column a step. Healthy rows keep a similar shade from the first layer to the last; a row that turns pale learns nothing.";
  return (
    <Section id="layers" title="What flows through the layers" lead={missing(doc.flow) ? undefined : lead} findings={findings}>
      {missing(doc.flow) ? <Absent part={doc.flow} what="No gradients over time:" /> : <Gradients flow={doc.flow} />}
      <h3>Activations</h3>
      {missing(doc.activations) ? <Absent part={doc.activations} what="No histograms:" /> : <Histograms all={doc.activations} />}
      <TimeBar label="training step, for the layers" />
    </Section>
  );
}

function Gradients({ flow }: { flow: Flow }): JSX.Element {
  const [what, choose] = useState<What>("gradient");
  const clock = useClock();
  const rows = useMemo(() => flow.parameters.map((p) => p.gradient.map((g, i) => (what === "gradient" ? num(g) : num(p.update[i]) / num(p.value[i])))), [flow, what]);
  const [low, high] = useMemo(() => decades(rows.flat()), [rows]);
  const shade = useCallback((r: number, c: number) => (Math.log10(rows[r][c]) - low) / (high - low), [rows]);
  const now = nearest(flow.steps, clock.step);
  const title = what === "gradient" ? "size of the gradient" : "size of the update, relative to the parameter";
  return (
    <>
      <h3>Gradients</h3>
      <Choice label="shown is the" options={[["gradient", "gradient"], ["ratio", "update ÷ parameter"]]} value={what} onChoose={choose} />
      <div class="flow">
        <div class="names" style={{ gridAutoRows: `${ROW}px` }}>
          {flow.parameters.map((p) => (
            <span title={`${p.name} ${size(p.shape)}`}>{p.name}</span>
          ))}
        </div>
        <Shades
          rows={rows.length}
          columns={flow.steps.length}
          shade={shade}
          height={ROW * rows.length}
          mark={now}
          choose={(c) => clock.set(flow.steps[c])}
          label={`${title} of ${rows.length} parameters at ${flow.steps.length} steps, from ${number(10 ** low, 2)} to ${number(10 ** high, 2)}`}
        />
        <div class="values" style={{ gridAutoRows: `${ROW}px` }} aria-hidden="true">
          {rows.map((r) => (
            <span>{number(r[now], 2)}</span>
          ))}
        </div>
      </div>
      <Ramp low={low} high={high} text={`root mean square ${title === "size of the gradient" ? "of the gradient's entries" : "of the update ÷ that of the parameter"}, at step ${flow.steps[now]} on the right`} />
      {flow.left_out > 0 && <p class="quiet">{flow.left_out} more parameters are not shown.</p>}
      <Numbers
        caption={`gradients at step ${flow.steps[now]}`}
        header={["parameter", "shape", "gradient", "value", "update", "update ÷ value"]}
        rows={() =>
          flow.parameters.map((p) => [p.name, size(p.shape) || "1 number", ...[p.gradient[now], p.value[now], p.update[now]].map((x) => number(num(x), 3)), number(num(p.update[now]) / num(p.value[now]), 3)])
        }
      />
    </>
  );
}

/** The powers of ten between which positive numbers lie. */
export function decades(values: number[]): [number, number] {
  const logs = values.filter((v) => v > 0 && Number.isFinite(v)).map(Math.log10);
  if (!logs.length) return [-1, 0];
  const high = Math.ceil(Math.max(...logs));
  return [Math.max(Math.floor(Math.min(...logs)), high - 12), high];
}

function Ramp({ low, high, text }: { low: number; high: number; text: string }): JSX.Element {
  const shade = useCallback((_: number, c: number) => c / 63, []);
  return (
    <div class="ramp">
      <span>{number(10 ** low, 2)}</span>
      <Shades rows={1} columns={64} shade={shade} height={10} label="scale of the shades" />
      <span>{number(10 ** high, 2)}</span>
      <span class="quiet">{text}</span>
    </div>
  );
}

function Histograms({ all }: { all: Activation[] }): JSX.Element {
  const clock = useClock();
  return (
    <>
      <p class="quiet">Each picture is a layer's output: time from left to right, values from bottom to top; the darker, the more entries have that value.</p>
      <div class="histograms">
        {all.map((a) => (
          <Histogram key={a.name} a={a} />
        ))}
      </div>
      <Numbers
        caption={`activations near step ${clock.step}`}
        header={["layer", "shape", "median", "zeros", "from", "to"]}
        rows={() =>
          all.map((a) => {
            const i = nearest(a.steps, clock.step);
            return [`${a.name} (${a.kind})`, size(a.shape), number(num(a.medians[i]), 3), percent(num(a.zeros[i])), number(a.low, 3), number(a.high, 3)];
          })
        }
      />
    </>
  );
}

function Histogram({ a }: { a: Activation }): JSX.Element {
  const clock = useClock();
  const data = useMemo(() => bytes(a.shares), [a]);
  const now = nearest(a.steps, clock.step);
  const shade = useCallback((r: number, c: number) => Math.sqrt(data[c * a.bins + (a.bins - 1 - r)] / 254), [a]);
  const zeros = num(a.zeros[now]);
  return (
    <figure>
      <figcaption>
        <b>{a.name}</b> {a.kind}
      </figcaption>
      <div class="with-axis">
        <Shades
          rows={a.bins}
          columns={a.steps.length}
          shade={shade}
          height={96}
          mark={now}
          choose={(c) => clock.set(a.steps[c])}
          label={`values of ${a.name} over time, between ${number(a.low, 2)} and ${number(a.high, 2)}; at step ${a.steps[now]} the median is ${number(num(a.medians[now]), 2)}`}
        />
        <div class="ends" aria-hidden="true">
          <span>{number(a.high, 2)}</span>
          <span>{number(a.low, 2)}</span>
        </div>
      </div>
      <p class="quiet">
        median {number(num(a.medians[now]), 2)}
        {zeros > 0.005 && <>, {percent(zeros)} zeros</>}
      </p>
    </figure>
  );
}
