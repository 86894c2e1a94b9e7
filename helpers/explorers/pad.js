// The drawing pad in the browser: collects strokes, sends them to Python, and shows the answer.

const SIZE = 280; // pixels of the sheet; pad.py has the same
const STEP = 10; // pixels that an arrow key moves the pen
const PAUSE = 100; // milliseconds between two messages while the pen is down, at least
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const PAGE = `
  <div class="pad-draw">
    <div class="pad-sheet">
      <canvas class="pad-canvas" width="${2 * SIZE}" height="${2 * SIZE}" tabindex="0"
        role="application" aria-label="Sheet to draw on. With the keyboard: arrow keys move
        the pen, the space bar puts it down and lifts it."></canvas>
      <span class="pad-hint">Draw here</span>
      <span class="pad-pen"></span>
    </div>
    <div class="pad-tools">
      <button type="button" class="pad-undo">Undo</button>
      <button type="button" class="pad-clear">Clear</button>
      <label>Pen width <input type="range" class="pad-width" min="6" max="40" value="18"></label>
    </div>
  </div>
  <figure class="pad-seen">
    <canvas width="28" height="28" role="img" aria-label="Your drawing in 28 by 28 pixels"></canvas>
    <figcaption>what the network sees:<br>28 × 28 pixels</figcaption>
  </figure>
  <div class="pad-answer">
    <p class="pad-message" role="status" aria-live="polite"></p>
    <ol class="pad-bars"></ol>
  </div>`;

function render({ model, el }) {
  el.classList.add("pad");
  el.innerHTML = PAGE;
  for (const control of el.querySelectorAll("canvas, button, input"))
    control.dataset.lmSuppressShortcuts = "true"; // or JupyterLab would take the arrow keys
  const find = (name) => el.querySelector(name);
  const sheet = find(".pad-canvas");
  let { id, strokes } = structuredClone(model.get("_drawing"));
  let pointer = null; // the mouse, pen or finger that draws now
  let pen = { x: SIZE / 2, y: SIZE / 2, down: false }; // where the keyboard draws
  let sent = 0; // when the last drawing was sent, in milliseconds
  let taken = 0; // until its answer came; a slow machine is asked less often
  let waiting = false;

  function send() {
    sent = performance.now();
    waiting = true;
    id += 1;
    el.setAttribute("aria-busy", "true"); // nothing is read aloud before the last answer is there
    model.set("_drawing", { id, strokes: structuredClone(strokes) });
    model.save_changes();
    setTimeout(() => {
      if (waiting && performance.now() - sent > 1900)
        find(".pad-message").textContent = "Waiting for Python. Is a cell still running?";
    }, 2000);
  }

  function start(point) {
    const width = Number(find(".pad-width").value);
    strokes.push({ width, points: [] });
    extend(point);
  }

  function extend({ x, y }) {
    const { width, points } = strokes.at(-1);
    const inside = (v) => Math.round(Math.min(Math.max(v, width / 2 + 2), SIZE - width / 2 - 2));
    points.push([inside(x), inside(y)]);
    paint();
    if (!waiting && performance.now() - sent > Math.max(PAUSE, 3 * taken)) send();
  }

  function paint() {
    find(".pad-hint").hidden = strokes.length > 0;
    const context = sheet.getContext("2d");
    context.setTransform(2, 0, 0, 2, 0, 0);
    context.clearRect(0, 0, SIZE, SIZE);
    context.lineCap = context.lineJoin = "round";
    for (const { width, points } of strokes) {
      context.lineWidth = width;
      context.beginPath();
      context.moveTo(...points[0]);
      for (const point of points) context.lineTo(...point);
      context.stroke();
    }
    Object.assign(find(".pad-pen").style, {
      left: `${(100 * pen.x) / SIZE}%`,
      top: `${(100 * pen.y) / SIZE}%`,
    });
    find(".pad-pen").classList.toggle("pad-down", pen.down);
  }

  function place(event) {
    const box = sheet.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * SIZE;
    return { x, y: ((event.clientY - box.top) / box.height) * SIZE };
  }

  sheet.addEventListener("pointerdown", (event) => {
    if (pointer !== null || pen.down || event.button !== 0) return;
    pointer = event.pointerId;
    sheet.setPointerCapture(pointer);
    start(place(event));
  });
  sheet.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const one of events.length ? events : [event]) extend(place(one));
  });
  sheet.addEventListener("lostpointercapture", (event) => {
    if (event.pointerId !== pointer) return; // lifted, or taken away by the system
    pointer = null;
    send();
  });

  function lift() {
    if (!pen.down) return;
    pen.down = false;
    paint();
    send();
  }
  sheet.addEventListener("keydown", (event) => {
    if ((event.key !== " " && !(event.key in ARROWS)) || pointer !== null) return;
    event.preventDefault(); // no scrolling
    event.stopPropagation();
    if (event.key in ARROWS) {
      const [right, down] = ARROWS[event.key];
      pen.x = Math.min(Math.max(pen.x + STEP * right, 0), SIZE);
      pen.y = Math.min(Math.max(pen.y + STEP * down, 0), SIZE);
      if (pen.down) extend(pen);
      else paint();
    } else if (pen.down) {
      lift();
    } else if (!event.repeat) {
      pen.down = true;
      start(pen);
    }
  });
  sheet.addEventListener("blur", lift);

  function keep(number) {
    if (pointer !== null) return;
    strokes = strokes.slice(0, number);
    paint();
    send();
  }
  find(".pad-undo").addEventListener("click", () => keep(-1));
  find(".pad-clear").addEventListener("click", () => keep(0));

  const bars = model.get("_names").map((name) => {
    const row = document.createElement("li");
    row.innerHTML = "<span></span><span class='pad-bar'><span></span></span><span></span>";
    row.firstChild.textContent = name;
    find(".pad-bars").append(row);
    return row;
  });

  function show() {
    const { id: read, message, prepared, shares, percents } = model.get("_answer");
    const drawing = pointer !== null || pen.down;
    if (waiting && read === id) {
      waiting = false;
      taken = performance.now() - sent;
    }
    if (drawing && !shares.length) return; // half a digit may be unreadable: wait for the rest
    el.classList.toggle("pad-unread", !shares.length);
    find(".pad-message").textContent = message;
    const best = shares.indexOf(Math.max(...shares));
    bars.forEach((row, n) => {
      row.classList.toggle("pad-best", n === best);
      row.querySelector(".pad-bar span").style.width = `${100 * (shares[n] ?? 0)}%`;
      row.children[2].textContent = percents[n] ?? "";
    });
    const seen = find(".pad-seen canvas").getContext("2d");
    const pixels = seen.createImageData(28, 28);
    for (let n = 0; n < 784; n += 1) pixels.data.fill(prepared[n] ?? 0, 4 * n, 4 * n + 3);
    for (let n = 3; n < pixels.data.length; n += 4) pixels.data[n] = 255;
    seen.putImageData(pixels, 0, 0);
    el.setAttribute("aria-busy", String(drawing || waiting));
  }

  function follow() { // another view of this pad was drawn on
    const drawing = model.get("_drawing");
    if (drawing.id === id) return;
    ({ id, strokes } = structuredClone(drawing));
    paint();
  }
  model.on("change:_answer", show);
  model.on("change:_drawing", follow);
  paint();
  show();
  return () => {
    model.off("change:_answer", show);
    model.off("change:_drawing", follow);
  };
}

export default { render };
