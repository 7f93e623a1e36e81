// The workbench's only script. Every page works without it; with it, drafts save themselves, checks come while
// one types, and nobody leaves with unsaved text by mistake. Nothing is loaded from anywhere else.

const QUICK = { "living-quick": "1" };
const SAVE_AFTER = 1000; // ms after the last key: a pause, not a sentence
const CHECK_AFTER = 700;
const AGAIN_AFTER = 15000; // ms until a save that failed is tried again
const KEEPALIVE_MOST = 60000; // bytes; browsers refuse larger requests while a page is left

for (const form of document.querySelectorAll("form[data-draft]")) keeping(form);

// --- forms that keep a draft: autosave, leave warning; the reading form is also checked while one types ---------

function keeping(form) {
  const told = document.getElementById("kept");
  const result = form.elements.result?.value || ""; // one study has a form for each of its results
  const shelf = `living-draft ${form.dataset.by} ${form.dataset.draft} ${result}`.trimEnd();
  let saved = typed(), sending = null, saveTimer = 0, checkTimer = 0, asked = 0, leaving = false;

  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.addEventListener("submit", () => { leaving = true; clearTimeout(saveTimer); });
  window.addEventListener("pageshow", () => { leaving = false; });
  window.addEventListener("online", save);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") leave(); });
  window.addEventListener("beforeunload", (event) => {
    if (leaving || typed() === saved) return;
    leave();
    event.preventDefault();
  });
  sendShelved();

  function changed() {
    clearTimeout(saveTimer);
    clearTimeout(checkTimer);
    saveTimer = setTimeout(save, SAVE_AFTER);
    if (form.dataset.check) checkTimer = setTimeout(check, CHECK_AFTER);
  }

  // What was typed, without what the page itself put there.
  function typed() {
    const fields = [...new FormData(form)].filter(([name]) => !["csrf", "key", "base", "source"].includes(name));
    return JSON.stringify(fields);
  }

  function body() {
    return new URLSearchParams([...new FormData(form), ["do", "save"]]);
  }

  async function save() {
    const now = typed();
    if (now === saved || sending) return;
    shelve(now);
    say("Saving");
    sending = send(form.dataset.draft, body());
    const answer = await sending;
    sending = null;
    if (answer.ok) kept(now, answer.data);
    else notKept(answer);
  }

  function kept(now, data) {
    form.elements.base.value = data.revision;
    saved = now;
    unshelve();
    say(`Saved ${data.at.slice(11, 16)} UTC`);
    if (data.beside) link("Another window saved this form differently. See the difference", data.beside);
    if (typed() !== saved) changed();
  }

  function notKept(answer) {
    if (answer.status === 401) say("You were signed out. Press Save draft: you sign in and nothing is lost");
    else if (answer.status === 0) say("No connection. Kept in this browser, and sent when it is back");
    else say(`Not saved: ${answer.data.fault || "the server refused it"}. Kept in this browser`);
    if (answer.status === 0 || answer.status >= 500) saveTimer = setTimeout(save, AGAIN_AFTER);
  }

  // The page goes out of sight: what a browser may still send then is small, and the shelf holds the rest.
  function leave() {
    const now = typed();
    if (leaving || sending || now === saved) return;
    shelve(now);
    const text = body();
    if (text.toString().length < KEEPALIVE_MOST) {
      send(form.dataset.draft, text, true).then((answer) => { if (answer.ok) kept(now, answer.data); });
    }
  }

  // --- the shelf: this browser's own copy until the server has it, by person and form --------------------------

  function shelve(now) {
    try { localStorage.setItem(shelf, JSON.stringify({ base: form.elements.base.value, fields: JSON.parse(now) })); }
    catch { /* a full or forbidden shelf: the page itself still holds the text */ }
  }

  function unshelve() {
    try { localStorage.removeItem(shelf); } catch { /* nothing was there */ }
  }

  async function sendShelved() {
    let left = null;
    try { left = JSON.parse(localStorage.getItem(shelf)); } catch { return; }
    if (!left) return;
    if (JSON.stringify(left.fields) === saved) return unshelve();
    const text = new URLSearchParams([...left.fields, ["base", left.base], ["csrf", form.elements.csrf.value], ["do", "save"]]);
    const answer = await send(form.dataset.draft, text);
    if (!answer.ok) return;
    unshelve();
    const page = answer.data.beside || answer.data.page || `${location.pathname}?rev=${answer.data.revision}`;
    link("This browser held text that had not reached the server. It is kept now. Look at it", page);
  }

  // --- check while typing ------------------------------------------------------------------------------------

  async function check() {
    const mine = ++asked;
    const answer = await send(form.dataset.check, body());
    if (!answer.ok || mine !== asked) return;
    const fresh = new DOMParser().parseFromString(answer.text, "text/html");
    for (const note of fresh.querySelectorAll("[id^='note-']")) replace(document.getElementById(note.id), note);
  }

  // A reason somebody is typing is never taken from under the hands; one no longer asked for stays in the form.
  function replace(place, fresh) {
    if (!place || place.contains(document.activeElement) || place.innerHTML === fresh.innerHTML) return;
    const before = [...place.querySelectorAll("input")];
    place.replaceChildren(...document.importNode(fresh, true).childNodes);
    for (const input of before) {
      if (!input.value || form.elements[input.name]) continue;
      const still = Object.assign(document.createElement("input"), { type: "hidden" });
      form.append(Object.assign(still, { name: input.name, value: input.value }));
    }
    const field = document.getElementById(place.id.slice("note-".length));
    if (field && place.querySelector(".wrong, .impossible")) field.setAttribute("aria-invalid", "true");
    else field?.removeAttribute("aria-invalid");
  }

  function say(words) {
    told.textContent = words;
  }

  function link(words, href) {
    const way = Object.assign(document.createElement("a"), { href, textContent: words });
    told.replaceChildren(way);
  }

  // One request; a form token that ran out is renewed once, and no answer at all is status 0.
  async function send(to, text, keepalive = false, again = true) {
    try {
      const answer = await fetch(to, { method: "POST", body: text, headers: QUICK, keepalive });
      const plain = await answer.text();
      const data = answer.headers.get("content-type")?.includes("json") ? JSON.parse(plain) : {};
      if (answer.status === 403 && data.csrf && again) {
        form.elements.csrf.value = data.csrf;
        text.set("csrf", data.csrf);
        return send(to, text, keepalive, false);
      }
      return { ok: answer.ok, status: answer.status, data, text: plain };
    } catch {
      return { ok: false, status: 0, data: {}, text: "" };
    }
  }
}

