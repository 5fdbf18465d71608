// Our own strokes on a grid of 24, of one width, no fills: the widget's set,
// and what the desk needs beside it.

const SHAPES: Record<string, string[]> = {
  inbox: ["M4 13l2.5-8h11L20 13v6H4z", "M4 13h4.5l1.5 2.5h4L15.5 13H20"],
  mine: ["M12 4a3.6 3.6 0 1 1 0 7.2A3.6 3.6 0 0 1 12 4z", "M5 20c.6-3.8 3.4-5.8 7-5.8s6.4 2 7 5.8"],
  open: ["M4 5.5h16v11h-8.5L7 20v-3.5H4z"],
  late: ["M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16z", "M12 8v4.3l2.8 1.7"],
  at: ["M15.5 12a3.5 3.5 0 1 1-7 0 3.5 3.5 0 0 1 7 0z", "M15.5 9v4.2c0 1.3.8 2.2 2 2.2s2.3-1.2 2.3-3.4A7.8 7.8 0 1 0 16 18.8"],
  moon: ["M19 14.5A7.5 7.5 0 0 1 9.5 5 7.5 7.5 0 1 0 19 14.5z"],
  done: ["M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16z", "M8.5 12.2l2.5 2.5 4.5-5"],
  search: ["M10.5 4.5a6 6 0 1 1 0 12 6 6 0 0 1 0-12z", "M15 15l4.5 4.5"],
  queue: ["M5 7h14", "M5 12h14", "M5 17h9"],
  wall: ["M4 5h7v6H4z", "M13 5h7v6h-7z", "M4 13h7v6H4z", "M13 13h7v6h-7z"],
  gear: ["M12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6z", "M12 3.5v3M12 17.5v3M3.5 12h3M17.5 12h3M6 6l2.1 2.1M15.9 15.9L18 18M18 6l-2.1 2.1M8.1 15.9L6 18"],
  keys: ["M3.5 7h17v10h-17z", "M7 10.5h.01M10.5 10.5h.01M14 10.5h.01M17 10.5h.01M8 13.8h8"],
  back: ["M20 12H5", "M11 5.5L4.5 12l6.5 6.5"],
  menu: ["M4 7h16", "M4 12h16", "M4 17h16"],
  close: ["M6 6l12 12", "M18 6L6 18"],
  send: ["M4.5 12h14", "M12.5 5.5L19 12l-6.5 6.5"],
  note: ["M5 4.5h14v9.5l-5 5.5H5z", "M19 14h-5v5.5", "M8.5 9h7M8.5 12.5h4"],
  hand: ["M4 12.5h10", "M10 7l5.5 5.5L10 18", "M19 5v15"],
  up: ["M12 19.5V5", "M5.5 11L12 4.5l6.5 6.5"],
  more: ["M5 12a1 1 0 1 0 2 0 1 1 0 1 0-2 0zM11 12a1 1 0 1 0 2 0 1 1 0 1 0-2 0zM17 12a1 1 0 1 0 2 0 1 1 0 1 0-2 0z"],
  book: ["M5 4.5h9.5a2 2 0 0 1 2 2v13H7a2 2 0 0 1-2-2z", "M16.5 16.5H7a2 2 0 0 0-2 1.5", "M8.5 8.5h4.5"],
  text: ["M5 6h14", "M12 6v13", "M9 19h6"],
  spark: ["M12 4l1.7 5.3L19 11l-5.3 1.7L12 18l-1.7-5.3L5 11l5.3-1.7z"],
  check: ["M5 12.5l4.5 4.5L19 7.5"],
  merge: ["M7 4v5.5c0 3 5 3.5 5 6.5v4", "M17 4v5.5c0 3-5 3.5-5 6.5"],
  out: ["M9 6H5.5v12.5H18V15", "M13 5h6v6", "M18.5 5.5L11 13"],
  flag: ["M6 20.5V4.5", "M6 5h11.5l-2.5 4 2.5 4H6"],
  down: ["M6 9.5l6 6 6-6"],
  bolt: ["M13 3.5L5.5 13.5h5.5l-1 7 7.5-10H12z"],
  eye: ["M3 12s3.3-6 9-6 9 6 9 6-3.3 6-9 6-9-6-9-6z", "M12 9.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5z"],
  alert: ["M12 4.5L21 19.5H3z", "M12 10v4.5", "M12 17h.01"],
  bot: ["M5 9h14v10H5z", "M12 9V5.5M9.5 5.5h5", "M9.5 13.5h.01M14.5 13.5h.01"],
  seal: ["M12 3.5l7 2.5v5.5c0 4.4-2.9 7.6-7 9-4.1-1.4-7-4.6-7-9V6z", "M9 12l2.2 2.2L15.2 10"],
};

/** An icon; it says nothing to a screen reader, so a label stands beside it. */
export function Icon({ name, size = 18 }: { name: string; size?: number }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" width={size} height={size} aria-hidden="true">
      {(SHAPES[name] ?? []).map((d) => (
        <path key={d} d={d} />
      ))}
    </svg>
  );
}
