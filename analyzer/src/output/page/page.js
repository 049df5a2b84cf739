"use strict";
// Enhances what the page already shows. Text from data only ever becomes text nodes.
const data = JSON.parse(document.getElementById("data").textContent);
const make = (name, props = {}, ...children) => {
  const element = Object.assign(document.createElement(name), props);
  element.append(...children);
  return element;
};
const PAGE = 100;
const shown = (value, digits) =>
  value === null || value === undefined ? "" : typeof value === "number" && digits !== undefined ? value.toFixed(digits) : String(value);
const compare = (a, b) => {
  if (a === b) return 0;
  if (a === null || a === undefined) return 1;
  if (b === null || b === undefined) return -1;
  return typeof a === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true });
};

// A table of `rows` (arrays) with search, sorting and "more". Empty values stay last whichever way it is sorted.
function table(place, { columns, rows, what, start }) {
  const search = make("input", { type: "search", placeholder: `Search ${what}`, ariaLabel: `Search ${what}` });
  const count = make("span", { className: "count", ariaLive: "polite" });
  const body = make("tbody");
  const more = make("button", { className: "more", type: "button" });
  const texts = rows.map((row) => row.filter((cell) => typeof cell === "string").join("\n").toLowerCase());
  let order = start || { column: -1, down: false }, found = [], visible = PAGE;
  const heads = columns.map((column, index) => {
    const button = make("button", { type: "button", title: column.about || "" }, column.name);
    const head = make("th", { scope: "col", className: column.digits !== undefined ? "n" : "" }, button);
    button.addEventListener("click", () => {
      const first = column.digits !== undefined;
      order = { column: index, down: order.column === index ? !order.down : first };
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", order.down ? "descending" : "ascending");
      update();
    });
    if (order.column === index) head.setAttribute("aria-sort", order.down ? "descending" : "ascending");
    return head;
  });
  const line = (index) => {
    const cells = columns.map((column, at) => {
      const value = rows[index][at];
      const cell = make("td", { className: column.digits !== undefined ? "n" : column.wide ? "w" : "" });
      if (column.flag) { if (value) cell.append(make("span", { className: `chip ${column.flag}` }, value)); }
      else cell.textContent = shown(value, column.digits);
      return cell;
    });
    return make("tr", {}, ...cells);
  };
  function update() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    found = [];
    for (let index = 0; index < rows.length; index += 1) if (words.every((word) => texts[index].includes(word))) found.push(index);
    if (order.column >= 0) {
      const empty = (value) => value === null || value === undefined || value === "";
      found.sort((a, b) => {
        const [one, other] = [rows[a][order.column], rows[b][order.column]];
        if (empty(one) || empty(other)) return empty(one) - empty(other);
        return compare(one, other) * (order.down ? -1 : 1);
      });
    }
    visible = PAGE;
    draw();
  }
  function draw() {
    body.replaceChildren(...found.slice(0, visible).map(line));
    count.textContent = `${found.length.toLocaleString("en")} of ${rows.length.toLocaleString("en")} ${what}`;
    more.hidden = visible >= found.length;
    more.textContent = `Show ${Math.min(PAGE * 5, found.length - visible)} more`;
  }
  search.addEventListener("input", update);
  more.addEventListener("click", () => { visible += PAGE * 5; draw(); });
  const scroll = make("div", { className: "scroll tall", tabIndex: 0, role: "region", ariaLabel: what },
    make("table", {}, make("thead", {}, make("tr", {}, ...heads)), body));
  place.replaceChildren(make("div", { className: "tools" }, search, count), scroll, make("div", { className: "tools" }, more));
  update();
  return { find(text) { search.value = text; update(); } };
}

// Sorting of tables that are in the page already: by `data-v` of a cell, else by its text.
for (const head of document.querySelectorAll("table.sortable thead th")) {
  const button = make("button", { type: "button" }, ...head.childNodes);
  head.replaceChildren(button);
  button.addEventListener("click", () => {
    const body = head.closest("table").tBodies[0], at = head.cellIndex;
    const down = head.getAttribute("aria-sort") !== "descending";
    const value = (row) => { const cell = row.cells[at]; const v = cell.dataset.v; return v === undefined ? cell.textContent : v === "" ? null : Number(v); };
    const rows = [...body.rows].sort((a, b) => {
      const [one, other] = [value(a), value(b)];
      if (one === null || other === null) return (one === null) - (other === null);
      return compare(one, other) * (down ? -1 : 1);
    });
    for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    body.replaceChildren(...rows);
  });
}

