(function () {
  "use strict";
  var each = function (list, call) { Array.prototype.forEach.call(list, call); };
  var value = function (row, place) {
    var cell = row.cells[place], given = cell.getAttribute("data-v");
    return given === null ? cell.textContent.trim() : parseFloat(given);
  };
  var order = function (a, b) {
    var x = typeof a === "number", y = typeof b === "number";
    if (x && y) { return a - b; }
    if (x !== y) { return x ? -1 : 1; }
    return a < b ? -1 : a > b ? 1 : 0;
  };
  each(document.querySelectorAll("table.sortable"), function (table) {
    var heads = table.tHead.rows[0].cells, body = table.tBodies[0];
    if (body.rows.length < 2) { return; }
    each(heads, function (head, place) {
      var button = document.createElement("button");
      button.type = "button";
      while (head.firstChild) { button.appendChild(head.firstChild); }
      head.appendChild(button);
      button.addEventListener("click", function () {
        var down = head.getAttribute("aria-sort") === "ascending";
        each(heads, function (other) { other.removeAttribute("aria-sort"); });
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        Array.prototype.slice.call(body.rows).map(function (row, at) {
          return { row: row, at: at, key: value(row, place) };
        }).sort(function (a, b) {
          return (down ? -1 : 1) * order(a.key, b.key) || a.at - b.at;
        }).forEach(function (item) { body.appendChild(item.row); });
      });
    });
  });
  var copied = function (button, text) {
    var said = function () { button.textContent = "copied"; };
    if (navigator.clipboard) { navigator.clipboard.writeText(text).then(said, function () {}); }
  };
  var add = function (place, label, call) {
    var button = document.createElement("button");
    button.type = "button"; button.className = "copy"; button.textContent = label;
    button.addEventListener("click", function () { call(button); });
    place.appendChild(button);
  };
  each(document.querySelectorAll("figure.code"), function (code) {
    add(code.querySelector("figcaption"), "copy", function (button) {
      copied(button, code.querySelector("code").textContent);
    });
  });
  each(document.querySelectorAll(".anchor"), function (link) {
    link.addEventListener("click", function () { copied(link, location.href.split("#")[0] + link.getAttribute("href")); link.textContent = "#"; });
  });
  var open = function () {
    var target = location.hash && document.getElementById(location.hash.slice(1));
    var whole = target && target.querySelector("details.whole");
    if (whole) { whole.open = true; }
  };
  addEventListener("hashchange", open); open();
  var data = document.getElementById("result-json"), place = document.querySelector(".download");
  if (data && place) {
    add(place, "download", function () {
      var link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([data.textContent], { type: "application/json" }));
      link.download = place.getAttribute("data-name");
      link.click();
    });
  }
}());
