// The camera of three-dimensional panels. They share one, so that runs side by side are seen from the same point.

const DISTANCE = 6; // of the eye from the centre, in radii of the visible ball: a weak perspective
const SPIN = 0.22; // radians a second, while the picture plays and until a person rotates it
const ZOOM = [0.4, 8];

const newCamera = ([around, above]) => ({
  around: (around * Math.PI) / 180, above: (above * Math.PI) / 180, zoom: 1,
  home: `${around},${above}`, spins: !matchMedia("(prefers-reduced-motion: reduce)").matches,
});

const spatial = (panel) => panel.z !== undefined;

// The camera for a picture: the old one, unless the picture has another initial view.
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

// The projection of a panel. Rows of the rotation `turn`: to the right, upwards, towards the eye.
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
    scale: (0.48 * Math.min(plot.w, plot.h) * camera.zoom) / radius, // pixels for each unit, at the centre
    x: plot.x + plot.w / 2,
    y: plot.y + plot.h / 2,
  };
}

// Transform into the camera's axes, relative to its centre: out[k], out[k + 1], out[k + 2].
function turned(eye, x, y, z, out, k) {
  const { turn, middle } = eye;
  const [dx, dy, dz] = [x - middle[0], y - middle[1], z - middle[2]];
  out[k] = turn[0] * dx + turn[1] * dy;
  out[k + 1] = turn[3] * dx + turn[4] * dy + turn[5] * dz;
  out[k + 2] = turn[6] * dx + turn[7] * dy + turn[8] * dz;
}

// The magnification at depth z, relative to the centre.
const nearness = (eye, z) => eye.distance / Math.max(0.1 * eye.distance, eye.distance - z);
