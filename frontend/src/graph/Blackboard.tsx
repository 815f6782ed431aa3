/** What the present step does, written out: the formula, the same in numbers, and what it means. */
import type { ComponentChildren, JSX } from "preact";
import type { Graph, GraphEdge, GraphNode } from "../document";
import { num } from "../document";
import { number, size } from "../format";
import { Picture } from "./Picture";
import { groupTitle, several, short, tail, uniform } from "./layout";
import type { Step } from "./steps";
import { type Seen, isBranch } from "./tree";

const LISTED = 10; // parameters in the list of results

/** ∂a/∂b, with a line between them. */
export function Partial({ of, by }: { of: string; by: string }): JSX.Element {
  return (
    <span class="frac" role="math" aria-label={`d ${of} by d ${by}`}>
      <span>∂{tail(of)}</span>
      <span>∂{tail(by)}</span>
    </span>
  );
}

export function Blackboard(props: { graph: Graph; view: Seen; steps: Step[]; at: number; arrived: Map<number, number> }): JSX.Element {
  const { graph, view, steps, at } = props;
  const step = steps[at];
  return (
    <div class={`blackboard ${step.kind}`} aria-live="polite" aria-atomic="true" id="blackboard">
      {step.kind === "given" && <Given graph={graph} />}
      {step.kind === "forward" && <Forward graph={graph} view={view} box={step.box} node={graph.nodes[step.node]} />}
      {step.kind === "turn" && <Turn node={graph.nodes[step.node]} loss={graph.loss} />}
      {step.kind === "product" && <Product {...props} step={step} />}
      {step.kind === "done" && <Done graph={graph} />}
    </div>
  );
}

function Head({ part, children }: { part: string; children: ComponentChildren }): JSX.Element {
  return (
    <p class="head">
      <span class="part">{part}</span> {children}
    </p>
  );
}

function Given({ graph }: { graph: Graph }): JSX.Element {
  const given = graph.nodes.filter((n) => n.kind === "parameter" || n.kind === "data");
  return (
    <>
      <Head part="Given">parameters, which training changes, and data, which it does not.</Head>
      <ul class="given">
        {given.slice(0, LISTED).map((n) => (
          <li class={n.kind}>
            <b>{tail(n.name)}</b> = {n.value ?? size(n.shape)}
          </li>
        ))}
      </ul>
      {given.length > LISTED && <p class="quiet">… and {given.length - LISTED} more.</p>}
      <p class="quiet">
        Press <kbd>→</kbd> to compute the first result.
      </p>
    </>
  );
}

function Forward({ graph, view, box, node }: { graph: Graph; view: Seen; box: number; node: GraphNode }): JSX.Element {
  const part = view.parts[box];
  if (isBranch(part)) {
    const title = part.title ? part.id : groupTitle(graph, part);
    return (
      <>
        <Head part="Forward">
          {title} computes {node.name} in {part.size} parts. Open it to see each of them.
        </Head>
        <Result node={node} />
      </>
    );
  }
  return (
    <>
      <Head part="Forward">{node.kind === "loss" ? "the loss: the one number to be made small." : "a result is computed from what is known."}</Head>
      <p class="formula">
        {node.name} = {node.formula}
      </p>
      {node.numbers && (
        <p class="formula numbers-line">
          = {node.numbers} = <b>{node.value}</b>
        </p>
      )}
      {!node.numbers && <Result node={node} />}
    </>
  );
}

function Result({ node }: { node: GraphNode }): JSX.Element {
  return (
    <div class="result">
      {node.v && several(node) && <Picture cells={node.v} side={72} label={`entries of ${node.name}`} />}
      <p>
        {node.name} = {node.value ?? `${size(node.shape)}, not kept: no derivative needs it`}
      </p>
    </div>
  );
}

function Turn({ node, loss }: { node: GraphNode; loss: string }): JSX.Element {
  return (
    <>
      <Head part="The loss">is {node.value}. Now backwards: by how much does it change when a quantity changes by a little?</Head>
      <p class="formula">
        <Partial of={loss} by={loss} /> = <b>1</b>
      </p>
      <p class="quiet">Each step back is one product of the chain rule: the gradient that has arrived, times a local gradient.</p>
    </>
  );
}

type Back = Extract<Step, { kind: "product" }>;

