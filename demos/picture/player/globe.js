// Globe layers: a translucent sphere; the far side of its grid and cells shows through faintly.

// A sphere as seen by the camera: its centre, the direction of the eye from there, and the distance of the visible
// edge from the equator, towards the eye.
function horizon(layer, eye) {
  const center = new Float64Array(3);
  turned(eye, ...layer.center, center, 0);
  const towards = [-center[0], -center[1], eye.distance - center[2]];
  const away = Math.hypot(...towards);
  const w = towards.map((v) => v / away);
  // Two directions perpendicular to that of the eye, to go around the edge.
  const size = Math.hypot(w[0], w[2]);
  const across = [w[2] / size, 0, -w[0] / size];
  const up = [w[1] * across[2], w[2] * across[0] - w[0] * across[2], -w[1] * across[0]];
  return { center, radius: layer.radius, w, across, up, edge: Math.min(0.99, layer.radius / away), z: center[2] };
}

// The point on the screen of the direction u on a sphere.
function onScreen(eye, { center, radius }, u) {
  const z = center[2] + radius * u[2];
  return [viewX(eye, center[0] + radius * u[0], z), viewY(eye, center[1] + radius * u[1], z)];
}

function edgePoint({ w, across, up, edge }, angle) {
  const wide = Math.sqrt(1 - edge * edge);
  const [c, s] = [wide * Math.cos(angle), wide * Math.sin(angle)];
  return [0, 1, 2].map((k) => edge * w[k] + c * across[k] + s * up[k]);
}

const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

function trace(path, points) {
  points.forEach(([x, y], k) => path[k ? "lineTo" : "moveTo"](x, y));
}

function collectGlobe(layer, view, scene) {
  if (!view.on(layer.name)) return;
  const { eye } = scene;
  const ball = horizon(layer, eye);
  const rim = Array.from({ length: 90 }, (_, k) => onScreen(eye, ball, edgePoint(ball, (k / 45) * Math.PI)));
  scene.items.push({ z: ball.z, paint: paintGlobe, ball, rim });
  if (!layer.grid) return;
  const [front, back] = [new Path2D(), new Path2D()];
  for (const line of graticule()) {
    const seen = line.map((u) => rotated(eye, u));
    for (let k = 1; k < seen.length; k++) {
      const path = dot(seen[k], ball.w) + dot(seen[k - 1], ball.w) > 2 * ball.edge ? front : back;
      trace(path, [onScreen(eye, ball, seen[k - 1]), onScreen(eye, ball, seen[k])]);
    }
  }
  scene.items.push({ z: BEHIND, paint: paintGrid, path: back, alpha: 0.1 });
  scene.items.push({ z: ball.z + 1e-6 * ball.radius, paint: paintGrid, path: front, alpha: 0.26 });
}

/** @param {any} turned @param {number[]} place */
function rotated({ turn }, place) {
  const [x, y, z] = place;
  return [turn[0] * x + turn[1] * y, turn[3] * x + turn[4] * y + turn[5] * z, turn[6] * x + turn[7] * y + turn[8] * z];
}

// Meridians and parallels, every 30 degrees.
let meridians;
const graticule = () => (meridians ??= [
  ...Array.from({ length: 12 }, (_, m) => Array.from({ length: 41 }, (_, k) =>
    direction((m * Math.PI) / 6, ((k - 20) / 20) * (Math.PI / 2)))),
  ...[-60, -30, 0, 30, 60].map((degrees) => Array.from({ length: 73 }, (_, k) =>
    direction((k / 36) * Math.PI, (degrees * Math.PI) / 180))),
]);

const direction = (along, up) => [Math.cos(up) * Math.cos(along), Math.cos(up) * Math.sin(along), Math.sin(up)];

// A translucent shade in the background colour, darker to the lower right.
function paintGlobe(ctx, { ball, rim }, { eye, theme }) {
  const path = new Path2D();
  trace(path, rim);
  path.closePath();
  const r = ball.radius * eye.scale * nearness(eye, ball.z);
  const [x, y] = onScreen(eye, ball, [0, 0, 0]);
  const light = ctx.createRadialGradient(x - 0.35 * r, y - 0.4 * r, 0.05 * r, x, y, 1.05 * r);
  const shade = (part, alpha) => css(blend(theme.paper, theme.ink, part), alpha);
  light.addColorStop(0, shade(theme.dark ? 0.2 : 0.01, 0.66));
  light.addColorStop(0.6, shade(theme.dark ? 0.12 : 0.06, 0.7));
  light.addColorStop(1, shade(theme.dark ? 0.05 : 0.2, 0.78));
  ctx.fillStyle = light;
  ctx.fill(path);
  ctx.lineWidth = 1;
  ctx.strokeStyle = css(theme.ink, 0.35);
  ctx.stroke(path);
}

function paintGrid(ctx, { path, alpha }, { theme }) {
  ctx.lineWidth = 0.8;
  ctx.strokeStyle = css(theme.ink, alpha);
  ctx.stroke(path);
}
