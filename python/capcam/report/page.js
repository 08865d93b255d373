// SPDX-License-Identifier: Apache-2.0
// Draws the page's figures in the colours of its theme; lets figures be chosen, tables be sorted.
"use strict";
(() => {
  const root = document.documentElement;
  const figures = JSON.parse(document.getElementById("figures").textContent);
  const chosen = Object.fromEntries(Object.keys(figures).map((name) => [name, 0]));
  const preference = matchMedia("(prefers-color-scheme: dark)");
  let asked = null; // by the button; otherwise the reader's system decides
  let printing = false;
  const theme = () => (printing ? "light" : asked || (preference.matches ? "dark" : "light"));

  // Every "@name" becomes the theme's colour --name.
  function painted(value, style) {
    if (typeof value === "string") {
      return value.startsWith("@") ? style.getPropertyValue("--" + value.slice(1)).trim() || value : value;
    }
    if (Array.isArray(value)) return value.map((one) => painted(one, style));
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, painted(one, style)]));
    }
    return value;
  }

  function layoutOf(figure, style, place) {
    const ink = style.getPropertyValue("--ink").trim(), line = style.getPropertyValue("--line").trim();
    const narrow = place.clientWidth < 520;
    const layout = painted(figure.layout || {}, style);
    const axis = { gridcolor: line, zerolinecolor: line, linecolor: line, automargin: true };
    for (const name of Object.keys(layout).filter((key) => /^[xy]axis/.test(key))) {
      const title = { font: { size: narrow ? 11 : 13 }, ...layout[name].title };
      layout[name] = { ...axis, ...layout[name], title };
    }
    return {
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", autosize: true, dragmode: false,
      font: { family: getComputedStyle(document.body).fontFamily, size: narrow ? 11 : 13, color: ink },
      margin: { l: 8, r: 8, t: 12, b: 8 }, showlegend: false,
      legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom" },
      hoverlabel: { bgcolor: style.getPropertyValue("--panel").trim(), bordercolor: line, font: { color: ink }, align: "left" },
      colorway: painted(["@c0", "@c1", "@c2", "@c3", "@c4", "@c5", "@c6"], style),
      ...layout,
      ...(printing ? { width: 660 } : {}),
    };
  }

  function draw(name) {
    const place = document.getElementById(name), figure = figures[name][chosen[name]], style = getComputedStyle(root);
    return Plotly.react(place, painted(figure.data, style), layoutOf(figure, style, place),
      { responsive: true, displaylogo: false, displayModeBar: false });
  }

  function drawAll() {
    root.dataset.theme = theme();
    return Promise.all(Object.keys(figures).map(draw));
  }

  function print(is) {
    if (printing === is) return;
    printing = is;
    drawAll();
  }

  function sort(header) {
    const body = header.closest("table").tBodies[0], column = header.cellIndex;
    const descending = header.getAttribute("aria-sort") === "ascending";
    for (const other of header.parentNode.cells) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", descending ? "descending" : "ascending");
    const value = (row) => row.cells[column].dataset.v ?? row.cells[column].textContent;
    const order = (a, b) => {
      const x = value(a), y = value(b), both = x !== "" && y !== "" && !isNaN(x) && !isNaN(y);
      return (both ? x - y : x.localeCompare(y)) * (descending ? -1 : 1);
    };
    body.append(...[...body.rows].sort(order));
  }

  document.getElementById("theme").addEventListener("click", () => {
    asked = theme() === "dark" ? "light" : "dark";
    drawAll();
  });
  preference.addEventListener("change", drawAll);
  addEventListener("beforeprint", () => print(true));
  addEventListener("afterprint", () => print(false));
  matchMedia("print").addEventListener("change", (event) => print(event.matches));
  for (const select of document.querySelectorAll("select[data-for]")) {
    select.addEventListener("change", () => {
      chosen[select.dataset.for] = Number(select.value);
      draw(select.dataset.for);
    });
  }
  for (const header of document.querySelectorAll("thead th")) {
    const first = header.closest("table").tBodies[0].rows[0];
    if (first && first.cells[header.cellIndex].classList.contains("n")) header.classList.add("n");
    header.firstElementChild.addEventListener("click", () => sort(header));
  }
  drawAll().then(() => { root.dataset.ready = "yes"; });
})();
