// An invisible component: it sends events of a drag to a fragment of the page, and passes its patches to the player.

import { hide } from "./hide.js"; // removed when the scripts are joined

const STOPS = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  STOPS.get(parentElement)?.();
  hide(parentElement.host);
  const base = pictureOf(data);
  const said = (event) => {
    if (event.detail.base === base) setTriggerValue("drag", event.detail);
  };
  document.addEventListener("gradient-flow-lab-drag", said);
  STOPS.set(parentElement, () => document.removeEventListener("gradient-flow-lab-drag", said));
  document.dispatchEvent(new CustomEvent("gradient-flow-lab-patch", { detail: data }));
  return () => STOPS.get(parentElement)?.();
}

// The id of the picture that the patch belongs to, from the patch's header. It repeats a few lines of decode.js, because
// to send that script would take more bytes than the patch.
function pictureOf(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
  return JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))).base;
}
