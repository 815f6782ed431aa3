/** Forwards and backwards through the steps: buttons, a slider, arrow keys. */
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Step } from "./steps";

const PACE = 1100; // milliseconds between steps while it plays

export function Stepper(props: { steps: Step[]; at: number; go: (at: number) => void }): JSX.Element {
  const { steps, at, go } = props;
  const [playing, setPlaying] = useState(false);
  const last = steps.length - 1;
  const now = useRef(at);
  now.current = at;
  useEffect(() => {
    if (!playing) return;
    const timer = setInterval(() => {
      if (now.current >= last) setPlaying(false);
      else go(now.current + 1);
    }, PACE);
    return () => clearInterval(timer);
  }, [playing, last]);
  const turn = steps.findIndex((step) => step.kind === "turn");
  const to = (i: number): void => {
    setPlaying(false);
    go(Math.min(Math.max(i, 0), last));
  };
  return (
    <div class="stepper" role="group" aria-label="steps of the forward and the backward pass">
      <div class="buttons">
        <button type="button" onClick={() => to(0)} disabled={at === 0} aria-label="to the start" title="to the start (Home)">
          <Icon name="start" />
        </button>
        <button type="button" onClick={() => to(at - 1)} disabled={at === 0} aria-label="one step back" title="one step back (←)">
          <Icon name="back" />
        </button>
        <button
          type="button"
          class="primary"
          onClick={() => {
            if (at >= last) go(0);
            setPlaying(!playing);
          }}
          aria-pressed={playing}
        >
          {playing ? "Pause" : "Play"}
        </button>
        <button type="button" onClick={() => to(at + 1)} disabled={at === last} aria-label="one step on" title="one step on (→)">
          <Icon name="on" />
        </button>
        <button type="button" onClick={() => to(last)} disabled={at === last} aria-label="to the end" title="to the end (End)">
          <Icon name="end" />
        </button>
      </div>
      <div class="track">
        <input
          type="range"
          min={0}
          max={last}
          value={at}
          aria-label="step"
          aria-valuetext={spoken(steps, at)}
          onInput={(e) => to(Number(e.currentTarget.value))}
        />
        {turn > 0 && (
          <div class="halves" aria-hidden="true">
            <span class="forward" style={{ flexGrow: turn }}>
              forward
            </span>
            <span class="backward" style={{ flexGrow: last - turn }}>
              backward
            </span>
          </div>
        )}
      </div>
      <output class="count">
        {at} / {last}
      </output>
    </div>
  );
}

const ICONS = {
  start: "M3 3h2v10H3zM14 3v10L6 8z",
  back: "M12 3v10L4 8z",
  on: "M4 3v10l8-5z",
  end: "M2 3v10l8-5zM11 3h2v10h-2z",
};

function Icon({ name }: { name: keyof typeof ICONS }): JSX.Element {
  return (
    <svg width="16" height="16" aria-hidden="true" class="icon">
      <path d={ICONS[name]} />
    </svg>
  );
}

function spoken(steps: Step[], at: number): string {
  return `step ${at} of ${steps.length - 1}, ${{ given: "start", forward: "forward", turn: "loss", product: "backward", done: "end" }[steps[at].kind]}`;
}
