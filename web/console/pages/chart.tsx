// Lines over time, drawn by uPlot on a canvas: for the eye alone, so whoever
// uses it says the same in words and in a table beside it.
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

export interface Line {
  name: string;
  colour: `--${string}`; // a token of ui/tokens.css
  dashed?: boolean;
  values: (number | null)[];
}

interface Props {
  times: number[]; // seconds
  lines: Line[];
  language: string;
  onPoint: (index: number | null) => void;
}

const height = 240;

// colourOf resolves a token as the present theme has it.
function colourOf(element: HTMLElement, token: string): string {
  const probe = element.appendChild(document.createElement("span"));
  probe.style.color = `var(${token})`;
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

function plot(element: HTMLElement, { times, lines, language, onPoint }: Props): uPlot {
  const ink = colourOf(element, "--muted-foreground");
  const grid = { stroke: colourOf(element, "--border"), width: 1 };
  const day = times.length > 1 && times.at(-1)! - times[0]! > 2 * 86_400;
  const moment = new Intl.DateTimeFormat(language, day ? { day: "numeric", month: "short" } : { hour: "2-digit", minute: "2-digit" });
  const number = new Intl.NumberFormat(language, { notation: "compact" });
  const axis = { stroke: ink, font: "12px system-ui", grid, ticks: { show: false } };
  const options: uPlot.Options = {
    width: element.clientWidth,
    height,
    padding: [8, 20, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { setScale: false }, points: { size: 7 } },
    scales: { y: { range: (_, __, most) => [0, Math.max(4, Math.ceil(most * 1.1))] } },
    axes: [
      { ...axis, size: 30, space: 72, grid: { show: false }, values: (_, marks) => marks.map((mark) => moment.format(mark * 1000)) },
      { ...axis, size: 44, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6], values: (_, marks) => marks.map((mark) => number.format(mark)) },
    ],
    series: [{}, ...lines.map(({ colour, dashed }) => ({ stroke: colourOf(element, colour), width: 2, dash: dashed ? [6, 4] : undefined, points: { show: false } }))],
    hooks: { setCursor: [(chart) => onPoint(chart.cursor.idx ?? null)] },
  };
  return new uPlot(options, [times, ...lines.map(({ values }) => values)], element);
}

export default function Chart(props: Props) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = place.current!;
    let chart = plot(element, props);
    const again = () => {
      chart.destroy();
      chart = plot(element, props);
    };
    const resized = new ResizeObserver(() => chart.width !== element.clientWidth && chart.setSize({ width: element.clientWidth, height }));
    const system = matchMedia("(prefers-color-scheme: dark)");
    resized.observe(element);
    system.addEventListener("change", again);
    window.addEventListener("gatehouse-theme", again);
    return () => {
      resized.disconnect();
      system.removeEventListener("change", again);
      window.removeEventListener("gatehouse-theme", again);
      chart.destroy();
    };
  }, [props.times, props.lines, props.language]);
  // Time runs from left to right in every language's charts.
  return <div ref={place} dir="ltr" aria-hidden="true" className="w-full overflow-hidden" style={{ height }} />;
}
