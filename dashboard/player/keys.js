// An invisible component that listens to the keys of presentation mode, which go through the scenes.

const STEPS = { ArrowRight: 1, ArrowDown: 1, PageDown: 1, ArrowLeft: -1, ArrowUp: -1, PageUp: -1, Escape: 0 };
const OWN = "input, textarea, select, [role=slider], [role=combobox], [role=listbox], [role=radiogroup]";
const STOPS = new WeakMap(); // Streamlit calls the default export again, for example after a change of the theme

export default function ({ parentElement, setTriggerValue }) {
  STOPS.get(parentElement)?.();
  const pressed = (event) => {
    if (!(event.key in STEPS) || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.composedPath()[0].closest?.(OWN)) return; // what has its own use for these keys
    if (event.key === "Escape" && document.fullscreenElement) return; // it leaves the full screen first
    event.preventDefault();
    setTriggerValue("go", STEPS[event.key]);
  };
  document.addEventListener("keydown", pressed);
  STOPS.set(parentElement, () => document.removeEventListener("keydown", pressed));
  return () => STOPS.get(parentElement)?.();
}
