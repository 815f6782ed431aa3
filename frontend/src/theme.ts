/** Light or dark: as the system says, until the reader chooses. */
import { createContext } from "preact";
import { useContext, useEffect, useLayoutEffect, useMemo, useState } from "preact/hooks";

export type Choice = "system" | "light" | "dark";
const NEXT: Record<Choice, Choice> = { system: "dark", dark: "light", light: "system" };

export const Dark = createContext(false);
export const Printing = createContext(false); // paper is light, and shows the whole graph
export const useDark = (): boolean => useContext(Dark);

/** Whether a query of the medium holds. */
function useMedium(text: string): boolean {
  const query = useMemo(() => window.matchMedia(text), [text]);
  const [holds, setHolds] = useState(query.matches);
  useEffect(() => {
    const listen = (e: MediaQueryListEvent): void => setHolds(e.matches);
    query.addEventListener("change", listen);
    return () => query.removeEventListener("change", listen);
  }, [query]);
  return holds;
}

export const usePrinting = (): boolean => useMedium("print");

/** [whether it is dark, what was chosen, choose the next] */
export function useTheme(): [boolean, Choice, () => void] {
  const system = useMedium("(prefers-color-scheme: dark)");
  const printing = usePrinting();
  const [choice, choose] = useState<Choice>("system");
  const dark = !printing && (choice === "dark" || (choice === "system" && system));
  useLayoutEffect(() => {
    document.documentElement.dataset.theme = dark ? "dark" : "light";
  }, [dark]);
  return [dark, choice, () => choose(NEXT[choice])];
}
