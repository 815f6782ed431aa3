/** The moment of the training that all charts show: one clock for the page. */
import { type JSX, createContext } from "preact";
import { useContext, useEffect, useRef, useState } from "preact/hooks";

export interface Clock {
  step: number;
  first: number;
  last: number;
  trained: number; // the last step of the training; one more is the state after it
  set: (step: number) => void;
}

/** `step 12`, or what comes after the last one. */
export function named(step: number, clock: Clock): string {
  return step > clock.trained ? `the end, after step ${clock.trained}` : `step ${step}`;
}

export const Time = createContext<Clock>({ step: 1, first: 1, last: 1, trained: 1, set: () => {} });
export const useClock = (): Clock => useContext(Time);

/** The place in an ascending list whose entry is nearest. */
export function nearest(steps: number[], step: number): number {
  let best = 0;
  steps.forEach((s, i) => {
    if (Math.abs(s - step) < Math.abs(steps[best] - step)) best = i;
  });
  return best;
}

const SECONDS = 6; // that a training takes when it is played

export function TimeBar({ label }: { label: string }): JSX.Element | null {
  const clock = useClock();
  const [playing, setPlaying] = useState(false);
  const now = useRef(clock);
  now.current = clock;
  useEffect(() => {
    if (!playing) return;
    const begun = performance.now();
    const { first, last, step } = now.current;
    const start = step >= last ? first : step;
    let frame = requestAnimationFrame(function tick(time) {
      const step = Math.round(start + ((time - begun) / 1000 / SECONDS) * (last - first));
      now.current.set(Math.max(start, Math.min(step, last)));
      if (step < last) frame = requestAnimationFrame(tick);
      else setPlaying(false);
    });
    return () => cancelAnimationFrame(frame);
  }, [playing]);
  if (clock.last <= clock.first) return null;
  return (
    <div class="timebar" role="group" aria-label={label}>
      <button type="button" onClick={() => setPlaying(!playing)} aria-pressed={playing}>
        {playing ? "Pause" : "Play"}
      </button>
      <input
        type="range"
        aria-label={label}
        aria-valuetext={`${named(clock.step, clock)} of ${clock.trained}`}
        min={clock.first}
        max={clock.last}
        value={clock.step}
        onInput={(e) => {
          setPlaying(false);
          clock.set(Number(e.currentTarget.value));
        }}
      />
      <output>
        {clock.step > clock.trained ? `after step ${clock.trained}` : `step ${clock.step} of ${clock.trained}`}
      </output>
    </div>
  );
}
