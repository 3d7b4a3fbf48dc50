// A table that is sorted by its headers, and is a list of cards on a narrow screen. Its rows stay the same elements, so that
// neither the place of the thumb nor the focus is lost when figures change.

import { attribute, fill, h, keyed, text } from "./dom.js";
import { icon } from "./icons.js";

// So many rows are drawn unless somebody asks for the others: a café has hundreds of stations, most of them gone.
const FIRST = 150;

/**
 * `columns`: {id, label, by(row) for sorting, down: whether the greatest comes first, make(cell), update(cell, row), kind}.
 * `key(row)` names a row, `href(row)` is the view of it. `sort`: {id, down}; `sorted(sort)` is told of a change.
 */
export class Table {
  constructor({ label, columns, key, href, rowTitle, sort, sorted = () => {}, stale = () => false }) {
    Object.assign(this, { columns, key, href, rowTitle, sort, sorted, stale });
    this.order = new Map();
    this.rows = [];
    this.most = FIRST;
    this.heads = new Map();
    this.body = h("tbody", { role: "rowgroup" });
    const heads = columns.map((column) => this.#head(column));
    this.table = h("table", { role: "table", class: "table", "aria-label": label }, h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, heads)), this.body);
    this.select = h("select", { id: `sort-${label.replace(/\W+/g, "-")}`, on: { change: () => this.#picked() } }, columns.filter((column) => column.by).map((column) => h("option", { value: column.id }, column.label)));
    this.turn = h("button", { type: "button", class: "button square", on: { click: () => this.resort(this.sort.id, !this.sort.down) } }, icon("down"));
    this.picker = h("div", { class: "sort-picker" }, h("label", { for: this.select.id }, "Sort by"), this.select, this.turn);
    this.more = h("button", { type: "button", class: "button table-more", hidden: true, on: { click: () => this.#all() } }, h("span"));
    this.node = h("div", { class: "table-place" }, this.table, this.more);
    this.#hold();
    this.#mark();
  }

  #head(column) {
    if (!column.by) return h("th", { role: "columnheader", scope: "col", class: `column-${column.id}` }, column.label);
    const button = h("button", { type: "button", on: { click: () => this.resort(column.id) } }, h("span", null, column.label), icon("down", "sort-mark"));
    const head = h("th", { role: "columnheader", scope: "col", class: `column-${column.id}` }, button);
    this.heads.set(column.id, head);
    return head;
  }

  /** Sort by a column: the same once more turns the order round. */
  resort(id, down) {
    const column = this.columns.find((one) => one.id === id && one.by);
    if (!column) return;
    this.sort = { id, down: down ?? (this.sort.id === id ? !this.sort.down : Boolean(column.down)) };
    this.#mark();
    this.order.clear();
    this.draw();
    this.sorted(this.sort);
  }

  #picked() {
    const column = this.columns.find((one) => one.id === this.select.value);
    this.resort(column.id, Boolean(column.down));
  }

  #mark() {
    for (const [id, head] of this.heads) attribute(head, "aria-sort", id === this.sort.id ? (this.sort.down ? "descending" : "ascending") : "none");
    this.select.value = this.sort.id;
    this.turn.classList.toggle("turned", !this.sort.down);
    attribute(this.turn, "aria-label", this.sort.down ? "Order: descending. Turn round" : "Order: ascending. Turn round");
  }

  // Rows do not move under a pointer or a finger, nor while one of them has the focus.
  #hold() {
    let touched = 0;
    const touch = () => (touched = Date.now());
    for (const type of ["pointerdown", "pointermove", "touchmove", "wheel"]) this.body.addEventListener(type, touch, { passive: true });
    this.body.addEventListener("pointerleave", () => (touched = 0));
    this.held = () => Date.now() - touched < 4000 || this.body.contains(document.activeElement);
  }

  /** Show these rows. */
  show(rows) {
    this.rows = rows;
    this.draw();
  }

  /** Draw the rows once more: their ages, for one. */
  draw() {
    const rows = this.held() && this.order.size ? this.#kept() : this.#sorted();
    this.order = new Map(rows.map((row, at) => [this.key(row), at]));
    const rest = rows.length - this.most;
    this.more.hidden = rest <= 0;
    text(this.more.firstChild, `Show ${rest} more`);
    keyed(this.body, rest > 0 ? rows.slice(0, this.most) : rows, this.key, (row) => this.#make(row), (node, row) => this.#update(node, row));
  }

  /** The rows that are shown, in their order. */
  shown() {
    const named = new Map(this.rows.map((row) => [this.key(row), row]));
    return [...this.order.keys()].map((name) => named.get(name)).filter(Boolean);
  }

  #all() {
    const last = this.most;
    this.most = Infinity;
    this.draw();
    this.body.children[last]?.querySelector("a")?.focus();
  }

  #kept() {
    const at = (row) => this.order.get(this.key(row)) ?? Infinity;
    return [...this.rows].sort((one, other) => at(one) - at(other) || 0);
  }

