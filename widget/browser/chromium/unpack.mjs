// Unpacks the browser of @sparticuz/chromium beside it and prints where it lies: a
// script that starts it with the libraries of its own archive, since a machine
// without a browser has not got these either. The package's own way to do this
// writes to names in /tmp that everybody on the machine shares.

import { execFileSync } from "node:child_process";
import { createReadStream, createWriteStream, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { createBrotliDecompress } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const packed = join(here, "node_modules", "@sparticuz", "chromium", "bin");
const made = join(here, "node_modules", ".made");
const start = join(made, "browser");

async function unpack(name, to, mode) {
  await pipeline(createReadStream(join(packed, name)), createBrotliDecompress(), createWriteStream(to + ".part", { mode }));
  renameSync(to + ".part", to);
}

if (!existsSync(start)) {
  mkdirSync(made, { recursive: true });
  await unpack("chromium.br", join(made, "chromium"), 0o755);
  await unpack("al2023.tar.br", join(made, "lib.tar"), 0o644);
  execFileSync("tar", ["-xf", "lib.tar"], { cwd: made });
  rmSync(join(made, "lib.tar"));
  const quoted = (path) => "'" + path.replaceAll("'", "'\\''") + "'";
  writeFileSync(start, `#!/bin/sh\nLD_LIBRARY_PATH=${quoted(join(made, "lib"))}\nexport LD_LIBRARY_PATH\nexec ${quoted(join(made, "chromium"))} "$@"\n`, { mode: 0o755 });
}
console.log(start);
