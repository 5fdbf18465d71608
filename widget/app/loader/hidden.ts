// Pages without a launcher. A pattern is a path, or a whole address without its
// query; * stands for any run of characters.

export function pageHidden(patterns: ArrayLike<string>, page: string): boolean {
  const url = new URL(page);
  for (let i = 0; i < patterns.length; i++) {
    const p = patterns[i];
    if (glob(trim(p), trim(p.indexOf("://") < 0 ? url.pathname : url.origin + url.pathname))) return true;
  }
  return false;
}

const trim = (s: string): string => s.replace(/(.)\/$/, "$1");

// glob goes back to the last star only, so that no pattern takes long.
function glob(pattern: string, s: string): boolean {
  let p = 0;
  let i = 0;
  let star = -1;
  let mark = 0;
  while (i < s.length) {
    if (pattern[p] === "*") {
      star = p++;
      mark = i;
    } else if (pattern[p] === s[i]) {
      p++;
      i++;
    } else if (star >= 0) {
      p = star + 1;
      i = ++mark;
    } else return false;
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}
