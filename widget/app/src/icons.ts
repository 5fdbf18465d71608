// Our own strokes on a grid of 24, as data: shapes of one width, no fills.

const SHAPES: Record<string, string> = {
  person: "M12 4a3.6 3.6 0 1 1 0 7.2A3.6 3.6 0 0 1 12 4zM5 20c.6-3.8 3.4-5.8 7-5.8s6.4 2 7 5.8",
  close: "M6 6l12 12M18 6L6 18",
  back: "M20 12H5M11 5.5L4.5 12l6.5 6.5",
  send: "M4.5 12h14M12.5 5.5L19 12l-6.5 6.5",
  fresh: "M12 5v14M5 12h14",
  page: "M6 3.5h8l4 4v13H6zM14 3.5v4h4M9 12h6M9 15.5h6",
  yes: "M5 12.5l4.5 4.5L19 7.5",
  no: "M7.5 7.5l9 9M16.5 7.5l-9 9",
  line: "M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16zM12 8v4.3l2.8 1.7",
  list: "M8.5 6.5h11M8.5 12h11M8.5 17.5h11M4.5 6.5h.01M4.5 12h.01M4.5 17.5h.01",
  more: "M5 7h14M5 12h14M5 17h14",
  mail: "M4 6.5h16v11.5H4zM4.5 7.5L12 13l7.5-5.5",
  save: "M12 4.5v10M7.5 10.5L12 15l4.5-4.5M5 19.5h14",
  clip: "M19 11.5l-7.2 7.2a4.3 4.3 0 0 1-6.1-6.1l7.6-7.6a2.9 2.9 0 0 1 4.1 4.1l-7.5 7.5a1.4 1.4 0 0 1-2-2l6.7-6.7",
  next: "M9.5 5.5L16 12l-6.5 6.5",
};

const SVG = "http://www.w3.org/2000/svg";

/** An icon; it says nothing to a screen reader, so a label stands beside it. */
export function icon(name: string, extra = ""): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", ("icon " + extra).trim());
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", SHAPES[name] ?? "");
  svg.append(path);
  return svg;
}
