// Streamlit writes the state of its connection on the app's root.
const WAIT = 1000; // ms: a short gap needs no word
const WORDS = "The connection to the server is lost, and is being tried again. The picture goes on; settings can be changed when it is back.";
const LOOK = `
.gf-away { position: fixed; inset: auto 0 1rem 0; z-index: 1000000; width: fit-content; max-width: min(40rem, calc(100vw - 2rem)); box-sizing: border-box;
  margin: 0 auto; padding: 0.6rem 1rem; border-radius: 8px; font: 400 1rem/1.4 "Source Sans", sans-serif; color: #fff; background: #8a1f17; }
.gf-away:empty { display: none; }
body:has(.gf-away:not(:empty)) [data-testid="stDialog"] { display: none; }`;

export default function () {
  const app = document.querySelector("[data-testid=stApp]");
  if (!app) return undefined;
  const word = Object.assign(document.createElement("div"), { className: "gf-away" });
  const style = Object.assign(document.createElement("style"), { textContent: LOOK });
  word.setAttribute("role", "status");
  document.body.append(style, word);
  let timer = 0;
  const look = () => {
    const away = app.dataset.testConnectionState !== "CONNECTED";
    if (!away) {
      clearTimeout(timer);
      timer = 0;
      word.textContent = "";
    } else if (!timer) {
      timer = setTimeout(() => { word.textContent = WORDS; }, WAIT);
    }
  };
  const observer = new MutationObserver(look);
  observer.observe(app, { attributes: true, attributeFilter: ["data-test-connection-state"] });
  look();
  return () => {
    observer.disconnect();
    clearTimeout(timer);
    word.remove();
    style.remove();
  };
}