// --- screening: single keys --------------------------------------------------------------------------------------
// i and u vote at once; e waits for the number of a criterion; n, p and z press the page's own links and button.
// They can be turned off, as somebody who dictates must not vote by a stray letter.

if (document.querySelector("[data-key]")) screening(document.querySelector("form[data-screen]"));

function screening(form) {
  const OFF = "living-keys-off";
  const criteria = [...document.querySelectorAll("[data-criterion]")];
  let on = localStorage.getItem(OFF) === null;

  document.addEventListener("keydown", pressed);
  if (form) explain(form.querySelector("[data-keys]"));

  function explain(help) {
    const turn = help.querySelector("[data-keys-switch]");
    for (const [at, input] of criteria.slice(0, 9).entries()) {
      const key = document.createElement("kbd");
      key.textContent = String(at + 1);
      key.setAttribute("aria-hidden", "true");
      form.querySelector(`label[for="${input.id}"]`).prepend(key);
    }
    const show = () => {
      help.querySelector("[data-keys-on]").hidden = !on;
      turn.textContent = on ? "Turn single keys off" : "Turn single keys on";
      for (const key of form.querySelectorAll("label kbd")) key.hidden = !on;
    };
    turn.addEventListener("click", () => {
      on = !on;
      if (on) localStorage.removeItem(OFF);
      else localStorage.setItem(OFF, "yes");
      show();
    });
    help.hidden = false;
    show();
  }

  function pressed(event) {
    const writing = event.target.closest("input:not([type=radio], [type=checkbox]), textarea, select");
    if (!on || writing || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const excluding = document.getElementById("vote-exclude")?.checked && /^[1-9]$/.test(event.key);
    const named = () => document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    const found = excluding ? criteria[Number(event.key) - 1] : named();
    if (!found) return;
    event.preventDefault();
    if (found.matches("a, button")) { found.click(); return; }
    found.checked = true;
    if (event.key === "e") criteria[0]?.focus();
    else form.requestSubmit();
  }
}

// --- judgements: questions that do not apply fold away -----------------------------------------------------------

for (const sheet of document.querySelectorAll("form.judge")) route(sheet);

function route(sheet) {
  const asked = [...sheet.querySelectorAll("fieldset[data-when]")];
  const applies = () => {
    const unasked = new Set();
    for (const one of asked) {
      const [need, ...parts] = one.dataset.when.split("|");
      const met = parts.map((part) => {
        const [name, wanted] = part.split("=");
        return !unasked.has(name) && wanted.split(" ").includes(sheet.elements[name].value);
      });
      one.hidden = !(need === "any" ? met.some(Boolean) : met.every(Boolean));
      if (one.hidden) unasked.add(one.dataset.asks);
    }
  };
  if (asked.length) sheet.addEventListener("change", applies);
  applies();
}
