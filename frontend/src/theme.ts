/** Light or dark: as the system says, until the reader chooses. */
import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";

export type Choice = "system" | "light" | "dark";
const NEXT: Record<Choice, Choice> = { system: "dark", dark: "light", light: "system" };

export const Dark = createContext(false);
export const useDark = (): boolean => useContext(Dark);

/** [whether it is dark, what was chosen, choose the next] */
export function useTheme(): [boolean, Choice, () => void] {
  const query = window.matchMedia("(prefers-color-scheme: dark)");
  const [choice, choose] = useState<Choice>("system");
  const [system, setSystem] = useState(query.matches);
  useEffect(() => {
    const listen = (e: MediaQueryListEvent): void => setSystem(e.matches);
    query.addEventListener("change", listen);
    return () => query.removeEventListener("change", listen);
  }, []);
  const dark = choice === "dark" || (choice === "system" && system);
  useEffect(() => {
    document.documentElement.dataset.theme = dark ? "dark" : "light";
  }, [dark]);
  return [dark, choice, () => choose(NEXT[choice])];
}
