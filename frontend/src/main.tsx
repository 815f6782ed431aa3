/** The page: reads the document that lies in it, and draws one section after the other. */
import { type JSX, render } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { Document, Finding } from "./document";
import { missing, read } from "./document";
import { GraphSection } from "./graph/GraphSection";
import { FitSection } from "./sections/FitSection";
import { Layers } from "./sections/Layers";
import { Ladders, Program, Summary } from "./sections/Rest";
import { SurfaceSection } from "./sections/SurfaceSection";
import { Training } from "./sections/Training";
import "./style.css";
import { Dark, Printing, usePrinting, useTheme } from "./theme";
import { Time } from "./time";

export function App({ doc }: { doc: Document }): JSX.Element {
  const [dark, choice, next] = useTheme();
  const printing = usePrinting();
  const [first, last] = useMemo(() => spanOf(doc), [doc]);
  const trained = missing(doc.curves) ? last : doc.curves.steps[doc.curves.steps.length - 1];
  const [step, set] = useState(last);
  const findings = (section: string): Finding[] => (missing(doc.findings) ? [] : doc.findings.filter((f) => f.section === section));
  return (
    <Dark.Provider value={dark}>
      <Printing.Provider value={printing}>
      <Time.Provider value={{ step, first, last, trained, set }}>
        <a class="skip" href="#graph">
          to the graph
        </a>
        <header>
          <p class="kind">chainrule report</p>
          <div class="heading">
            <h1>{doc.title}</h1>
            <div class="actions">
              <button type="button" onClick={next} aria-label={`colours: ${choice}; change`}>
                {{ system: "◐ system", dark: "● dark", light: "○ light" }[choice]}
              </button>
              <button type="button" onClick={() => window.print()}>
                print
              </button>
            </div>
          </div>
          <Summary doc={doc} />
        </header>
        <nav aria-label="parts of this page">
          {doc.ladders.length > 0 && <a href="#ladder">ladder</a>}
          <a href="#graph">graph</a>
          <a href="#training">training</a>
          <a href="#fit">fit</a>
          <a href="#surface">landscape</a>
          <a href="#layers">layers</a>
          <a href="#program">program</a>
        </nav>
        <main>
          {missing(doc.graphs) && <Ladders ladders={doc.ladders} />}
          <GraphSection doc={doc} findings={findings("graph")} />
          <Training doc={doc} findings={findings("training")} />
          <FitSection doc={doc} findings={findings("fit")} />
          <SurfaceSection doc={doc} />
          <Layers doc={doc} findings={findings("layers")} />
          {!missing(doc.graphs) && <Ladders ladders={doc.ladders} />}
          <Program doc={doc} />
        </main>
        <footer>
          Made by chainrule {doc.made.chainrule}. This file is all there is: it loads nothing and sends nothing.
        </footer>
      </Time.Provider>
      </Printing.Provider>
    </Dark.Provider>
  );
}

/** The first and the last step of the training. */
function spanOf(doc: Document): [number, number] {
  const steps = [
    ...(missing(doc.curves) ? [] : doc.curves.steps),
    ...(missing(doc.surface) ? [] : doc.surface.planes.flatMap((p) => p.steps)),
  ];
  return steps.length ? [Math.min(...steps), Math.max(...steps)] : [1, 1];
}

const data = document.getElementById("document")?.textContent ?? "{}";
const place = document.getElementById("page");
if (place && data !== "{}") {
  const doc = read(data);
  document.title = `${doc.title}: chainrule report`;
  render(<App doc={doc} />, place);
}
