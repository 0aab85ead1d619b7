// Colours: read from the theme's CSS variables, mixed in OKLab (where equal steps look equal).

// Defaults for colours that the theme does not name, as in .streamlit/config.toml.
const PALETTES = {
  light: {
    sequential: ["#faf6ef", "#ead6b9", "#dab48b", "#c59167", "#ab7150", "#9b6349"],
    categorical: ["#0072b2", "#c75300", "#00805e", "#b0568a", "#b07a00", "#2e93c9", "#857c00", "#57534d"],
    diverging: ["#1a6fa9", "#a24e23"],
  },
  dark: {
    sequential: ["#191715", "#3c2b1f", "#5f4329", "#7f5f37", "#9d7f4f", "#aa905f"],
    categorical: ["#56b4e9", "#f28444", "#2cc295", "#e39ac4", "#e69f00", "#8ea2ff", "#f0e442", "#a8a298"],
    diverging: ["#65b2f1", "#ec9066"],
  },
};

const probe = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });

// Any CSS colour as [r, g, b], 0 … 255.
function rgb(color) {
  probe.clearRect(0, 0, 1, 1);
  probe.fillStyle = "#808080"; // remains if the browser does not know the colour
  probe.fillStyle = color;
  probe.fillRect(0, 0, 1, 1);
  return Array.from(probe.getImageData(0, 0, 1, 1).data.slice(0, 3));
}

/** @type {(color: number[], alpha?: number) => string} */
const css = ([r, g, b], alpha = 1) => `rgb(${Math.round(r)} ${Math.round(g)} ${Math.round(b)} / ${alpha})`;

// OKLab, after B. Ottosson (2020), https://bottosson.github.io/posts/oklab/
function oklab(color) {
  const [r, g, b] = color.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/** @param {number[]} color */
function fromOklab(color) {
  const [L, a, b] = color;
  const l = (L + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (L - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (L - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ].map((c) => 255 * clamp(c <= 0.0031308 ? 12.92 * c : 1.055 * c ** (1 / 2.4) - 0.055, 0, 1));
}

function blend(a, b, t) {
  const [from, to] = [oklab(a), oklab(b)];
  return fromOklab(from.map((v, i) => mix(v, to[i], t)));
}

// A map of 256 colours, interpolated between evenly spaced stops.
function ramp(stops) {
  const points = stops.map(oklab);
  return Array.from({ length: 256 }, (_, i) => {
    const at = (i / 255) * (points.length - 1);
    const k = Math.min(Math.floor(at), points.length - 2);
    return fromOklab(points[k].map((v, c) => mix(v, points[k + 1][c], at - k)));
  });
}

// A cyclic map of 256 colours of equal lightness: the directions in OKLab's plane of hues. The last is the first.
function wheel(lightness, chroma) {
  return Array.from({ length: 256 }, (_, i) => {
    const angle = (i / 255) * 2 * Math.PI + 0.5;
    return fromOklab([lightness, chroma * Math.cos(angle), chroma * Math.sin(angle)]);
  });
}

// A colour as one number: the four bytes of an opaque ImageData pixel.
const packed = (colors) => Uint32Array.from(colors, ([r, g, b]) => (255 << 24) | (b << 16) | (g << 8) | r);

// The colours and fonts of the page around the player; `known`, the ones that it had last, if they are still the same.
function readTheme(element, known = null) {
  const style = getComputedStyle(element);
  const value = (name) => {
    const text = style.getPropertyValue(name).trim();
    return text === "unset" ? "" : text;
  };
  const names = ["--st-background-color", "--st-text-color", "--st-primary-color", "--st-font", "--st-heading-font",
    "--st-chart-sequential-colors", "--st-chart-categorical-colors", "--st-chart-diverging-colors"];
  const texts = names.map(value);
  const key = texts.join("|");
  if (key === known?.key) return known;
  const [paperText, inkText, accentText, font, heading, sequential, categorical, diverging] = texts;
  const paper = rgb(paperText || "#ffffff");
  const ink = rgb(inkText || "#1c1a17");
  const dark = oklab(paper)[0] < 0.5;
  const own = PALETTES[dark ? "dark" : "light"];
  const list = (text, fallback) => splitColors(text, fallback).map(rgb);
  const stops = list(sequential, own.sequential);
  const far = (color) => Math.abs(oklab(color)[0] - oklab(paper)[0]);
  if (far(stops[0]) > far(stops.at(-1))) stops.reverse(); // low values are closest to the background
  const ends = list(diverging, own.diverging);
  const sequentialMap = ramp(stops);
  const divergingMap = ramp([ends[0], paper, ends.at(-1)]);
  // A field that is the subject, not the background of points, is brighter in the dark theme, for projectors.
  const brightMap = dark ? ramp([...stops, blend(stops.at(-1), ink, 0.55), blend(stops.at(-1), ink, 0.85)]) : sequentialMap;
  const cyclicMap = dark ? wheel(0.72, 0.115) : wheel(0.68, 0.115);
  return {
    key,
    dark, paper, ink,
    accent: rgb(accentText || "#c4431b"),
    muted: blend(paper, ink, 0.68),
    faint: blend(paper, ink, 0.22),
    font: font || "sans-serif",
    heading: heading || font || "serif",
    categorical: list(categorical, own.categorical),
    sequential: sequentialMap,
    bright: brightMap,
    diverging: divergingMap,
    cyclic: cyclicMap,
    pixels: {
      sequential: packed(sequentialMap), bright: packed(brightMap), diverging: packed(divergingMap),
      cyclic: packed(cyclicMap),
    },
    // For points, which must contrast with background and field, the map starts half way and continues to the text colour.
    points: ramp([sequentialMap[140], sequentialMap[255], blend(sequentialMap[255], ink, 0.6)]),
  };
}

// Split at commas outside brackets, because of rgb(…).
function splitColors(text, fallback) {
  const parts = text ? text.split(/,(?![^(]*\))/).map((part) => part.trim()).filter(Boolean) : [];
  return parts.length >= 2 ? parts : fallback;
}

// A colour by its number, as in demos/picture/layers.py: index into the categorical map, -1 text colour, -2 accent.
function colorOf(index, theme) {
  if (index === -1) return theme.ink;
  return index < 0 ? theme.accent : theme.categorical[index % theme.categorical.length];
}

const labelColor = (layer, label, theme) => colorOf(layer.label_colors[label] ?? label, theme);

// The colours of a layer's items at the frame nearest to the clock: a table, and an index for each item (null: all 0).
function colorsOf(layer, count, { theme, t }, plain) {
  const per = layer.labels ?? layer.values;
  if (!per) return { table: [plain], index: null };
  const frame = per.shape.length === 2 ? Math.min(Math.round(t), layer.frames - 1) : 0;
  const table = layer.labels ? Array.from({ length: 256 }, (_, k) => labelColor(layer, k, theme))
    : theme.points.slice(0, MISSING_BYTE); // a missing value has no colour and is not drawn
  return { table, index: per.data.subarray(frame * count, (frame + 1) * count) };
}
