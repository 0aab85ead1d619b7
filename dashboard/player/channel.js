// A component that shows nothing: it carries events of a drag to a fragment of the page, and the answers to the player.

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

// The picture that the patch belongs to: in its header, as in decode.js, which would cost more than the patch itself.
function pictureOf(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
  return JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))).base;
}

// All around it that holds nothing else: an empty place would still keep its distance from what stands near.
function hide(host) {
  let part = host;
  while (part.parentElement?.childElementCount === 1) part = part.parentElement;
  part.style.display = "none";
}
