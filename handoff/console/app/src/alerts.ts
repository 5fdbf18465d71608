// What is yours makes itself heard: a short tone, the browser's own notice when
// the page is hidden, and the number in the title. Each can be switched off.

import { t } from "./i18n";
import type { Me, Row } from "./types";

const kept = (name: string, absent: boolean): boolean => {
  try {
    return (localStorage.getItem("desk." + name) ?? String(absent)) === "true";
  } catch {
    return absent;
  }
};

export const settings = { sound: kept("sound", true), notices: kept("notices", false) };

export function setAlert(name: "sound" | "notices", on: boolean): void {
  settings[name] = on;
  try {
    localStorage.setItem("desk." + name, String(on));
  } catch {
    // for this page only, then
  }
}

let audio: AudioContext | null = null;
let lastTone = 0;

function tone(): void {
  if (!settings.sound || Date.now() - lastTone < 3_000) return;
  if (navigator.userActivation !== undefined && !navigator.userActivation.hasBeenActive) return; // browsers forbid it before
  lastTone = Date.now();
  try {
    audio ??= new AudioContext();
    const at = audio.currentTime;
    const gain = audio.createGain();
    gain.connect(audio.destination);
    gain.gain.setValueAtTime(0.0001, at);
    gain.gain.exponentialRampToValueAtTime(0.06, at + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.5);
    for (const [i, hz] of [587, 784].entries()) {
      const o = audio.createOscillator();
      o.frequency.value = hz;
      o.connect(gain);
      o.start(at + i * 0.11);
      o.stop(at + 0.5);
    }
  } catch {
    // no sound on this machine
  }
}

const LOUD = new Set(["message", "transferred", "offered", "mention", "claimed_for_you", "taken_over", "whisper"]);

/** Says that something of mine happened, unless I did it or look at it. */
export function alertYours(row: Row, kinds: string[], me: Me): void {
  if (!kinds.some((k) => LOUD.has(k))) return;
  if (document.visibilityState === "visible" && document.hasFocus() && location.hash.endsWith(row.id)) return;
  tone();
  if (!settings.notices || document.visibilityState === "visible" || typeof Notification === "undefined" || Notification.permission !== "granted") return;
  const words = kinds.includes("mention") ? t("notice.mention") : kinds.includes("taken_over") ? t("notice.taken_over") : kinds.includes("whisper") ? t("notice.whisper") : row.agent === me.agent ? t("notice.message") : t("notice.offered");
  const n = new Notification(`${words} · ${row.reference}`, { body: row.problem, tag: row.id });
  n.onclick = () => {
    window.focus();
    location.hash = "#/case/" + row.id;
    n.close();
  };
}
