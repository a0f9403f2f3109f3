// Whatever is folded away on the screen is open on paper; everything else in the page works without this script.
document.documentElement.classList.add("js");
(function () {
  var closed = [];
  addEventListener("beforeprint", function () {
    closed = Array.from(document.querySelectorAll("details:not([open])"));
    closed.forEach(function (part) { part.open = true; });
  });
  addEventListener("afterprint", function () {
    closed.forEach(function (part) { part.open = false; });
    closed = [];
  });
})();
