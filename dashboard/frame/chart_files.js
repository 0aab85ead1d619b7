// A download button for each chart on the page: as SVG if the browser draws the chart as SVG, which it does for all but
// the largest, else as PNG. The file is made from the drawing on the page, in its theme and size, without the server.

const STATES = new WeakMap();
const CHARTS = "[data-testid=stVegaLiteChart]";
const SVG = "http://www.w3.org/2000/svg";

function node(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// The chart as a complete SVG file: text colour, font and background, which the drawing inherits from the page, are set.
function whole(svg, title, paper) {
  const copy = svg.cloneNode(true), seen = getComputedStyle(svg);
  const width = svg.clientWidth || svg.width.baseVal.value, height = svg.clientHeight || svg.height.baseVal.value;
  if (!copy.hasAttribute("viewBox")) copy.setAttribute("viewBox", `0 0 ${width} ${height}`);
  copy.removeAttribute("class");
  copy.removeAttribute("style");
  for (const [name, value] of Object.entries({ width, height, color: seen.color, "font-family": seen.fontFamily })) {
    copy.setAttribute(name, value);
  }
  const ground = document.createElementNS(SVG, "rect"), words = document.createElementNS(SVG, "title");
  for (const [name, value] of Object.entries({ width: "100%", height: "100%", fill: paper })) ground.setAttribute(name, value);
  words.textContent = title;
  copy.prepend(words, ground);
  return new Blob([`<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(copy)}`], { type: "image/svg+xml" });
}

const painted = (canvas) => new Promise((done) => canvas.toBlob(done, "image/png"));

function save(content, name) {
  const address = URL.createObjectURL(content);
  node("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

function found() {
  return [...document.querySelectorAll(CHARTS)].flatMap((place) => {
    const svg = place.querySelector("svg.marks"), canvas = place.querySelector("canvas.marks");
    const title = place.getAttribute("aria-label") || place.querySelector("[aria-label]")?.getAttribute("aria-label") || "Chart";
    return svg || canvas ? [{ svg, canvas, title }] : [];
  });
}

export default function ({ data, parentElement }) {
  let s = STATES.get(parentElement);
  if (!s || !s.root.isConnected) {
    s = { root: node("div", { class: "charts" }) };
    STATES.set(parentElement, s);
    parentElement.append(s.root);
  }
  const charts = found();
  const paper = () => getComputedStyle(parentElement.host ?? parentElement).getPropertyValue("--st-background-color");
  s.root.replaceChildren(...charts.map(({ svg, canvas, title }, i) => {
    const name = `${data.name}-chart-${i + 1}.${svg ? "svg" : "png"}`;
    const button = node("button", { type: "button" }, `Save ${name}`);
    button.onclick = async () => {
      const now = found()[i] ?? {}; // drawn anew since, in a new theme or with new data
      const chart = now.title === title && !now.svg === !svg ? now : { svg, canvas };
      const content = chart.svg ? whole(chart.svg, title, paper()) : await painted(chart.canvas);
      if (content) save(content, name);
    };
    return node("div", { class: "row" }, button, node("span", {}, title));
  }));
  if (!charts.length) s.root.append(node("p", {}, "No chart is open on this page: open one under the picture, then come back."));
}
