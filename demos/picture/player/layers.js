// How each kind of layer is drawn. A new kind is one function and one row in DRAW.
//
// Two-dimensional layers have draw(ctx, layer, view), with view: { box, t, theme, fonts, dpr, on(key) }; `t` is the
// clock in frames, not always a whole number. Three-dimensional layers have collect(layer, view, scene): see space.js.

const still = () => false;
const always = () => true; // the camera moves
const oneSwitch = (layer) => [[layer.name, layer.name, layer.shown]];

// moves(layer): whether it is drawn in every frame. switches(layer): [key, label, initially shown] of what can be
// hidden. loose: may extend beyond the plot.
const DRAW = {
  field: {
    draw: drawField,
    moves: fieldMoves,
    switches: (layer) => [
      ...oneSwitch(layer),
      ...(layer.levels.length ? [[`${layer.name}/contours`, `${layer.name}: contour lines`, layer.shown]] : []),
    ],
  },
  points: {
    draw: drawPoints,
    moves: (layer) => layer.frames > 1,
    switches: (layer) => [
      ...oneSwitch(layer),
      ...(layer.trail && layer.trails ? [[`${layer.name}/trails`, `${layer.name}: trails`, layer.trail_shown]] : []),
    ],
  },
  arrows: {
    draw: drawArrows,
    moves: arrowsMove,
    switches: oneSwitch,
  },
  markers: { draw: drawMarkers, moves: markersMove, switches: oneSwitch, loose: true },
  curve: { draw: drawCurve, moves: (layer) => layer.y.shape.length === 2 && layer.frames > 1, switches: oneSwitch },
  lines: { draw: drawLines, moves: linesMove, switches: oneSwitch },
  handles: { draw: () => {}, moves: still, switches: oneSwitch }, // painted last: see handles.js
  spheres: {
    collect: collectSpheres,
    moves: always,
    switches: (layer) => [
      ...oneSwitch(layer),
      ...(layer.bonds || layer.bond_length ? [[`${layer.name}/bonds`, `${layer.name}: bonds`, true]] : []),
    ],
  },
  globe: { collect: collectGlobe, moves: always, switches: oneSwitch },
  cells: { collect: collectCells, moves: always, switches: oneSwitch },
  surface: { collect: collectSurface, moves: always, switches: oneSwitch },
};
