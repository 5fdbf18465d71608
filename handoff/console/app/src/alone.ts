// Conversations that the assistant had alone. In lists they stand as rows among
// the cases, under a name that no case has; nothing of them comes over the stream.

import type { Alone, Row } from "./types";

const MARK = "alone-";

export const isAlone = (id: string): boolean => id.startsWith(MARK);
export const aloneId = (conversation: string): string => MARK + conversation;

/** Where the API has a case, or a conversation without one. */
export const pathOf = (id: string): string => (isAlone(id) ? "/conversations/" + encodeURIComponent(id.slice(MARK.length)) : "/cases/" + encodeURIComponent(id));

/** A link to one alone, for who is to read it as well. */
export const linkOf = (id: string): string => (isAlone(id) ? "#/conversation/" + id.slice(MARK.length) : "#/case/" + id);

export function rowOfAlone(x: Alone): Row {
  return {
    id: aloneId(x.id),
    reference: "",
    queue: "",
    state: "closed",
    reason: "",
    language: x.language,
    priority: "normal",
    mood: 0,
    urgency: 0,
    triaged: true,
    problem: x.first ?? "",
    visitor: x.visitor,
    name: x.name,
    opened_at: x.opened_at,
    version: 0,
    alone: x,
  };
}
