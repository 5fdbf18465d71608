// What the page that holds the app was given: who the seller is, how it should
// look, in which language, and with which words. settings is what
// GET /v1/widget/{site} answers.

import type { Words } from "./words";

export interface Article {
  id: string;
  title: string;
  lang?: string;
  url?: string;
}

export interface Topic {
  topic: string;
  label: string;
  total: number;
  url: string;
  articles: Article[];
}

export interface OpenHours {
  open: boolean;
  opens?: string;
  closes?: string;
}

export interface Settings {
  site: string;
  name: string;
  languages?: string[];
  words: { title?: string; greeting?: string; launcher?: string; placeholder?: string };
  theme?: string; // auto, light or dark
  logo?: string;
  topics?: Topic[];
  hours?: OpenHours;
  origins?: string[];
  privacy?: string;
}

export interface Given {
  lang: string;
  words: Words;
  settings: Settings;
  style: string; // declarations for the root: the site's colours, sizes and shapes
  help: string; // path of the help pages on this service, to open passages from
  whole: boolean; // a page of its own rather than a frame on another page
  ask?: string; // what somebody came to ask
  person?: boolean; // somebody came for a person
  about?: Article; // the article somebody comes from
  files: boolean; // this service takes files
  mail: boolean; // and sends conversations by e-mail
}

export function readGiven(): Given {
  return JSON.parse(document.getElementById("given")?.textContent ?? "{}") as Given;
}
