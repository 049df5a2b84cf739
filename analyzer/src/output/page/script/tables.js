// Long tables: rows are arrays, drawn a page at a time, sorted and searched in memory.
const PAGE = 100;
const tables = {};

function cell(column, value) {
  if (column.flag) return make("td", {}, ...(value ? [make("span", { className: `chip ${column.flag}` }, value)] : []));
  if (column.trait) return make("td", { className: "w" }, ...breakable(data.traits[value]));
  const isNumber = column.digits !== undefined || column.small;
  const text = isEmpty(value) ? ""
    : column.small ? small(value)
    : column.digits === 0 ? thousands(value)
    : column.digits !== undefined ? signed(value, column.digits)
    : String(value);
  return make("td", { className: isNumber ? "n" : column.wide ? "w" : "" }, text);
}

// Header cells that sort; `sort(index, isNumber)` returns whether the order is now downward.
function heading(words, about, isNumber, sort) {
  const head = make("th", { scope: "col", className: isNumber ? "n" : "" });
  const control = make("button", { type: "button", title: about || "" }, words);
  control.addEventListener("click", () => {
    const isDown = sort();
    for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", isDown ? "descending" : "ascending");
  });
  head.append(control);
  return head;
}

const searchField = (what, onsearch) => {
  const field = make("input", { type: "search", placeholder: `Search ${what}`, ariaLabel: `Search ${what}` });
  field.addEventListener("input", () => onsearch(field.value.toLowerCase().split(/\s+/).filter(Boolean)));
  return field;
};

function longTable(id, { columns, rows, what, start }) {
  const place = byId(`table-${id}`);
  const count = make("span", { className: "count", ariaLive: "polite" });
  const body = make("tbody");
  const more = button("", () => { visible += PAGE * 5; draw(); });
  const value = (row, index) => (columns[index].trait ? data.traits[row[index]] : row[index]);
  const texts = rows.map((row) => row.map((_, index) => value(row, index)).filter((cell) => typeof cell === "string").join("\n").toLowerCase());
  const ofTrait = columns.findIndex((column) => column.trait);
  let words = [], order = start || { column: -1, down: false }, found = [], visible = PAGE;

  const heads = columns.map((column, index) => {
    const isNumber = column.digits !== undefined || Boolean(column.small);
    const head = heading(column.name, column.about, isNumber, () => {
      const isDown = order.column === index ? !order.down : isNumber && !column.small;
      order = { column: index, down: isDown };
      update();
      return isDown;
    });
    if (order.column === index) head.setAttribute("aria-sort", order.down ? "descending" : "ascending");
    return head;
  });

  function update() {
    found = [];
    for (let index = 0; index < rows.length; index += 1) {
      if (ofTrait >= 0 && picking.trait >= 0 && rows[index][ofTrait] !== picking.trait) continue;
      if (words.every((word) => texts[index].includes(word))) found.push(index);
    }
    if (order.column >= 0) found.sort((a, b) => ordered(value(rows[a], order.column), value(rows[b], order.column), order.down));
    visible = PAGE;
    draw();
  }

  function draw() {
    body.replaceChildren(...found.slice(0, visible).map((index) => make("tr", {}, ...columns.map((column, at) => cell(column, rows[index][at])))));
    count.textContent = `${thousands(found.length)} of ${thousands(rows.length)} ${what}`;
    more.hidden = visible >= found.length;
    more.textContent = `Show ${Math.min(PAGE * 5, found.length - visible)} more`;
  }

  const search = searchField(what, (wanted) => { words = wanted; update(); });
  const tools = make("div", { className: "tools" }, search);
  if (ofTrait >= 0) {
    tools.append(labelled("Trait", picking.select("all traits")));
    picking.listeners.push(update);
  }
  tools.append(count);
  const table = make("table", {}, make("thead", {}, make("tr", {}, ...heads)), body);
  const scroll = make("div", { className: "scroll tall", tabIndex: 0, role: "region", ariaLabel: what }, table);
  place.replaceChildren(tools, scroll, make("div", { className: "tools" }, more));
  update();
  tables[id] = {
    find(text) {
      search.value = text;
      words = [text.toLowerCase()];
      update();
      place.scrollIntoView({ block: "nearest" });
    },
  };
}

// The table of traits is in the page already: it sorts by `data-v` of a cell, else by its text, and a name picks its trait.
function traitTable(table) {
  const body = table.tBodies[0], rows = [...body.rows];
  const count = make("span", { className: "count", ariaLive: "polite" });
  const value = (row, at) => {
    const { dataset: { v }, textContent } = row.cells[at];
    if (v !== undefined) return v === "" ? null : Number(v);
    return textContent !== "" && Number.isFinite(Number(textContent)) ? Number(textContent) : textContent;
  };
  let order = null;
  for (const head of [...table.tHead.rows[0].cells]) {
    const at = head.cellIndex, isNumber = at > 1;
    head.replaceWith(heading(head.textContent, head.title, head.className === "n", () => {
      const isDown = order?.at === at ? !order.isDown : isNumber;
      order = { at, isDown };
      body.replaceChildren(...[...body.rows].sort((a, b) => ordered(value(a, at), value(b, at), isDown)));
      return isDown;
    }));
  }
  const search = searchField("traits", (words) => {
    let found = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      found += row.hidden ? 0 : 1;
    }
    count.textContent = `${found} of ${rows.length} traits`;
  });
  count.textContent = `${rows.length} of ${rows.length} traits`;
  byId("traits-tools").append(search, count);
  for (const row of rows) {
    const name = row.cells[0], trait = data.traits.indexOf(name.dataset.t);
    const show = make("button", { type: "button", className: "name", title: "show its genes on the map" }, ...name.childNodes);
    show.addEventListener("click", () => {
      picking.pick(picking.trait === trait ? -1 : trait);
      if (picking.trait >= 0) byId("s-map").scrollIntoView();
    });
    name.replaceChildren(show);
    picking.listeners.push((picked) => { row.classList.toggle("picked", picked === trait); show.ariaPressed = String(picked === trait); });
  }
}