  #sorted() {
    const { by } = this.columns.find((column) => column.id === this.sort.id);
    const sign = this.sort.down ? -1 : 1;
    return this.rows
      .map((row) => [by(row), this.key(row), row])
      .sort(([one, name], [other, another]) => compare(one, other) * sign || compare(name, another))
      .map(([, , row]) => row);
  }

  #make(row) {
    const cells = this.columns.map((column) => {
      const cell = h(column.main ? "th" : "td", { role: column.main ? "rowheader" : "cell", scope: column.main ? "row" : null, class: `column-${column.id}`, data: { label: column.short ?? column.label } });
      if (column.main && this.href) {
        const link = h("a", { class: "row-link", href: this.href(row) });
        cell.append(link);
        column.make?.(link, row);
      } else column.make?.(cell, row);
      return cell;
    });
    return h("tr", { role: "row" }, cells);
  }

  #update(node, row) {
    this.columns.forEach((column, at) => {
      const cell = node.children[at];
      const place = column.main && this.href ? cell.firstElementChild : cell;
      if (column.update) column.update(place, row);
      else text(place, column.text(row));
    });
    node.classList.toggle("stale", this.stale(row));
  }
}

function compare(one, other) {
  if (typeof one === "string" && typeof other === "string") return one.localeCompare(other, "en", { sensitivity: "base", numeric: true });
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** A field to search in, that says what it found when the typing pauses. */
export function searchField(label, value, take) {
  const field = h("input", { type: "search", placeholder: label, "aria-label": label, value, autocomplete: "off", autocapitalize: "none", spellcheck: "false", enterkeyhint: "search", on: { input: () => take(field.value) } });
  return h("div", { class: "field search", role: "search" }, icon("search"), field);
}

let selections = 0;

/** A list to choose one from, with its label: `options` are [value, label]. */
export function selection(label, options, chosen, take) {
  const id = `selection-${(selections += 1)}`;
  const list = h("select", { id, on: { change: () => take(list.value) } }, options.map(([value, word]) => h("option", { value }, word)));
  list.value = options.some(([value]) => value === chosen) ? chosen : "";
  return h("div", { class: "selection" }, h("label", { for: id }, label), list);
}

/** Something that a button shows and hides on a narrow screen: {button, node, mark(used)}, which says that it is in use. */
export function toggled(label, content, used) {
  const node = h("div", { class: "toggled", id: `toggled-${label}` }, content);
  const open = (on) => {
    attribute(button, "aria-expanded", String(on));
    node.classList.toggle("is-open", on);
  };
  const button = h("button", { type: "button", class: "button toggle", "aria-controls": node.id, on: { click: () => open(button.getAttribute("aria-expanded") !== "true") } }, icon("filter"), h("span", null, label));
  const mark = (on) => button.classList.toggle("is-used", Boolean(on));
  open(Boolean(used));
  mark(used);
  return { button, node, mark };
}

/** Put something else in the place of a table that has no rows, or the table again. */
export function instead(table, other) {
  if (other) fill(table.node, other);
  else if (table.node.firstElementChild !== table.table) fill(table.node, table.table, table.more);
}