function Product(props: { graph: Graph; view: Seen; step: Back; arrived: Map<number, number>; steps: Step[]; at: number }): JSX.Element {
  const { graph, view, step } = props;
  if (step.edges.length === 1 && !isBranch(view.parts[step.to])) {
    return <Single {...props} edge={step.edges[0]} />;
  }
  const to = view.parts[step.to];
  const from = graph.nodes[step.edges[0].from];
  const name = isBranch(to) ? (to.title ? to.id : groupTitle(graph, to)) : graph.nodes[to].name;
  return (
    <>
      <Head part="Backward">
        through {name} to {step.edges.length === 1 ? from.name : `${step.edges.length} quantities`}.
      </Head>
      {step.edges.slice(0, 4).map((edge) => (
        <div class="result">
          {graph.nodes[edge.from].g && several(graph.nodes[edge.from]) && <Picture cells={graph.nodes[edge.from].g!} side={72} label={`gradient of ${graph.nodes[edge.from].name}`} />}
          <p>
            <Partial of={graph.loss} by={tail(graph.nodes[edge.from].name)} /> {countOf(graph, edge) > 1 ? "gets" : "="} {edge.share}
          </p>
        </div>
      ))}
      {step.edges.length > 4 && <p class="quiet">… and {step.edges.length - 4} more.</p>}
    </>
  );
}

function countOf(graph: Graph, edge: GraphEdge): number {
  return graph.edges.filter((e) => e.from === edge.from && e.share !== undefined).length;
}

function Single(props: { graph: Graph; step: Back; edge: GraphEdge; arrived: Map<number, number>; steps: Step[]; at: number }): JSX.Element {
  const { graph, edge } = props;
  const [x, y] = [graph.nodes[edge.from], graph.nodes[edge.to]];
  const scalar = edge.number !== undefined && edge.listed && x.shape.length === 0 && y.shape.length === 0;
  return (
    <>
      <Head part="Backward">
        from {y.name} to {x.name}: {edge.listed ? "gradient times local gradient." : "the gradient is pulled back through the operation."}
      </Head>
      <p class="formula">
        <Partial of={graph.loss} by={tail(x.name)} />{" "}
        <span class="sign">{countOf(graph, edge) > 1 ? "gets" : "="}</span>{" "}
        {edge.listed ? (
          <>
            <Partial of={graph.loss} by={y.name} /> · <Partial of={y.name} by={tail(x.name)} />
          </>
        ) : (
          edge.formula
        )}
      </p>
      {scalar ? (
        <p class="formula numbers-line">
          = {signed(y.gradient)} · {signed(edge.value)} = <b>{edge.share}</b>
        </p>
      ) : (
        <div class="result">
          {y.g && several(y) && x.g && several(x) && (
            <>
              <Picture cells={y.g} side={72} label={`gradient of ${y.name}`} />
              <span class="sign">→</span>
            </>
          )}
          {x.g && several(x) && <Picture cells={x.g} side={72} label={`gradient of ${x.name}`} />}
          <p>= {several(x) ? edge.share : short(edge.share ?? "", x.shape)}</p>
        </div>
      )}
      {edge.listed && (edge.formula !== edge.value || !scalar) && (
        <p class="local">
          local gradient{" "}
          <span class="formula">
            <Partial of={y.name} by={tail(x.name)} /> = {edge.formula}
            {edge.value && x.shape.length === 0 && ` = ${edge.value}`}
          </span>
          {edge.value && x.shape.length > 0 && uniform(edge.value) !== edge.formula && <span class="quiet"> ({edge.value})</span>}
        </p>
      )}
      <Sum {...props} x={x} />
    </>
  );
}

function signed(text = ""): string {
  return text.startsWith("−") ? `(${text})` : text;
}

/** Where a quantity is used in several places, its gradient is the sum of what comes from each. */
function Sum(props: { graph: Graph; steps: Step[]; at: number; edge: GraphEdge; x: GraphNode }): JSX.Element | null {
  const { graph, edge, x } = props;
  const all = graph.edges.filter((e) => e.from === edge.from && e.share !== undefined);
  if (all.length < 2) return null;
  const so = props.steps.slice(0, props.at + 1).flatMap((s) => (s.kind === "product" ? s.edges.filter((e) => e.from === edge.from) : []));
  const terms = so.map((e) => num(e.number));
  const known = terms.every((t) => !Number.isNaN(t)) && x.shape.length === 0;
  const done = so.length === all.length;
  return (
    <p class="sum">
      {x.name} is used in {all.length} places, and what comes back from them adds up
      {known && (
        <>
          :{" "}
          <span class="formula">
            {terms.map((t) => signed(number(t))).join(" + ")}
            {so.length > 1 && <b> = {done ? x.gradient : number(terms.reduce((a, b) => a + b, 0))}</b>}
          </span>
        </>
      )}
      {!done && <> ({so.length} of {all.length})</>}.
    </p>
  );
}

function Done({ graph }: { graph: Graph }): JSX.Element {
  const parameters = graph.nodes.filter((n) => n.kind === "parameter" && n.gradient !== undefined);
  return (
    <>
      <Head part="Done">every parameter has its gradient: the direction in which the loss grows. An update goes the other way.</Head>
      <ul class="given">
        {parameters.slice(0, LISTED).map((n) => (
          <li class="parameter">
            <Partial of={graph.loss} by={tail(n.name)} /> = {n.gradient}
          </li>
        ))}
      </ul>
      {parameters.length > LISTED && <p class="quiet">… and {parameters.length - LISTED} more.</p>}
    </>
  );
}
