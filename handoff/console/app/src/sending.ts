// Replies and notes on their way.

import { post, type Trouble } from "./api";
import { redraft } from "./beside";
import { t } from "./i18n";
import { change, row, said } from "./opened";
import { say } from "./say";
import type { Sending } from "./state";
import { now } from "./time";
import { changed } from "./told";
import type { LogEntry, Message, Row, SentFile } from "./types";
import { putBack } from "./uploads";

/** What says that the case is somebody else's by now: sending again cannot help. */
const ELSEWHERE = new Set(["case_taken", "case_not_yours", "case_closed", "case_second", "no_such_case"]);

export function sendReply(id: string, name: string, text: string, suggested: string, citations: unknown[], article = "", files: SentFile[] = []): void {
  const send: Sending = { id: name, text, files, at: new Date(now()).toISOString(), failed: "", again: () => void attempt() };
  const attempt = async () => {
    change(id, (o) => ({ sending: o.sending.map((s) => (s.id === name ? { ...s, failed: "" } : s)) }));
    try {
      const done = await post<{ message: Message; seq: number; case: Row }>(`/cases/${id}/replies`, { client_msg_id: name, text, suggested, article, citations, files: files.map((f) => f.id) });
      const known = row(id);
      said({ case: id, line: { seq: done.seq, kind: "message", at: done.message.at, body: { ...done.message, client_msg_id: name } } });
      change(id, (o) => ({ sending: o.sending.filter((s) => s.id !== name) }));
      changed({ cases: [{ row: { ...done.case, visitor: known?.visitor ?? done.case.visitor, name: known?.name }, kinds: ["replied"] }] });
    } catch (err) {
      if (ELSEWHERE.has((err as Trouble).code)) {
        change(id, (o) => ({ sending: o.sending.filter((s) => s.id !== name) }));
        redraft(id, text);
        putBack(id, files);
        say(t("said.kept_as_draft") + " " + (err as Error).message, "trouble");
        return;
      }
      change(id, (o) => ({ sending: o.sending.map((s) => (s.id === name ? { ...s, failed: (err as Error).message } : s)) }));
    }
  };
  change(id, (o) => ({ sending: [...o.sending, send] }));
  void attempt();
}

export async function sendNote(id: string, text: string, mentions: string[]): Promise<boolean> {
  try {
    const { entry } = await post<{ entry: LogEntry }>(`/cases/${id}/notes`, { text, mentions });
    change(id, (o) => (o.log.some((e) => e.n === entry.n) ? {} : { log: [...o.log, entry] }));
    return true;
  } catch (err) {
    say((err as Error).message, "trouble");
    return false;
  }
}
