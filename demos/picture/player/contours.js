// Contour lines by marching squares, in grid coordinates, joined into long lines to avoid visible seams.

// Which edges of a cell a line joins, for each of the 16 cases of corners above the level. Edges: 0 bottom, 1 right,
// 2 top, 3 left; corners: bit 1 bottom left, 2 bottom right, 4 top right, 8 top left.
const CASES = [
  [], [3, 0], [0, 1], [3, 1], [1, 2], null, [0, 2], [3, 2],
  [2, 3], [2, 0], null, [2, 1], [1, 3], [1, 0], [0, 3], [],
];

// The contour lines of one level, each a list of [column, row].
function contour(values, width, height, level) {
  const size = width * height;
  const pairs = []; // the two edges of each segment; the edge from node k to the right is k, the upward one size + k
  for (let row = 0; row + 1 < height; row++) {
    for (let k = row * width; k + 1 < (row + 1) * width; k++) {
      const a = values[k];
      const b = values[k + 1];
      const c = values[k + width + 1];
      const d = values[k + width];
      const code = (a > level ? 1 : 0) | (b > level ? 2 : 0) | (c > level ? 4 : 0) | (d > level ? 8 : 0);
      if (code === 0 || code === 15 || !Number.isFinite(a + b + c + d)) continue;
      let joins = CASES[code];
      if (joins === null) { // a saddle in the cell: the mean value decides which corners are joined
        const high = (a + b + c + d) / 4 > level;
        joins = (code === 5) === high ? [0, 1, 2, 3] : [3, 0, 1, 2];
      }
      for (const side of joins) pairs.push([k, size + k + 1, k + width, size + k][side]);
    }
  }
  const place = (edge) => {
    const k = edge % size;
    const part = (level - values[k]) / (values[edge < size ? k + 1 : k + width] - values[k]);
    return [(k % width) + (edge < size ? part : 0), Math.floor(k / width) + (edge < size ? 0 : part)];
  };
  return chain(pairs).map((line) => line.map(place));
}

// Join segments that share an edge into lines.
function chain(pairs) {
  const at = new Map(); // edge → its positions in `pairs` (at most two)
  pairs.forEach((edge, k) => at.get(edge)?.push(k) ?? at.set(edge, [k]));
  const used = new Uint8Array(pairs.length / 2);
  const walk = (k) => {
    const line = [pairs[k]];
    for (;;) {
      const next = at.get(pairs[k]).find((other) => !used[other >> 1]);
      if (next === undefined) return line;
      used[next >> 1] = 1;
      k = next ^ 1; // the other end of that segment
      line.push(pairs[k]);
    }
  };
  const lines = [];
  for (let s = 0; s < used.length; s++) {
    if (used[s]) continue;
    used[s] = 1;
    const ahead = walk(2 * s + 1);
    lines.push([...walk(2 * s).reverse(), ...ahead]);
  }
  return lines;
}

// All contour lines of a field, computed once: they do not depend on size or theme.
function contoursOf(layer) {
  const [height, width] = layer.values.shape;
  layer.lines ??= layer.levels.flatMap((level) => contour(layer.values.data, width, height, level));
  return layer.lines;
}

function drawContours(ctx, layer, view) {
  const { plot } = view.box;
  const [height, width] = layer.values.shape;
  const kx = plot.w / (width - 1);
  const ky = plot.h / (height - 1);
  ctx.beginPath();
  for (const line of contoursOf(layer)) {
    line.forEach(([x, y], i) => ctx[i ? "lineTo" : "moveTo"](plot.x + x * kx, plot.y + plot.h - y * ky));
  }
  ctx.strokeStyle = css(view.theme.ink, view.theme.dark ? 0.26 : 0.24);
  ctx.lineWidth = 0.9;
  ctx.lineJoin = "round";
  ctx.stroke();
}
