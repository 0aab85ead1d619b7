// Formatting of numbers, and small arithmetic functions.

// The digits of a whole number as an exponent.
const raised = (power) => String(power).replace(/[-\d]/g, (c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c]));

// A number as text: significant digits, a true minus sign, powers of ten for very small or large numbers.
function format(value, digits = 3, whole = false, fixed = null) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "–" : value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  let text;
  if (fixed !== null) {
    text = value.toFixed(fixed);
  } else if (whole && size < 1e15) {
    text = size < 1e4 ? String(value) : value.toLocaleString("en").replaceAll(",", "\u202f");
  } else if (size !== 0 && (size >= 1e5 || size < 1e-3)) {
    const [mantissa, power] = value.toExponential(digits - 1).split("e");
    text = `${mantissa}·10${raised(Number(power))}`;
  } else {
    const decimals = size === 0 ? digits - 1 : Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
    text = value.toFixed(Math.min(decimals, 12));
  }
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−"); // no minus sign before a rounded 0
}

// A number of decimals for all values of a readout, so that its width is constant; null if their sizes differ too much.
// The smallest value shows at least one digit.
function commonDecimals(values, digits) {
  const sizes = Array.from(values, Math.abs).filter((v) => v > 0 && v < Infinity);
  const [least, most] = sizes.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, 0]);
  if (most >= 1e5 || most < 1e-3) return null;
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(most)));
  const needed = -Math.floor(Math.log10(least) + 1e-9);
  return needed > decimals + 2 ? null : Math.max(decimals, needed);
}

// The two ends of a scale as text, with decimals that fit their difference.
function formatEnds(low, high) {
  const size = Math.max(Math.abs(low), Math.abs(high));
  if (size >= 1e5 || size < 1e-3) return [low, high].map((v) => (v === 0 ? "0" : format(v, 2)));
  const decimals = clamp(1 - Math.floor(Math.log10(high - low || size)), 0, 12);
  return [low, high].map((v) => String(Number(v.toFixed(decimals))).replace("-", "−"));
}

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
const mix = (a, b, t) => a + (b - a) * t;
