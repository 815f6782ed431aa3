/** The ladder's table, the program with its findings, and what the page says first. */
import type { JSX } from "preact";
import type { Document, Finding, Ladder, Source } from "../document";
import { missing, num } from "../document";
import { counted, number } from "../format";
import { Absent, Callout, Section } from "../parts";

export function Ladders({ ladders }: { ladders: Ladder[] }): JSX.Element | null {
  if (!ladders.length) return null;
  return (
    <Section id="ladder" title="From all by hand to all automatic" lead="One training loop, climbed rung by rung: what is written by hand on the first is the library's on the last.">
      {ladders.map((ladder, i) => (
        <div key={i}>
          <div class="scroll" tabIndex={0} role="region" aria-label="the rungs side by side">
            <table class="ladder">
              <caption>{ladder.title}</caption>
              <thead>
                <tr>
                  {ladder.header.map((h, k) => (
                    <th key={k} scope="col">
                      {h}
                    </th>
                  ))}
                </tr>
              </thead>
              {ladder.blocks.map((rows, b) => (
                <tbody key={b}>
                  {rows.map((row, r) => (
                    <tr key={r}>{row.map((cell, k) => (k ? <td key={k}>{cell}</td> : <th scope="row">{cell}</th>))}</tr>
                  ))}
                </tbody>
              ))}
            </table>
          </div>
          <ul class="verdict">
            {ladder.verdict.map((line, k) => (
              <li key={k}>{line}</li>
            ))}
          </ul>
        </div>
      ))}
    </Section>
  );
}

export function Program({ doc }: { doc: Document }): JSX.Element {
  const findings = missing(doc.findings) ? [] : doc.findings;
  return (
    <Section id="program" title="The program" lead={missing(doc.findings) ? `Findings: none, ${doc.findings.reason}` : verdict(findings)}>
      {missing(doc.source) ? <Absent part={doc.source} what="No listing:" /> : <Listing source={doc.source} findings={findings} />}
    </Section>
  );
}

function verdict(findings: Finding[]): string {
  const sure = findings.filter((f) => f.severity === "sure").length;
  if (!findings.length) return "The doctor watched the run and found no mistake.";
  return `The doctor watched the run and found ${counted(sure, "mistake")} and ${counted(findings.length - sure, "hint")}; each stands at its line.`;
}

function Listing({ source, findings }: { source: Source; findings: Finding[] }): JSX.Element {
  const here = findings.filter((f) => f.file.endsWith(source.name));
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={`text of ${source.name}`}>
      <ol class="listing">
        {source.lines.map((line, i) => {
          const at = here.filter((f) => f.line === i + 1);
          return (
            <li id={`line-${i + 1}`} class={at.length ? "marked" : ""}>
              <code>{line || " "}</code>
              {at.map((f) => (
                <Callout finding={f} />
              ))}
            </li>
          );
        })}
      </ol>
      {source.left_out > 0 && <p class="quiet">{counted(source.left_out, "more line")}.</p>}
    </div>
  );
}

/** The first look: what this is about, in a few numbers. */
export function Summary({ doc }: { doc: Document }): JSX.Element {
  const facts: [string, string][] = [];
  if (!missing(doc.graphs)) {
    const graph = doc.graphs[doc.graphs.length - 1];
    const parameters = graph.nodes.filter((n) => n.kind === "parameter");
    facts.push(["operations", graph.operations.toLocaleString("en")]);
    facts.push(["parameters", parameters.reduce((sum, n) => sum + n.shape.reduce((a, b) => a * b, 1), 0).toLocaleString("en")]);
  }
  if (!missing(doc.curves)) {
    facts.push(["steps", doc.curves.count.toLocaleString("en")]);
    const last = doc.curves.losses[doc.curves.losses.length - 1];
    if (last !== null) facts.push(["last loss", number(num(last))]);
  } else if (!missing(doc.graphs)) {
    const loss = doc.graphs[0].nodes.find((n) => n.kind === "loss");
    if (loss?.value) facts.push(["loss", loss.value]);
  }
  if (!missing(doc.findings)) facts.push(["findings", String(doc.findings.length)]);
  return (
    <>
      <dl class="facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {doc.error && (
        <p class="error" role="alert">
          <strong>The program failed:</strong> {doc.error}. The page shows what there was until then.
        </p>
      )}
    </>
  );
}
