// Draws the trend of a board from the numbers that its table shows; without this script the table stands open.
const colours = () => {
  const told = getComputedStyle(document.documentElement);
  const of = (name) => told.getPropertyValue(name).trim();
  return { ink: of("--ink-soft"), line: of("--hairline"), opened: of("--heat-4"), closed: of("--accent"), due: of("--red-sign"), font: of("--font") };
};

// Beside its colour every line has marks of its own shape.
const shapes = { opened: "circle", closed: "rect", due: "triangle" };

function draw(box) {
  const told = JSON.parse(box.dataset.chart);
  const colour = colours();
  box.hidden = false;
  const chart = window.echarts.getInstanceByDom(box) || window.echarts.init(box, null, { renderer: "svg" });
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches || matchMedia("print").matches;
  chart.setOption({
    animation: !still && !box.dataset.drawn,
    textStyle: { fontFamily: colour.font, color: colour.ink },
    grid: { left: 8, right: 16, top: 36, bottom: 4, containLabel: true },
    legend: { top: 0, left: 0, itemGap: 16, textStyle: { color: colour.ink } },
    tooltip: { trigger: "axis", renderMode: "richText" },
    xAxis: {
      type: "category",
      data: told.months.map((month) => month.replace(/^\d{4}\D/, "")),
      axisLine: { lineStyle: { color: colour.line } },
      axisTick: { show: false },
      axisLabel: { color: colour.ink },
    },
    yAxis: { type: "value", minInterval: 1, splitLine: { lineStyle: { color: colour.line } }, axisLabel: { color: colour.ink } },
    series: told.lines.map((line) => ({
      name: line.name,
      type: line.by === "due" ? "bar" : "line",
      data: line.counts,
      barMaxWidth: 14,
      symbol: shapes[line.by],
      symbolSize: 6,
      showAllSymbol: true,
      lineStyle: { width: 2 },
      itemStyle: { color: colour[line.by] },
    })),
  });
  box.dataset.drawn = "1";
  return chart;
}

addEventListener("DOMContentLoaded", start);
if (document.readyState !== "loading") start();

function start() {
  if (!window.echarts) return;
  for (const box of document.querySelectorAll("[data-chart]:not([data-drawn])")) {
    const chart = draw(box);
    const folds = box.parentElement.querySelector("[data-folds]");
    if (folds) folds.open = false;
    new ResizeObserver(() => chart.resize()).observe(box);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw(box));
  }
}
