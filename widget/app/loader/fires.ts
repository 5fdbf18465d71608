// Which rule speaks first, if any: the widget's half of what `frontdesk rules test`
// says. settings/testdata/rules.json is the table that both are held to.

import { pageHidden } from "./hidden";

/** What the site uses: rules that are off do not come here, and caps are said. */
export interface Rules {
  on: boolean;
  per_day: number;
  per_visitor: number;
  rules: Rule[];
}

export interface Rule {
  id: string;
  say: string;
  ask?: string; // topic that a press opens
  when: {
    pages?: string[]; seconds?: number; cart_above?: number; search_failed?: boolean; error?: boolean;
    visits?: number; languages?: string[]; people?: boolean;
  };
}

/** All of it stays in this browser. */
export interface Situation {
  page: string; // the whole address
  seconds: number; // on this page
  cart: number;
  search_failed: boolean;
  error: boolean;
  visits: number;
  language: string;
  people: boolean; // somebody is there
  conversation: boolean; // one is open, or the window is, or there is no launcher here
  declined: boolean;
  today: number; // how often this visitor was spoken to
  ever: number;
}

export function first(r: Rules, s: Situation): Rule | null {
  if (!r.on || s.declined || s.conversation || s.today >= r.per_day || s.ever >= r.per_visitor) return null;
  for (let i = 0; i < r.rules.length; i++) if (fires(r.rules[i], s)) return r.rules[i];
  return null;
}

function fires({ when: w }: Rule, s: Situation): boolean {
  return (
    (!w.pages || pageHidden(w.pages, s.page)) &&
    s.seconds >= (w.seconds || 0) &&
    s.cart >= (w.cart_above || 0) &&
    (!w.search_failed || s.search_failed) &&
    (!w.error || s.error) &&
    s.visits >= (w.visits || 0) &&
    (!w.people || s.people) &&
    (!w.languages || spoken(w.languages, s.language))
  );
}

function spoken(tags: string[], language: string): boolean {
  for (let i = 0; i < tags.length; i++) if (primary(tags[i]) === primary(language)) return true;
  return false;
}

const primary = (tag: string): string => tag.toLowerCase().replace(/-.*/, "");
