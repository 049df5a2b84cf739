"use strict";
// Enhances what the page already shows. Text from data only ever becomes text nodes.
const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);

const make = (name, props = {}, ...children) => {
  const element = Object.assign(document.createElement(name), props);
  element.append(...children);
  return element;
};

const isEmpty = (value) => value === null || value === undefined || value === "";

// Empty values stay last, whichever way a table is sorted.
const ordered = (one, other, down) => {
  if (isEmpty(one) || isEmpty(other)) return isEmpty(one) - isEmpty(other);
  const order = typeof one === "number" && typeof other === "number" ? one - other : collator.compare(one, other);
  return down ? -order : order;
};
const collator = new Intl.Collator("en", { numeric: true });

const thousands = (count) => count.toLocaleString("en").replaceAll(",", "\u202f");

const signed = (value, digits) => value.toFixed(digits).replace("-", "\u2212");

// A name that may be broken after an underscore.
const breakable = (name) => name.split(/(?<=_)/).flatMap((part, index) => (index ? [make("wbr"), part] : [part]));

const small = (value) => (value >= 0.001 || value === 0 ? value.toFixed(3) : value.toExponential(1).replace("-", "\u2212"));

const labelled = (words, control) => make("label", {}, `${words} `, control);

const choice = (options, onchange) => {
  const select = make("select", {}, ...options.map(([value, words]) => make("option", { value }, words)));
  select.addEventListener("change", () => onchange(select.value));
  return select;
};

const button = (words, onclick, props = {}) => {
  const element = make("button", { type: "button", className: "small", ...props }, words);
  element.addEventListener("click", onclick);
  return element;
};

// One trait may be picked; whoever shows something of it is told.
const picking = {
  trait: -1,
  listeners: [],
  pick(trait) {
    this.trait = trait;
    this.listeners.forEach((listener) => listener(trait));
  },
  // A drop-down of all traits that follows what is picked elsewhere.
  select(none) {
    const options = [["-1", none], ...data.traits.map((name, index) => [String(index), name])];
    const select = choice(options, (value) => this.pick(Number(value)));
    this.listeners.push((trait) => { select.value = String(trait); });
    return select;
  },
};
