// A waveform, closer: drag or wheel with the mouse; arrows, plus, minus and Home with the keyboard; or the buttons.
(function () {
  var dialog = document.getElementById("closer"), store = document.getElementById("samples");
  if (!dialog || !store) { return; }
  var plot = null, wave = null, whole = null, all = null, lastButton = null;
  var ink = "#334", trace = "#14509b", limit = "#b00020", mark = "#7a4d00";
  function unpack(kept) {
    var raw = atob(kept.levels), count = raw.length / 2, x = new Float64Array(count), y = new Array(count);
    for (var i = 0; i < count; i += 1) {
      var level = raw.charCodeAt(2 * i) + 256 * raw.charCodeAt(2 * i + 1);
      x[i] = kept.start_s + i * kept.step_s;
      y[i] = level === 65535 ? null : kept.low + (kept.high - kept.low) * level / 65534;
    }
    return [x, y];
  }
  function told(value) { return String(Number(value.toPrecision(5))); }
  function time(seconds) {
    var size = Math.max(Math.abs(seconds), (shown()[1] - shown()[0]) / 10);
    if (size >= 1) { return told(seconds) + " s"; }
    return size >= 1e-3 ? told(seconds * 1e3) + " ms" : told(seconds * 1e6) + " µs";
  }
  function shown() { return plot && plot.scales.x.min !== null ? [plot.scales.x.min, plot.scales.x.max] : whole; }
  function say() {
    var ends = shown(), least = Infinity, most = -Infinity;
    for (var i = 0; i < all[0].length; i += 1) {
      if (all[0][i] >= ends[0] && all[0][i] <= ends[1] && all[1][i] !== null) {
        least = Math.min(least, all[1][i]);
        most = Math.max(most, all[1][i]);
      }
    }
    dialog.querySelector("output").textContent = "from " + time(ends[0]) + " to " + time(ends[1]) +
      (least <= most ? ": smallest " + told(least) + " " + wave.unit + ", largest " + told(most) + " " + wave.unit : "");
  }
  function look(from, to) {
    var least = 4 * wave.step_s, span = Math.min(Math.max(to - from, least), whole[1] - whole[0]);
    from = Math.min(Math.max(from, whole[0]), whole[1] - span);
    plot.setScale("x", { min: from, max: from + span });
  }
  function closer(share, around) {
    var ends = shown(), at = around === undefined ? (ends[0] + ends[1]) / 2 : around;
    look(at - (at - ends[0]) * share, at + (ends[1] - at) * share);
  }
  function move(share) {
    var ends = shown(), by = share * (ends[1] - ends[0]);
    look(ends[0] + by, ends[1] + by);
  }
  var moves = {
    "ArrowLeft": function () { move(-0.25); }, "ArrowRight": function () { move(0.25); },
    "ArrowUp": function () { closer(0.5); }, "ArrowDown": function () { closer(2); },
    "+": function () { closer(0.5); }, "=": function () { closer(0.5); }, "-": function () { closer(2); },
    "Home": function () { look(whole[0], whole[1]); }
  };
  function lines(u) {
    var c = u.ctx, box = u.bbox, ratio = devicePixelRatio || 1;
    c.save();
    c.textBaseline = "alphabetic";
    c.beginPath();
    c.rect(box.left, box.top, box.width, box.height);
    c.clip();
    c.font = 11 * ratio + "px system-ui, sans-serif";
    Object.keys(wave.limits).forEach(function (name) {
      var y = u.valToPos(wave.limits[name], "y", true);
      line(c, limit, [6 * ratio, 3 * ratio], box.left, y, box.left + box.width, y);
      c.textAlign = "right";
      c.fillText(name + " " + told(wave.limits[name]) + " " + wave.unit, box.left + box.width - 4 * ratio, y - 4 * ratio);
    });
    Object.keys(wave.marks).forEach(function (name, index) {
      var x = u.valToPos(wave.marks[name], "x", true);
      if (x < box.left || x > box.left + box.width) { return; }
      line(c, mark, [2 * ratio, 2 * ratio], x, box.top, x, box.top + box.height);
      c.textAlign = x > box.left + box.width * 0.8 ? "right" : "left";
      c.fillText(" " + name + " ", x, box.top + (12 + 12 * (index % 3)) * ratio);
    });
    c.restore();
  }
  function line(c, colour, dash, x1, y1, x2, y2) {
    c.strokeStyle = c.fillStyle = colour;
    c.lineWidth = devicePixelRatio || 1;
    c.setLineDash(dash);
    c.beginPath();
    c.moveTo(x1, y1);
    c.lineTo(x2, y2);
    c.stroke();
  }
  function heights(u, least, most) {
    var ends = shown(), close = ends[1] - ends[0] < 0.99 * (whole[1] - whole[0]);
    // Seen whole, a limit is never off the drawing; seen closely, the samples fill it.
    var values = close && least !== null ? [] : Object.keys(wave.limits).map(function (name) { return wave.limits[name]; });
    values.push(least === null ? wave.low : least, most === null ? wave.high : most);
    var low = Math.min.apply(null, values), high = Math.max.apply(null, values), room = 0.08 * (high - low) || 1;
    return [low - room, high + 1.5 * room];
  }
  function ticks(u, places) { return places.map(function (at) { return String(Number(at.toPrecision(9))); }); }
  function draw() {
    var room = dialog.querySelector(".plot");
    room.replaceChildren();
    plot = new uPlot({
      width: room.clientWidth, height: Math.max(240, Math.min(460, innerHeight - 300)),
      scales: { x: { time: false }, y: { range: heights } },
      series: [
        { label: "time / s", value: function (u, v) { return v === null ? "–" : told(v); } },
        { label: wave.quantity + " / " + wave.unit, stroke: trace, width: 1, points: { show: false },
          value: function (u, v) { return v === null || v === undefined ? "–" : told(v); } }
      ],
      axes: [
        { stroke: ink, grid: { stroke: "#e3e6ec" }, values: ticks, label: "time / s" },
        { stroke: ink, grid: { stroke: "#e3e6ec" }, values: ticks, size: 72, label: wave.quantity + " / " + wave.unit }
      ],
      hooks: { draw: [lines], setScale: [function (u, key) { if (key === "x" && plot) { say(); } }] }
    }, all, room);
    plot.over.addEventListener("wheel", function (event) {
      event.preventDefault();
      closer(event.deltaY < 0 ? 0.7 : 1 / 0.7, plot.posToVal(event.offsetX, "x"));
    }, { passive: false });
    say();
  }
  document.addEventListener("click", function (event) {
    var button = event.target.closest("button[data-zoom]"), does = event.target.closest("#closer button[data-key]");
    if (does) { moves[does.dataset.key](); }
    if (!button) { return; }
    lastButton = button;
    wave = JSON.parse(document.getElementById("samples").content.getElementById("z" + button.dataset.zoom).textContent);
    all = unpack(wave);
    whole = [all[0][0], all[0][all[0].length - 1]];
    plot = null;
    document.getElementById("closer-head").textContent = wave.title;
    dialog.querySelector(".told").textContent = wave.told;
    dialog.showModal();
    draw();
    dialog.querySelector(".plot").focus();
  });
  dialog.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !moves[event.key]) { return; }
    event.preventDefault();
    moves[event.key]();
  });
  dialog.addEventListener("close", function () {
    if (plot) { plot.destroy(); plot = null; }
    if (lastButton) { lastButton.focus(); }
  });
  addEventListener("resize", function () {
    if (plot) { plot.setSize({ width: dialog.querySelector(".plot").clientWidth, height: plot.height }); }
  });
})();
