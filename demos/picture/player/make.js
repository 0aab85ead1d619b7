// Makes one file of a picture and sends it to the program that opened the page (demos/picture/player/browser.py).
import play, { STATES } from "./player.js"; // removed when the scripts are joined

{
  const { kind } = document.documentElement.dataset;
  const tell = (what, body) => fetch(what, { method: "POST", body });
  const make = async () => {
    const parentElement = document.getElementById("player").attachShadow({ mode: "open" });
    const style = document.createElement("style");
    style.textContent = document.getElementById("player-style").textContent;
    parentElement.append(style);
    const data = new Uint8Array(await (await fetch("picture")).arrayBuffer());
    play({ data, parentElement, setTriggerValue: () => {} });
    const s = STATES.get(parentElement);
    const failed = () => !s.ui.problem.hidden;
    while (!s.figure && !failed()) await new Promise((done) => setTimeout(done, 20));
    if (failed()) throw new Error(s.ui.problem.textContent);
    setPlaying(s, false);
    if (kind === "PNG") {
      s.t = s.picture.frames - 1;
      return stillPicture(s);
    }
    let told = 0;
    return animation(s, kind, (part) => {
      if (part < told + 0.05) return;
      told = part;
      tell("progress", String(part));
    });
  };
  make().then((blob) => tell("result", blob), (error) => tell("failed", String(error.message)));
}
