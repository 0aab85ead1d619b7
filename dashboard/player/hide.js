// Shared by the invisible components. An empty container would still add a gap to the page, so every parent that
// contains nothing else is hidden too.

export function hide(host) {
  let part = host;
  while (part.parentElement?.childElementCount === 1) part = part.parentElement;
  part.style.display = "none";
}
