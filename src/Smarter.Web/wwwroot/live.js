// Keeps the part of a page that says data-live="true" fresh: every two seconds the page's own address is asked for, and
// only what differs is changed, so that focus and reading position stay. Ends when nothing is under way any more.
const everyMilliseconds = 2000;
const longestPause = 60000;
let pause = everyMilliseconds;

function wanted() {
  return document.getElementById("live")?.dataset.live === "true";
}

function change(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeName !== fresh.nodeName || old.id !== fresh.id) {
    old.replaceWith(document.importNode(fresh, true));
    return;
  }
  if (old.nodeType !== Node.ELEMENT_NODE) {
    old.data = fresh.data;
    return;
  }
  for (const name of old.getAttributeNames()) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const name of fresh.getAttributeNames()) {
    if (old.getAttribute(name) !== fresh.getAttribute(name)) old.setAttribute(name, fresh.getAttribute(name));
  }
  const [oldNodes, freshNodes] = [[...old.childNodes], [...fresh.childNodes]];
  oldNodes.slice(freshNodes.length).forEach((node) => node.remove());
  freshNodes.forEach((node, i) => {
    if (i < oldNodes.length) change(oldNodes[i], node);
    else old.append(document.importNode(node, true));
  });
}

// Two lists of the same elements with other members: members are told apart by their ids.
function changeList(old, fresh) {
  const known = new Map([...old.children].map((row) => [row.id, row]));
  const rows = [...fresh.children].map((row) => known.get(row.id) ?? document.importNode(row, true));
  for (const [id, row] of known) if (!fresh.querySelector(`[id="${id}"]`)) row.remove();
  rows.forEach((row, i) => {
    if (old.children[i] !== row) old.insertBefore(row, old.children[i] ?? null);
    change(row, fresh.children[i]);
  });
}

function show(text) {
  const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("live");
  const old = document.getElementById("live");
  if (!fresh) return false;
  const focused = document.activeElement?.id;
  const [oldRows, freshRows] = [old, fresh].map((part) => part.querySelector("table.submissions > tbody"));
  if (oldRows && freshRows) {
    changeList(oldRows, freshRows);
    freshRows.replaceWith(document.importNode(oldRows, true));
  }
  change(old, fresh);
  if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus({ preventScroll: true });
  return true;
}

async function refresh() {
  if (!wanted()) return;
  if (document.hidden) {
    document.addEventListener("visibilitychange", refresh, { once: true });
    return;
  }
  try {
    const answer = await fetch(location.href, { headers: { "Smarter-Refresh": "1", Accept: "text/html" } });
    // Signed out, or no longer allowed: the link "Refresh" leads on.
    if (answer.redirected || (answer.status >= 400 && answer.status < 500)) return;
    if (!answer.ok) throw new Error(`${answer.status}`);
    if (!show(await answer.text())) return;
    pause = everyMilliseconds;
  } catch {
    pause = Math.min(pause * 2, longestPause);
  }
  setTimeout(refresh, pause);
}

if (wanted()) setTimeout(refresh, pause);
