// The camera on panels in space. All of them share one, so that runs side by side are seen from the same place.

const DISTANCE = 6; // of the eye from the middle, in radii of the ball that is seen: a mild perspective
const SPIN = 0.22; // radians a second, while it plays and until a person turns it
const ZOOM = [0.4, 8];

const newCamera = ([around, above]) => ({
  around: (around * Math.PI) / 180, above: (above * Math.PI) / 180, zoom: 1,
  home: `${around},${above}`, spins: !matchMedia("(prefers-reduced-motion: reduce)").matches,
});

const spatial = (panel) => panel.z !== undefined;

// Kept from picture to picture, unless another one asks for another view.
function cameraFor(s) {
  const panel = s.picture.panels.find(spatial);
  if (!panel) return null;
  return s.camera?.home === panel.view.join(",") ? s.camera : newCamera(panel.view);
}

function turnCamera(camera, dx, dy) {
  camera.around -= dx;
  camera.above = clamp(camera.above + dy, -Math.PI / 2, Math.PI / 2);
}

function zoomCamera(camera, factor) {
  camera.zoom = clamp(camera.zoom * factor, ...ZOOM);
}

// Where a panel's camera puts things. Rows of `turn`: to the right, upwards, towards the eye.
function eyeOf(camera, { panel, plot }) {
  const ranges = [panel.x, panel.y, panel.z];
  const middle = ranges.map(([low, high]) => (low + high) / 2);
  const radius = Math.max(...ranges.map(([low, high]) => high - low)) / 2;
  const [ca, sa] = [Math.cos(camera.around), Math.sin(camera.around)];
  const [cb, sb] = [Math.cos(camera.above), Math.sin(camera.above)];
  return {
    middle, radius,
    turn: [-sa, ca, 0, -sb * ca, -sb * sa, cb, cb * ca, cb * sa, sb],
    distance: DISTANCE * radius,
    scale: (0.48 * Math.min(plot.w, plot.h) * camera.zoom) / radius, // pixels a unit, in the middle
    x: plot.x + plot.w / 2,
    y: plot.y + plot.h / 2,
  };
}

// Into the camera's own axes, from its middle: out[k], out[k + 1], out[k + 2].
function turned(eye, x, y, z, out, k) {
  const { turn, middle } = eye;
  const [dx, dy, dz] = [x - middle[0], y - middle[1], z - middle[2]];
  out[k] = turn[0] * dx + turn[1] * dy;
  out[k + 1] = turn[3] * dx + turn[4] * dy + turn[5] * dz;
  out[k + 2] = turn[6] * dx + turn[7] * dy + turn[8] * dz;
}

// How much larger than in the middle something at depth z looks.
const nearness = (eye, z) => eye.distance / Math.max(0.1 * eye.distance, eye.distance - z);