// The heatmap: pointer or arrow keys choose a pair, the readout names it.
const map = document.getElementById("heatmap");
if (map) {
  const cells = [...map.querySelectorAll("rect[data-r]")], size = Math.sqrt(cells.length);
  const readout = document.getElementById("pair");
  let at = -1;
  const choose = (index) => {
    if (index < 0 || index >= cells.length) return;
    if (at >= 0) cells[at].classList.remove("on");
    at = index;
    cells[at].classList.add("on");
    cells[at].parentElement.append(cells[at]);
    const [row, column] = [Math.floor(index / size), index % size];
    const value = cells[at].dataset.r;
    readout.replaceChildren(make("b", {}, data.traits[row]), "with", make("b", {}, data.traits[column]),
      make("output", {}, value === "" ? "undefined" : `r = ${value}`));
  };
  const index = new Map(cells.map((cell, position) => [cell, position]));
  map.addEventListener("pointerover", (event) => { if (index.has(event.target)) choose(index.get(event.target)); });
  map.addEventListener("pointerdown", (event) => { if (index.has(event.target)) choose(index.get(event.target)); });
  map.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -size, ArrowDown: size }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    choose(at < 0 ? 0 : at + step);
  });
}

const genes = document.getElementById("genes-table"), genomes = document.getElementById("genomes-table");
const geneTable = genes && data.genes ? table(genes, data.genes) : null;
const genomeTable = genomes && data.genomes ? table(genomes, data.genomes) : null;

// ENC against GC3s with Wright's curve: what composition alone would give.
const plot = document.getElementById("map");
if (plot && data.points) {
  const about = document.getElementById("point");
  const context = plot.getContext("2d");
  const pad = { left: 46, right: 14, top: 14, bottom: 38 };
  const { x, y, names, marks } = data.points;
  let width = 0, height = 0, chosen = -1;
  const px = (value) => pad.left + value * (width - pad.left - pad.right);
  const py = (value) => height - pad.bottom - ((value - 20) / 42) * (height - pad.top - pad.bottom);
  function draw() {
    const colours = getComputedStyle(document.documentElement), colour = (name) => colours.getPropertyValue(name).trim();
    const scale = window.devicePixelRatio || 1;
    width = plot.clientWidth; height = Math.round(width * 0.62);
    plot.width = width * scale; plot.height = height * scale;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    context.font = "12px system-ui, sans-serif"; context.lineWidth = 1;
    context.strokeStyle = colour("--line"); context.fillStyle = colour("--soft");
    context.textAlign = "center";
    for (let tick = 0; tick <= 10; tick += 2) {
      context.beginPath(); context.moveTo(px(tick / 10), py(20)); context.lineTo(px(tick / 10), py(62)); context.stroke();
      context.fillText((tick / 10).toFixed(1), px(tick / 10), height - pad.bottom + 16);
    }
    context.fillText("GC3s", px(0.5), height - 6);
    context.textAlign = "right";
    for (let tick = 20; tick <= 60; tick += 10) {
      context.beginPath(); context.moveTo(px(0), py(tick)); context.lineTo(px(1), py(tick)); context.stroke();
      context.fillText(String(tick), pad.left - 6, py(tick) + 4);
    }
    context.fillText("ENC", pad.left - 6, pad.top);
    context.strokeStyle = colour("--soft"); context.setLineDash([5, 4]); context.beginPath();
    for (let step = 0; step <= 100; step += 1) {
      const s = step / 100, enc = Math.min(61, 2 + s + 29 / (s * s + (1 - s) * (1 - s)));
      context[step ? "lineTo" : "moveTo"](px(s), py(enc));
    }
    context.stroke(); context.setLineDash([]);
    const small = x.length > 400 ? 1.8 : 3.2;
    for (const marked of [0, 1, 2]) {
      context.fillStyle = colour(["--none", "--good", "--fair"][marked]);
      context.globalAlpha = marked ? 0.95 : x.length > 400 ? 0.38 : 0.7;
      for (let index = 0; index < x.length; index += 1) {
        if (marks[index] !== marked) continue;
        context.beginPath(); context.arc(px(x[index]), py(y[index]), marked ? small + 1 : small, 0, 7); context.fill();
      }
    }
    context.globalAlpha = 1;
    if (chosen >= 0) {
      context.strokeStyle = colour("--ink"); context.lineWidth = 2;
      context.beginPath(); context.arc(px(x[chosen]), py(y[chosen]), 7, 0, 7); context.stroke();
    }
  }
  const choose = (index) => {
    chosen = index;
    about.replaceChildren(make("b", {}, names[index]), `GC3s ${x[index].toFixed(3)}, ENC ${y[index].toFixed(1)}`);
    draw();
  };
  const nearest = (event) => {
    const box = plot.getBoundingClientRect(), left = event.clientX - box.left, top = event.clientY - box.top;
    let best = -1, distance = 400;
    for (let index = 0; index < x.length; index += 1) {
      const d = (px(x[index]) - left) ** 2 + (py(y[index]) - top) ** 2;
      if (d < distance) { distance = d; best = index; }
    }
    return best;
  };
  plot.addEventListener("pointermove", (event) => { const index = nearest(event); if (index >= 0 && index !== chosen) choose(index); });
  plot.addEventListener("click", (event) => {
    const index = nearest(event);
    if (index < 0) return;
    choose(index);
    (geneTable || genomeTable)?.find(names[index].split(" ")[0]);
  });
  plot.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined || x.length === 0) return;
    event.preventDefault();
    choose((chosen + step + x.length) % x.length);
  });
  new ResizeObserver(draw).observe(plot.parentElement);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  draw();
}
