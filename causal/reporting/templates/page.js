(() => {
  "use strict";
  const all = (query, call) => document.querySelectorAll(query).forEach(call);
  const button = (place, label, call) => {
    const made = document.createElement("button");
    made.type = "button";
    made.append(label);
    made.addEventListener("click", () => call(made));
    place.append(made);
    return made;
  };
  const value = (row, place) => {
    const cell = row.cells[place], given = cell.getAttribute("data-v");
    return given === null ? cell.textContent.trim() : parseFloat(given);
  };
  const order = (a, b) => {
    const x = typeof a === "number", y = typeof b === "number";
    return x && y ? a - b : x !== y ? (x ? -1 : 1) : a < b ? -1 : a > b ? 1 : 0;
  };
  all("table.sortable", (table) => {
    const heads = [...table.tHead.rows[0].cells], body = table.tBodies[0];
    if (body.rows.length < 3) return;
    heads.forEach((head, place) => {
      const words = [...head.childNodes];
      button(head, "", () => {
        const sign = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
        [...body.rows].sort((a, b) => sign * order(value(a, place), value(b, place)))
          .forEach((row) => body.append(row));
      }).append(...words);
    });
  });
  const copy = (text, from) => navigator.clipboard &&
    navigator.clipboard.writeText(text).then(() => { from.textContent = "copied"; }, () => {});
  all("figure.code", (code) => {
    button(code.querySelector("figcaption"), "copy", (made) =>
      copy(code.querySelector("code").textContent, made)).className = "copy";
  });
  all(".anchor", (link) => link.addEventListener("click", () => copy(link.href, link)));
  const open = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    const whole = target && target.querySelector("details.whole");
    if (whole) whole.open = true;
  };
  addEventListener("hashchange", open);
  open();
  const whole = (key, given) => given && given._rows
    ? given._rows.map((row) => Object.fromEntries(given._columns.map((name, i) => [name, row[i]])))
    : given;
  const data = document.getElementById("result-json");
  all(".download", (place) => {
    button(place, "download", () => {
      const link = document.createElement("a");
      const text = JSON.stringify(JSON.parse(data.textContent, whole), null, 1);
      link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
      link.download = place.dataset.name;
      link.click();
    }).className = "copy";
  });
})();
