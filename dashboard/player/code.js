// An invisible component that brings the player's code, to which the players on the page refer by its version. The
// script is joined with the player's: see code.py.
import play from "../../demos/picture/player/player.js"; // removed when the scripts are joined
import { VERSION, codeOf } from "./versions.js"; // removed when the scripts are joined
import { hide } from "./hide.js"; // removed when the scripts are joined

codeOf(VERSION).arrive(play);

export default function ({ parentElement }) {
  hide(parentElement.host);
}
