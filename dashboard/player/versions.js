// The code of players by version, for all components of a page.

export const VERSION = ""; // replaced by the version of the code: see code.py

export function codeOf(version) {
  const versions = (globalThis.gradientFlowLabPlayers ??= {});
  if (!versions[version]) {
    let arrive;
    const arrived = new Promise((resolve) => (arrive = resolve));
    versions[version] = { arrived, arrive };
  }
  return versions[version];
}
