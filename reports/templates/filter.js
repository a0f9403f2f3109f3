// The filter of the measurements: it hides on the screen only, and says how many cases it leaves.
(function () {
  var field = document.getElementById("find"), only = document.getElementById("only"), said = document.getElementById("found");
  if (!field) { return; }
  var bases = null, wait = 0;
  function read() {
    bases = Array.from(document.querySelectorAll("#measurements .base")).map(function (base) {
      var cases = Array.from(base.querySelectorAll("table.results > tbody"));
      return {
        node: base,
        text: base.querySelector("h4").textContent.toLowerCase(),
        cases: cases.map(function (node) {
          return { node: node, text: (node.querySelector("th").title + " " + node.textContent).toLowerCase() };
        })
      };
    });
  }
  function apply() {
    if (!bases) { read(); }
    var words = field.value.toLowerCase().split(/\s+/).filter(Boolean), all = 0, left = 0;
    function has(text) { return words.every(function (word) { return text.indexOf(word) >= 0; }); }
    bases.forEach(function (base) {
      var whole = has(base.text), shown = 0;
      base.cases.forEach(function (one) {
        var away = !(whole || has(base.text + " " + one.text));
        one.node.classList.toggle("away", away);
        all += 1;
        if (!away && !(only.checked && one.node.classList.contains("quiet"))) { shown += 1; }
      });
      left += shown;
      base.node.classList.toggle("away", shown === 0);
    });
    // The name of a plan of which nothing is shown goes with it; with an empty filter all of them are there.
    document.querySelectorAll("#measurements > h3").forEach(function (head) {
      var next = head.nextElementSibling, any = left === all;
      for (; next && next.tagName !== "H3"; next = next.nextElementSibling) {
        any = any || (next.classList.contains("base") && !next.classList.contains("away"));
      }
      head.classList.toggle("away", !any);
    });
    said.textContent = left === all ? "" : left + " of " + all + " cases are shown here; all are printed";
  }
  field.addEventListener("input", function () { clearTimeout(wait); wait = setTimeout(apply, 120); });
  only.addEventListener("change", apply);
  // A link to a case that is filtered away shows it again.
  addEventListener("hashchange", function () {
    var place = document.getElementById(location.hash.slice(1));
    if (place && place.closest(".away, .quiet")) { field.value = ""; only.checked = false; apply(); place.scrollIntoView(); }
  });
})();
