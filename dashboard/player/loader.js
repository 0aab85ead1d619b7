// The component of the picture: it waits for the player's code (code.js), and calls it.
import { VERSION, codeOf } from "./versions.js"; // removed when the scripts are joined

export default async function (component) {
  const play = await codeOf(VERSION).arrived;
  return play(component);
}
