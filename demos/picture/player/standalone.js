// The script of a standalone page: one player that shows one of the page's states at a time.
import play from "./player.js"; // removed when the scripts are joined

{
  const place = (id) => document.getElementById(id);
  const parentElement = place("player").attachShadow({ mode: "open" });
  const style = document.createElement("style");
  style.textContent = place("player-style").textContent;
  parentElement.append(style);

  const pictures = new Map(); // state → the promise of its bytes, decompressed when it is first shown
  const bytesOf = (state) => {
    if (!pictures.has(state)) pictures.set(state, unpacked(place(`picture-${state}`).textContent.trim()));
    return pictures.get(state);
  };
  const unpacked = async (text) => {
    const raw = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const stream = new Blob([raw]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  };

  let wanted = 0;
  const show = async (state) => {
    wanted = state;
    const control = /** @type {HTMLInputElement | null} */ (place("control"));
    if (control) {
      control.value = String(state);
      const words = place(`words-${state}`);
      place("value").textContent = control.ariaValueText = words.dataset.value;
      for (const [id, name] of [["above", ".above"], ["below", ".below"]]) {
        place(id).replaceChildren(.../** @type {any} */ (words).content.querySelector(name).cloneNode(true).childNodes);
      }
    }
    // A damaged file, or a browser that cannot decompress: the player says that these bytes are no picture.
    const data = await bytesOf(state).catch(() => new Uint8Array());
    if (state !== wanted) return; // the slider moved meanwhile
    play({ data, parentElement, setTriggerValue: () => {} });
    document.documentElement.dataset.state = String(state);
  };
  place("control")?.addEventListener("input", (event) => show(Number(/** @type {any} */ (event.target).value)));
  // As in Streamlit, the same bytes again make the player read the theme.
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => show(wanted));
  const first = Number(new URLSearchParams(location.hash.slice(1)).get("state") ?? 0); // file.html#state=2
  show(place(`picture-${first}`) ? first : 0);
}
