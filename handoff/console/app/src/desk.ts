// Coming and going: everything that is shown comes from the server, read when
// the page begins and told by its stream from then on.

import { flushClosings } from "./acts";
import { del, get, post, type Trouble } from "./api";
import { loadList, loadMine } from "./lists";
import { readViews } from "./views";
import { link, Live } from "./live";
import { show } from "./opened";
import { beat } from "./presence";
import { readPlace } from "./route";
import { siteHere } from "./site";
import { desk } from "./state";
import { adopt, told } from "./told";
import type { SignedIn, Start } from "./types";

export * from "./acts";
export * from "./lists";
export * from "./opened";
export * from "./presence";
export * from "./say";
export * from "./sending";
export { countAgain, peopleAgain } from "./told";

export async function begin(): Promise<void> {
  try {
    const s = await get<Start>("/start");
    // Signed in at another site than the address names: this one asks for itself.
    if (siteHere() !== "" && (await get<SignedIn>("/me")).site.name !== siteHere()) return desk.set({ phase: "out" });
    adopt(s);
    desk.set({ phase: "in", why: "" });
    link.live?.close();
    link.live = new Live(s.cursor, told, (state) => desk.set({ link: state }));
    void beat();
    void loadMine();
    await readViews();
    arrive(true);
  } catch (err) {
    const trouble = err as Trouble;
    if (trouble.status === 401) desk.set({ phase: "out" });
    else {
      desk.set({ phase: "down", why: trouble.message });
      setTimeout(() => void begin(), 3_000);
    }
  }
}

/** The session is over: what was begun to write is kept, all else goes. */
export function signedOut(): void {
  link.live?.close();
  link.live = null;
  desk.set({ phase: "out", rows: new Map(), order: [], open: null, fresh: [], left: new Set(), dialog: null, agents: [], queues: [], views: [], extracts: new Map() });
}

export async function signOut(): Promise<void> {
  await flushClosings();
  try {
    await del("/presence");
    await post("/logout");
  } catch {
    // the cookie is gone or the network is: signed out here in any case
  }
  signedOut();
}

/** Reads the address and loads what it names. The first time it loads the list
 * in any case: what the stream told until then is not all of it. */
export function arrive(first = false): void {
  const place = readPlace(location.hash);
  const was = desk.state.place;
  desk.set({ place, rail: false });
  if (place.page !== "list") {
    show("");
    return;
  }
  if (first || place.view.kind !== was.view.kind || place.view.queue !== was.view.queue || place.view.ask !== was.view.ask || was.page !== "list") void loadList();
  show(place.open);
}
