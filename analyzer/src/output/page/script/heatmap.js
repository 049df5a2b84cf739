// The heatmap: pointer or arrow keys choose a pair, the readout names it; squares may be put in the order of likeness.
function heatmap(map) {
  const cells = [...map.querySelectorAll("rect[data-r]")], labels = [...map.querySelectorAll("text")];
  const size = labels.length, side = 20;
  const readout = byId("pair");
  const r = (row, column) => cells[row * size + column].dataset.r;
  let order = labels.map((_, index) => index), at = null;
  const places = new Map(cells.map((cell, index) => [cell, index]));

  function choose(row, column) {
    const [one, other] = [order[row], order[column]];
    if (at) cells[order[at.row] * size + order[at.column]].classList.remove("on");
    at = { row, column };
    const chosen = cells[one * size + other];
    chosen.classList.add("on");
    chosen.parentElement.append(chosen);
    const value = r(one, other);
    const link = (trait) => button(data.traits[trait], () => { picking.pick(trait); byId("s-map").scrollIntoView(); }, { className: "name" });
    readout.replaceChildren(link(one), make("span", {}, " with "), link(other),
      make("output", {}, value === "" ? "undefined" : `r = ${signed(Number(value), 3)}`));
  }

  // The pair under the pointer, in the order of the screen.
  const chosenBy = (event) => {
    const index = places.get(event.target);
    if (index !== undefined) choose(order.indexOf(Math.floor(index / size)), order.indexOf(index % size));
  };
  map.addEventListener("pointerover", chosenBy);
  map.addEventListener("pointerdown", chosenBy);
  map.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (event.key === "Enter" && at) { picking.pick(order[at.row]); byId("s-map").scrollIntoView(); }
    if (!step) return;
    event.preventDefault();
    const clamp = (value) => Math.max(0, Math.min(size - 1, value));
    if (at) choose(clamp(at.row + step[0]), clamp(at.column + step[1]));
    else choose(0, 0);
  });

  // Each next trait is the one most like the last: a chain, not a tree, and enough to bring blocks together.
  function chained() {
    const left = new Set(labels.map((_, index) => index)), chain = [];
    let last = 0;
    while (left.size) {
      chain.push(last);
      left.delete(last);
      let best = -2, next = -1;
      for (const other of left) {
        const value = r(last, other) === "" ? -1.5 : Number(r(last, other));
        if (value > best) { best = value; next = other; }
      }
      last = next;
    }
    return chain;
  }

  function arrange(by) {
    order = by === "likeness" ? chained() : labels.map((_, index) => index);
    order.forEach((trait, row) => {
      labels[trait].setAttribute("y", String(row * side + 15));
      order.forEach((other, column) => {
        const square = cells[trait * size + other];
        square.setAttribute("x", String(column * side));
        square.setAttribute("y", String(row * side));
      });
    });
  }

  byId("heatmap-tools").append(labelled("Order", choice([["panel", "as in the panel"], ["likeness", "alike next to each other"]], arrange)));
  picking.listeners.push((trait) => labels.forEach((label, index) => label.classList.toggle("picked", index === trait)));
}
