// "Why?" beside a value: what it rests on, link by link, in a dialog that the keyboard opens, walks and closes.
(function () {
  var dialog = document.getElementById("why"), store = document.getElementById("walks");
  if (!dialog || !store) { return; }
  var words = { "P": "a pass", "F": "a failure", "N/E": "not evaluated", "N/A": "not judged", "": "not judged" };
  var walks = null;
  function made(name, text, kind) {
    var node = document.createElement(name);
    if (text) { node.textContent = text; }
    if (kind) { node.className = kind; }
    return node;
  }
  function said(text) {
    var item = made("li", text), wave = /^(waveforms\/[^:]+): /.exec(text);
    var figure = wave && document.querySelector('figure[data-file="' + CSS.escape(wave[1]) + '"]');
    if (figure) {
      var link = made("a", "see its drawing");
      link.href = "#" + figure.id;
      link.addEventListener("click", function () { dialog.close(); });
      item.append(" ", link);
    }
    return item;
  }
  function chain(list, numbers) {
    numbers.forEach(function (number) {
      var link = walks.links[number], lines = made("ul");
      link.slice(1).forEach(function (line) { lines.append(said(walks.texts[line])); });
      var part = made("li");
      part.append(made("h3", walks.texts[link[0]]), lines);
      list.append(part);
    });
  }
  function show(place, lines, at) {
    var value = walks.values[lines[at]], known = walks.cases[place], body = made("div");
    var head = made("h2", "Why is this " + (words[value[1]] || value[1]) + "?");
    head.id = "why-head";
    head.tabIndex = -1;
    body.append(head, made("p", walks.texts[value[0]] + ", " + known[0] + ": " + known[1]));
    if (known[2] !== "P") { body.append(made("p", "The case is " + known[2] + (known[3] ? ": " + known[3] : ""), "reason")); }
    if (lines.length > 1) {
      var label = made("label", "one of " + lines.length + " that are told in one line of the table; line of the record: ");
      var pick = made("select");
      lines.forEach(function (line, index) {
        var choice = made("option", line + " (" + (walks.values[line][1] || "not judged") + ")");
        choice.value = index;
        choice.selected = index === at;
        pick.append(choice);
      });
      pick.addEventListener("change", function () {
        show(place, lines, Number(pick.value));
        dialog.querySelector("select").focus();
      });
      label.append(pick);
      var row = made("p");
      row.append(label);
      body.append(row);
    } else {
      body.append(made("p", "line " + lines[at] + " of the record", "soft"));
    }
    var steps = made("ol", "", "chain");
    chain(steps, value[2]);
    chain(steps, known[4]);
    body.append(steps);
    dialog.querySelector(".body").replaceChildren(body);
  }
  document.addEventListener("click", function (event) {
    var button = event.target.closest("button[data-why]");
    if (!button) { return; }
    walks = walks || JSON.parse(store.textContent);
    show(button.closest("tbody").id, button.dataset.why.split(" "), 0);
    dialog.showModal();
    dialog.scrollTop = 0;
    document.getElementById("why-head").focus();
  });
})();
