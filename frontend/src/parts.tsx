/** What several sections use: a section with its findings, a reason in the place of what is missing, a table for a chart. */
import type { ComponentChildren, JSX } from "preact";
import { useId, useState } from "preact/hooks";
import type { Finding, Missing } from "./document";

export function Section(props: {
  id: string;
  title: string;
  lead?: ComponentChildren;
  findings?: Finding[];
  children: ComponentChildren;
}): JSX.Element {
  return (
    <section id={props.id} aria-labelledby={`${props.id}-title`} tabIndex={-1}>
      <h2 id={`${props.id}-title`}>{props.title}</h2>
      {props.lead && <p class="lead">{props.lead}</p>}
      {props.findings?.map((f, i) => <Callout key={i} finding={f} />)}
      {props.children}
    </section>
  );
}

/** A finding of the doctor, beside what it is about. */
export function Callout({ finding }: { finding: Finding }): JSX.Element {
  const evidence = Object.entries(finding.evidence);
  return (
    <aside class={`finding ${finding.severity}`} aria-label={`finding ${finding.code}`}>
      <p class="finding-title">
        <span class="badge">{finding.severity === "sure" ? "mistake" : "hint"}</span> {finding.title}
        <span class="code">{finding.code}</span>
      </p>
      <p>
        {finding.message}
        {finding.line > 0 && (
          <>
            {" "}
            (<a href={`#line-${finding.line}`}>line {finding.line}</a>)
          </>
        )}
      </p>
      {finding.fix && (
        <p class="fix">
          instead: <code>{finding.fix}</code>
        </p>
      )}
      {evidence.length > 0 && <p class="evidence">{evidence.map(([k, v]) => `${k.replace(/_/g, " ")} ${v}`).join(" · ")}</p>}
    </aside>
  );
}

/** In the place of what cannot be shown: why. */
export function Absent({ part, what }: { part: Missing; what: string }): JSX.Element {
  return (
    <p class="absent" role="note">
      <strong>{what}</strong> {part.reason}
    </p>
  );
}

/** The numbers of a chart, for those who read rather than look; rows are made when it is opened. */
export function Numbers(props: { caption: string; header: string[]; rows: () => (string | number)[][] }): JSX.Element {
  const [open, setOpen] = useState(false);
  const rows = open ? props.rows() : [];
  return (
    <details class="numbers" onToggle={(e) => setOpen((e.currentTarget as HTMLDetailsElement).open)}>
      <summary>{props.caption} as a table</summary>
      {open && (
        <div class="scroll" tabIndex={0} role="region" aria-label={`${props.caption}, table`}>
          <table>
            <caption>{props.caption}</caption>
            <thead>
              <tr>
                {props.header.map((h, i) => (
                  <th key={i} scope="col">
                    {h}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row, i) => (
                <tr key={i}>
                  {row.map((cell, k) => (k === 0 ? <th scope="row">{cell}</th> : <td>{cell}</td>))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}

/** One of several, chosen by a click or with the arrow keys. */
export function Choice<T extends string>(props: {
  label: string;
  options: [T, string][];
  value: T;
  onChoose: (value: T) => void;
}): JSX.Element {
  const name = useId();
  return (
    <fieldset class="choice">
      <legend>{props.label}</legend>
      {props.options.map(([value, text]) => (
        <label key={value} class={value === props.value ? "chosen" : ""}>
          <input type="radio" name={name} value={value} checked={value === props.value} onChange={() => props.onChoose(value)} />
          {text}
        </label>
      ))}
    </fieldset>
  );
}
