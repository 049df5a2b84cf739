// Maps of codon usage on one canvas: choose dots and view, zoom, drag; pick a trait and what belongs to it lights up.
function codonMap(canvas) {
  const context = canvas.getContext("2d");
  const about = byId("point"), legend = byId("legend"), tools = byId("map-tools");
  const pad = { left: 52, right: 14, top: 16, bottom: 40 };
  let map, x, y, whole, shown, members, called, chosen = -1, width = 0, height = 0;

  // --- what is shown -------------------------------------------------------------------------------------------------
  const views = () => {
    const names = map.measures.map((measure) => measure.name), has = (name) => names.indexOf(name);
    const pairs = [["axis 1", "axis 2"], ["axis 1", "axis 3"], ["axis 2", "axis 3"], ["component 1", "component 2"], ["GC3s", "ENC"], ["axis 1", "GC3s"]];
    return pairs.map(([one, other]) => [has(one), has(other)]).filter(([one, other]) => one >= 0 && other >= 0);
  };
  const viewName = ([one, other]) => {
    const [a, b] = [map.measures[one].name, map.measures[other].name];
    if (b === "ENC") return "ENC against GC3s";
    if (b === "GC3s") return "axis 1 against GC3s";
    return a.startsWith("axis") ? `correspondence analysis, axes ${a.slice(5)} and ${b.slice(5)}` : "principal components 1 and 2";
  };
  const viewChoice = choice([], (value) => { view(views()[Number(value)]); draw(); });
  const mapChoice = choice(data.maps.map((one, index) => [String(index), one.what]), (value) => { use(Number(value)); draw(); });

  function use(index) {
    map = data.maps[index];
    viewChoice.replaceChildren(...views().map((one, at) => make("option", { value: String(at) }, viewName(one))));
    chosen = -1;
    if (views().length) view(views()[0]);
    light(picking.trait);
  }

  function view([one, other]) {
    [x, y] = [map.measures[one], map.measures[other]];
    const range = (measure) => {
      if (measure.name === "GC3s") return [0, 1];
      if (measure.name === "ENC") return [20, 62];
      let [low, high] = [Infinity, -Infinity];
      for (const value of measure.values) if (value !== null) { low = Math.min(low, value); high = Math.max(high, value); }
      if (!(high > low)) return [(low || 0) - 1, (high || 0) + 1];
      const margin = (high - low) * 0.04;
      return [low - margin, high + margin];
    };
    whole = { x: range(x), y: range(y) };
    shown = { x: [...whole.x], y: [...whole.y] };
  }

  function light(trait) {
    members = new Set(trait >= 0 ? map.members?.[trait] : []);
    called = new Set(trait >= 0 ? map.called?.[trait] : []);
    const line = (kind, words) => make("li", {}, make("span", { className: `dot ${kind}` }), words);
    const lines = [];
    if (trait >= 0) {
      const outside = [...called].filter((point) => !members.has(point)).length;
      const what = map.what === "genomes" ? "detectable in" : map.what === "genes" ? "genes of the set" : "families that the set names";
      lines.push(line("member", make("span", {}, ...breakable(data.traits[trait]), `: ${what}, ${thousands(members.size)}`)));
      if (map.called) lines.push(line("called", `other genes with residual q below the false discovery rate, ${thousands(outside)}`));
    } else if (map.marks) {
      const count = (mark) => thousands(map.marks.filter((value) => value === mark).length);
      lines.push(line("candidate", map.what === "genes" ? `candidates, ${count(1)}` : `genomes with candidates, ${count(1)}`));
      if (map.what === "genes") lines.push(line("reference", `expression reference (ribosomal proteins), ${count(2)}`));
    }
    lines.push(line("other", `all ${map.what}, ${thousands(map.ids.length)}`));
    legend.replaceChildren(...lines);
  }

  // --- drawing -------------------------------------------------------------------------------------------------------
  const px = (value) => pad.left + ((value - shown.x[0]) / (shown.x[1] - shown.x[0])) * (width - pad.left - pad.right);
  const py = (value) => height - pad.bottom - ((value - shown.y[0]) / (shown.y[1] - shown.y[0])) * (height - pad.top - pad.bottom);
  const ticks = ([low, high]) => {
    const raw = (high - low) / 6, power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= raw);
    const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9)), all = [];
    for (let value = Math.ceil(low / step) * step; value <= high + step * 1e-6; value += step) all.push([value, signed(value, digits)]);
    return all;
  };
  const title = (measure) => (measure.share ? `${measure.name}, ${(measure.share * 100).toFixed(1)} % of ${measure.name.startsWith("axis") ? "inertia" : "variance"}` : measure.name);

  function axes(colour) {
    context.strokeStyle = colour("--line"); context.fillStyle = colour("--soft"); context.lineWidth = 1;
    context.font = "12px system-ui, sans-serif";
    context.textAlign = "center";
    for (const [value, words] of ticks(shown.x)) {
      context.beginPath(); context.moveTo(px(value), pad.top); context.lineTo(px(value), height - pad.bottom); context.stroke();
      context.fillText(words, px(value), height - pad.bottom + 16);
    }
    context.fillText(title(x), (width + pad.left - pad.right) / 2, height - 6);
    context.textAlign = "right";
    for (const [value, words] of ticks(shown.y)) {
      context.beginPath(); context.moveTo(pad.left, py(value)); context.lineTo(width - pad.right, py(value)); context.stroke();
      context.fillText(words, pad.left - 6, py(value) + 4);
    }
    context.save();
    context.translate(12, (height + pad.top - pad.bottom) / 2); context.rotate(-Math.PI / 2); context.textAlign = "center";
    context.fillText(title(y), 0, 0);
    context.restore();
  }

  // Wright's curve: the ENC that composition alone gives.
  function curve(colour) {
    context.strokeStyle = colour("--soft"); context.setLineDash([5, 4]); context.beginPath();
    for (let step = 0; step <= 100; step += 1) {
      const s = step / 100, enc = Math.min(61, 2 + s + 29 / (s * s + (1 - s) * (1 - s)));
      context[step ? "lineTo" : "moveTo"](px(s), py(enc));
    }
    context.stroke(); context.setLineDash([]);
  }

  // Told apart by shape as well as by colour.
  function dot(point, kind, radius) {
    const [left, top] = [px(x.values[point]), py(y.values[point])];
    context.beginPath();
    if (kind === "candidate") {
      context.moveTo(left, top - radius * 1.5); context.lineTo(left + radius * 1.5, top); context.lineTo(left, top + radius * 1.5); context.lineTo(left - radius * 1.5, top); context.closePath();
    } else if (kind === "reference") {
      context.moveTo(left, top - radius * 1.4); context.lineTo(left + radius * 1.3, top + radius); context.lineTo(left - radius * 1.3, top + radius); context.closePath();
    } else context.arc(left, top, radius, 0, 7);
    if (kind === "called") context.stroke(); else context.fill();
  }

  const kindOf = (point) => {
    if (picking.trait >= 0) return members.has(point) ? "member" : called.has(point) ? "called" : "other";
    return ["other", "candidate", "reference"][map.marks?.[point] ?? 0];
  };

  function draw() {
    const style = getComputedStyle(document.documentElement), colour = (name) => style.getPropertyValue(name).trim();
    const scale = window.devicePixelRatio || 1;
    width = canvas.clientWidth; height = Math.round(Math.min(width * 0.7, Math.max(width * 0.5, 320)));
    canvas.width = width * scale; canvas.height = height * scale; canvas.style.height = `${height}px`;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    if (!x) return;
    axes(colour);
    context.save();
    context.beginPath(); context.rect(pad.left, pad.top, width - pad.left - pad.right, height - pad.top - pad.bottom); context.clip();
    if (x.name === "GC3s" && y.name === "ENC") curve(colour);
    const many = map.ids.length > 400, radius = many ? 1.9 : 3.2;
    const paint = { other: ["--none", many ? 0.38 : 0.6, radius], reference: ["--fair", 0.95, radius + 1.6], candidate: ["--good", 1, radius + 1.6], called: ["--fair", 0.95, radius + 1.6], member: ["--good", 0.95, radius + 1.4] };
    for (const kind of Object.keys(paint)) {
      const [name, opacity, size] = paint[kind];
      context.fillStyle = context.strokeStyle = colour(name); context.globalAlpha = picking.trait >= 0 && kind === "other" ? opacity * 0.6 : opacity; context.lineWidth = 1.5;
      for (let point = 0; point < map.ids.length; point += 1) {
        if (x.values[point] !== null && y.values[point] !== null && kindOf(point) === kind) dot(point, kind, size);
      }
    }
    context.globalAlpha = 1;
    if (chosen >= 0) { context.strokeStyle = colour("--ink"); context.lineWidth = 2; dot(chosen, "called", 8); }
    context.restore();
  }

  // --- choosing ------------------------------------------------------------------------------------------------------
  const isShown = (point) => x.values[point] !== null && y.values[point] !== null;
  const value = (measure, point) => `${measure.name} ${signed(measure.values[point], measure.name === "ENC" ? 1 : 3)}`;
  function choose(point) {
    chosen = point;
    const lines = [make("b", {}, map.ids[point])];
    if (map.names?.[point]) lines.push(make("span", {}, map.names[point]), make("br"));
    lines.push(`${value(x, point)}, ${value(y, point)}`);
    const of = (lists) => (lists || []).flatMap((list, trait) => (list.includes(point) ? [data.traits[trait]] : []));
    const [own, borne] = [of(map.members), of(map.called)];
    const said = map.what === "genomes" ? "Detectable: " : "In the sets of: ";
    if (own.length) lines.push(make("small", {}, said + own.join(", ")));
    if (borne.length) lines.push(make("small", {}, `Bears signatures of: ${borne.join(", ")}`));
    if (tables[map.table]) lines.push(button("Find in table", find));
    about.replaceChildren(...lines);
    draw();
  }
  const find = () => { if (chosen >= 0) tables[map.table]?.find(map.ids[chosen]); };

  function nearest(left, top, reach) {
    let best = -1, distance = reach * reach;
    for (let point = 0; point < map.ids.length; point += 1) {
      if (!isShown(point)) continue;
      const d = (px(x.values[point]) - left) ** 2 + (py(y.values[point]) - top) ** 2;
      if (d < distance) { distance = d; best = point; }
    }
    return best;
  }

  // The nearest dot in the direction of an arrow key.
  function neighbour([right, down]) {
    if (chosen < 0) return nearest(width / 2, height / 2, Infinity);
    const [left, top] = [px(x.values[chosen]), py(y.values[chosen])];
    let best = -1, distance = Infinity;
    for (let point = 0; point < map.ids.length; point += 1) {
      if (point === chosen || !isShown(point)) continue;
      const [dx, dy] = [px(x.values[point]) - left, py(y.values[point]) - top];
      const along = dx * right + dy * down, across = Math.abs(dx * down) + Math.abs(dy * right);
      if (along > 0.01 && across <= along && along + across < distance) { distance = along + across; best = point; }
    }
    return best;
  }

  // --- zooming -------------------------------------------------------------------------------------------------------
  function zoom(factor, left = (width + pad.left - pad.right) / 2, top = (height + pad.top - pad.bottom) / 2) {
    const shares = { x: (left - pad.left) / (width - pad.left - pad.right), y: (height - pad.bottom - top) / (height - pad.top - pad.bottom) };
    for (const key of ["x", "y"]) {
      const [low, high] = shown[key], span = Math.min((high - low) / factor, whole[key][1] - whole[key][0]);
      const fixed = low + shares[key] * (high - low);
      shown[key] = within(fixed - shares[key] * span, span, whole[key]);
    }
    draw();
  }
  const within = (low, span, [from, to]) => { const start = Math.max(from, Math.min(to - span, low)); return [start, start + span]; };
  function pan(dx, dy) {
    const spans = { x: shown.x[1] - shown.x[0], y: shown.y[1] - shown.y[0] };
    shown.x = within(shown.x[0] - (dx / (width - pad.left - pad.right)) * spans.x, spans.x, whole.x);
    shown.y = within(shown.y[0] + (dy / (height - pad.top - pad.bottom)) * spans.y, spans.y, whole.y);
    draw();
  }
  const reset = () => { shown = { x: [...whole.x], y: [...whole.y] }; draw(); };

  const fingers = new Map();
  const spread = () => { const [a, b] = [...fingers.values()]; return { size: Math.hypot(a.x - b.x, a.y - b.y), x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }; };
  const at = (event) => { const box = canvas.getBoundingClientRect(); return { x: event.clientX - box.left, y: event.clientY - box.top }; };
  let moved = 0;
  canvas.addEventListener("pointerdown", (event) => { fingers.set(event.pointerId, at(event)); moved = 0; canvas.setPointerCapture(event.pointerId); });
  canvas.addEventListener("pointermove", (event) => {
    const now = at(event), before = fingers.get(event.pointerId);
    if (!before) { const point = nearest(now.x, now.y, 20); if (point >= 0 && point !== chosen) choose(point); return; }
    moved += Math.abs(now.x - before.x) + Math.abs(now.y - before.y);
    if (fingers.size === 2) {
      const old = spread().size;
      fingers.set(event.pointerId, now);
      const pinch = spread();
      zoom(pinch.size / Math.max(1, old), pinch.x, pinch.y);
    } else {
      fingers.set(event.pointerId, now);
      pan(now.x - before.x, now.y - before.y);
    }
  });
  const release = (event) => {
    fingers.delete(event.pointerId);
    const { x: left, y: top } = at(event), point = moved < 5 ? nearest(left, top, 24) : -1;
    if (point >= 0) choose(point);
  };
  canvas.addEventListener("pointerup", release);
  canvas.addEventListener("pointercancel", (event) => fingers.delete(event.pointerId));
  canvas.addEventListener("dblclick", find);
  canvas.addEventListener("wheel", (event) => {
    // Without the map in focus, or a key held, the wheel goes on scrolling the page.
    if (!event.ctrlKey && document.activeElement !== canvas) return;
    event.preventDefault();
    const { x: left, y: top } = at(event);
    zoom(Math.exp(-event.deltaY / 400), left, top);
  }, { passive: false });
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    const action = { "+": () => zoom(1.5), "=": () => zoom(1.5), "-": () => zoom(1 / 1.5), 0: reset, Enter: find }[event.key];
    if (!step && !action) return;
    event.preventDefault();
    if (action) action();
    else { const point = neighbour(step); if (point >= 0) choose(point); }
  });

  if (data.maps.length > 1) tools.append(labelled("Dots", mapChoice));
  tools.append(labelled("View", viewChoice));
  if (data.traits.length) tools.append(labelled("Trait", picking.select("none")));
  tools.append(make("span", { className: "zoom" }, button("+", () => zoom(1.5), { ariaLabel: "zoom in" }), button("−", () => zoom(1 / 1.5), { ariaLabel: "zoom out" }), button("Show all", reset)));
  picking.listeners.push((trait) => { light(trait); draw(); });
  about.replaceChildren("Point at a dot, or choose one with the arrow keys.");
  use(0);
  new ResizeObserver(draw).observe(canvas.parentElement);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
}
