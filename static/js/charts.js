// Charts: the server sends a figure as JSON without any colour; here it gets the page's colours and is drawn.
// The drawing library is large, so it is fetched only when a chart comes near the screen.
(() => {
  "use strict";

  const OPTIONS = { displayModeBar: false, displaylogo: false, showSendToCloud: false, responsive: true };
  let library;

  function load(address) {
    library ??= new Promise((loaded, failed) => {
      const script = document.createElement("script");
      script.src = address;
      script.onload = loaded;
      script.onerror = () => failed(new Error("The chart library did not load"));
      document.head.append(script);
    });
    return library;
  }

  // A custom property may hold light-dark(); only a used colour says which of the two it is.
  function palette() {
    const probe = document.createElement("span");
    probe.hidden = true;
    document.body.append(probe);
    const colour = (name) => {
      probe.style.color = `var(--${name})`;
      return getComputedStyle(probe).color;
    };
    const names = ["ink", "muted", "line", "rule", "surface", "accent"];
    const components = ["serving", "idle", "network", "shared", "failed", "unallocated", "adjustment"];
    const colours = Object.fromEntries([
      ...names.map((name) => [name, colour(name)]),
      ...components.map((name) => [name, colour(`c-${name}`)]),
    ]);
    probe.remove();
    return colours;
  }

  function paintTrace(trace, colours) {
    const key = trace.meta && trace.meta.colour;
    const colour = colours[key] ?? colours.accent;
    if (trace.type !== "bar") return { ...trace, line: { width: 1.5, ...trace.line, color: colour } };
    const hatched = key === "unallocated";
    const pattern = hatched ? { shape: "/", fgcolor: colour, size: 5, solidity: 0.35 } : undefined;
    const marker = { ...trace.marker, color: hatched ? "rgba(0,0,0,0)" : colour, pattern };
    return { ...trace, marker: { ...marker, line: { width: hatched ? 1 : 0, color: colour } } };
  }

  function paintLayout(layout, colours) {
    const axis = { tickfont: { color: colours.muted }, gridcolor: colours.line };
    return {
      ...layout,
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: "Inter, system-ui, sans-serif", size: 12, color: colours.muted },
      hoverlabel: { bgcolor: colours.surface, bordercolor: colours.rule, font: { color: colours.ink } },
      xaxis: { ...axis, linecolor: colours.rule, ...layout.xaxis },
      yaxis: { ...axis, ...layout.yaxis },
    };
  }

  async function draw(element) {
    const figure = JSON.parse(document.getElementById(element.dataset.figure).textContent);
    try {
      await load(element.dataset.library);
      const colours = palette();
      const traces = figure.data.map((trace) => paintTrace(trace, colours));
      await window.Plotly.react(element, traces, paintLayout(figure.layout, colours), OPTIONS);
      element.dataset.ready = "yes";
    } catch (problem) {
      // The table under the chart still has every figure.
      element.dataset.waiting = "The chart could not be drawn. Its figures are in the table below.";
      console.warn(problem);
    }
  }

  const nearby = new IntersectionObserver(
    (entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => {
      nearby.unobserve(entry.target);
      draw(entry.target);
    }),
    { rootMargin: "400px" },
  );

  const watch = () => document.querySelectorAll("[data-figure]:not([data-ready])").forEach((chart) => nearby.observe(chart));
  const redraw = () => document.querySelectorAll("[data-figure][data-ready]").forEach(draw);

  document.addEventListener("DOMContentLoaded", watch);
  document.addEventListener("htmx:after:swap", watch);
  // A change of theme, and paper, which is always light.
  ["(prefers-color-scheme: dark)", "print"].forEach((query) => matchMedia(query).addEventListener("change", redraw));
})();
