// What needs more than a press: where to, why, until when, how it ended.

import { useEffect, useMemo, useState } from "preact/hooks";

import { close, escalate, merge, peopleAgain, release, snooze, takeOver, transfer } from "./desk";
import { locale, t, word } from "./i18n";
import { Modal } from "./parts";
import { SEND_KEY } from "./composer";
import { desk } from "./state";
import { now } from "./time";
import type { Row } from "./types";

export function Dialogs() {
  const d = desk.use((s) => s.dialog);
  if (d === null) return null;
  const shut = () => desk.set({ dialog: null });
  switch (d.name) {
    case "keys":
      return <Keys shut={shut} />;
    case "transfer":
      return <Transfer row={d.row} shut={shut} />;
    case "escalate":
      return <Escalate row={d.row} shut={shut} />;
    case "snooze":
      return <Snooze row={d.row} shut={shut} />;
    case "close":
      return <Close row={d.row} shut={shut} />;
    case "merge":
      return <Merge row={d.row} shut={shut} />;
    case "release":
      return <Release row={d.row} shut={shut} />;
    case "takeover":
      return <TakeOver row={d.row} shut={shut} />;
  }
}

interface Props {
  row: Row;
  shut: () => void;
}

function Foot({ label, keys = "", disabled = false, shut }: { label: string; keys?: string; disabled?: boolean; shut: () => void }) {
  return (
    <footer class="modal-foot">
      <button type="button" class="button" onClick={shut}>{t("cancel")}</button>
      <button type="submit" class="button button-main" disabled={disabled}>{label}{keys !== "" && <> <kbd>{keys}</kbd></>}</button>
    </footer>
  );
}

const sends = (e: KeyboardEvent) => {
  if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) (e.currentTarget as HTMLFormElement).requestSubmit();
};

function Why({ value, set, label = t("why"), placeholder = t("why.placeholder"), first = false }: { value: string; set: (v: string) => void; label?: string; placeholder?: string; first?: boolean }) {
  return (
    <label class="form-line">
      <span>{label}</span>
      <input class="field field-small" value={value} maxLength={400} required={first} data-first={first ? "" : undefined} onInput={(e) => set(e.currentTarget.value)} placeholder={placeholder} />
    </label>
  );
}

function Transfer({ row, shut }: Props) {
  const queues = desk.use((s) => s.queues);
  const agents = desk.use((s) => s.agents);
  const me = desk.use((s) => s.me);
  const [to, setTo] = useState("");
  const [why, setWhy] = useState("");
  const [find, setFind] = useState("");
  useEffect(() => void peopleAgain(), []);
  const options = useMemo(() => {
    const q = queues
      .filter((x) => x.queue !== row.queue || row.state === "claimed")
      .map((x) => ({ id: "q:" + x.queue, name: x.name, hint: x.closed ? t("queue.closed") : t("transfer.queue_hint", { waiting: x.waiting, online: x.online }), off: x.closed === true }));
    const a = agents
      .filter((x) => x.id !== row.agent && x.role !== "read_only" && !x.disabled)
      .map((x) => ({ id: "a:" + x.id, name: x.id === me.agent ? t("transfer.me", { name: x.name }) : x.name, hint: x.status === undefined ? t("status.away") : t("transfer.agent_hint", { status: word("status.", x.status), load: x.load, capacity: x.capacity }), off: x.status !== "online" || x.free <= 0 }));
    const words = find.toLowerCase();
    return { q: q.filter((x) => x.name.toLowerCase().includes(words)), a: a.filter((x) => x.name.toLowerCase().includes(words)) };
  }, [queues, agents, find]);
  const choose = (x: { id: string; name: string; hint: string; off: boolean }) => (
    <label key={x.id} class={"choice" + (x.off ? " choice-off" : "")}>
      <input type="radio" name="to" value={x.id} checked={to === x.id} onChange={() => setTo(x.id)} />
      <span class="choice-name">{x.name}</span>
      <span class="quiet">{x.hint}</span>
    </label>
  );
  const all = [...options.q, ...options.a];
  return (
    <Modal title={t("transfer.title", { reference: row.reference })} onClose={shut}>
      <form
        onKeyDown={sends}
        onSubmit={(e) => {
          e.preventDefault();
          const pick = to === "" && find !== "" ? (all[0]?.id ?? "") : to;
          const chosen = all.find((x) => x.id === pick);
          if (chosen === undefined) return;
          shut();
          void transfer(row, pick.startsWith("q:") ? { queue: pick.slice(2) } : { agent: pick.slice(2) }, why.trim(), chosen.name);
        }}
      >
        <label class="form-line">
          <span class="unseen">{t("transfer.find")}</span>
          <input data-first class="field field-small" type="search" placeholder={t("transfer.find")} value={find} onInput={(e) => setFind(e.currentTarget.value)} />
        </label>
        <div class="choices-list">
          {options.q.length > 0 && <fieldset><legend>{t("queues")}</legend>{options.q.map(choose)}</fieldset>}
          {options.a.length > 0 && <fieldset><legend>{t("people")}</legend>{options.a.map(choose)}</fieldset>}
          {all.length === 0 && <p class="quiet">{t("empty.search")}</p>}
        </div>
        <Why value={why} set={setWhy} />
        <Foot label={t("transfer")} disabled={to === "" && (find === "" || all.length === 0)} shut={shut} />
      </form>
    </Modal>
  );
}

function Escalate({ row, shut }: Props) {
  const queues = desk.use((s) => s.queues);
  const [queue, setQueue] = useState("");
  const [why, setWhy] = useState("");
  return (
    <Modal title={t("escalate.title", { reference: row.reference })} onClose={shut}>
      <form onKeyDown={sends} onSubmit={(e) => { e.preventDefault(); shut(); void escalate(row, queue, why.trim()); }}>
        <p>{t("escalate.words")}</p>
        <label class="form-line">
          <span>{t("escalate.to")}</span>
          <select class="field field-small" value={queue} onChange={(e) => setQueue(e.currentTarget.value)}>
            <option value="">{t("escalate.up")}</option>
            {queues.filter((q) => q.queue !== row.queue && !q.closed).map((q) => <option key={q.queue} value={q.queue}>{q.name}</option>)}
          </select>
        </label>
        <Why value={why} set={setWhy} />
        <Foot label={t("escalate")} shut={shut} />
      </form>
    </Modal>
  );
}

function Release({ row, shut }: Props) {
  const [why, setWhy] = useState("");
  return (
    <Modal title={t("release.title", { reference: row.reference })} onClose={shut}>
      <form onKeyDown={sends} onSubmit={(e) => { e.preventDefault(); shut(); void release(row, why.trim()); }}>
        <p>{t("release.words")}</p>
        <Why value={why} set={setWhy} />
        <Foot label={t("release")} shut={shut} />
      </form>
    </Modal>
  );
}

/** One press and a reason: Enter in the only field takes the case. */
function TakeOver({ row, shut }: Props) {
  const [why, setWhy] = useState("");
  return (
    <Modal title={t("takeover.title", { reference: row.reference })} onClose={shut}>
      <form onKeyDown={sends} onSubmit={(e) => { e.preventDefault(); if (why.trim() === "") return; shut(); void takeOver(row, why.trim()); }}>
        <p>{t("takeover.words", { name: row.agent_name ?? "" })}</p>
        <Why value={why} set={setWhy} label={t("takeover.why")} placeholder={t("takeover.placeholder")} first />
        <Foot label={t("take_over")} disabled={why.trim() === ""} shut={shut} />
      </form>
    </Modal>
  );
}

function Snooze({ row, shut }: Props) {
  const [other, setOther] = useState("");
  const at = new Date(now());
  const tomorrow = new Date(at.getFullYear(), at.getMonth(), at.getDate() + 1, 9);
  const monday = new Date(at.getFullYear(), at.getMonth(), at.getDate() + ((8 - at.getDay()) % 7 || 7), 9);
  const evening = new Date(at.getFullYear(), at.getMonth(), at.getDate(), 17);
  const options: [string, Date][] = [
    [t("snooze.hour"), new Date(at.getTime() + 3_600_000)],
    [t("snooze.three"), new Date(at.getTime() + 3 * 3_600_000)],
  ];
  if (at.getHours() < 15) options.push([t("snooze.evening"), evening]);
  options.push([t("snooze.tomorrow"), tomorrow], [t("snooze.monday"), monday]);
  const f = new Intl.DateTimeFormat(locale(), { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  const pick = (d: Date) => {
    shut();
    void snooze(row, d.toISOString());
  };
  return (
    <Modal title={t("snooze.title", { reference: row.reference })} onClose={shut}>
      <form onSubmit={(e) => { e.preventDefault(); if (other !== "") pick(new Date(other)); }}>
        <p>{t("snooze.words")}</p>
        <div class="snooze-list">
          {options.map(([label, d], i) => (
            <button key={label} type="button" class="choice" data-first={i === 0 ? "" : undefined} onClick={() => pick(d)}>
              <span class="choice-name">{label}</span>
              <span class="quiet">{f.format(d)}</span>
            </button>
          ))}
        </div>
        <label class="form-line">
          <span>{t("snooze.other")}</span>
          <input class="field field-small" type="datetime-local" value={other} onInput={(e) => setOther(e.currentTarget.value)} />
        </label>
        <Foot label={t("snooze")} disabled={other === ""} shut={shut} />
      </form>
    </Modal>
  );
}

const ENDS = ["solved", "workaround", "not_solved", "no_answer", "duplicate", "spam", "other"];

function Close({ row, shut }: Props) {
  const [ended, setEnded] = useState("solved");
  const [topic, setTopic] = useState(row.topic_final ?? "");
  const [product, setProduct] = useState("");
  const [memo, setMemo] = useState("");
  const rows = desk.use((s) => s.rows);
  const topics = useMemo(() => [...new Set([...rows.values()].map((r) => r.topic ?? "").filter((x) => x !== ""))].sort(), [rows]);
  const products = useMemo(() => [...new Set([...rows.values()].map((r) => r.product ?? "").filter((x) => x !== ""))].sort(), [rows]);
  return (
    <Modal title={t("close.title", { reference: row.reference })} onClose={shut}>
      <form onKeyDown={sends} onSubmit={(e) => { e.preventDefault(); shut(); close(row, ended, topic.trim(), product.trim(), memo.trim()); }}>
        <fieldset class="ends">
          <legend>{t("close.how")}</legend>
          {ENDS.map((x, i) => (
            <label key={x} class="pill">
              <input type="radio" name="ended" value={x} checked={ended === x} onChange={() => setEnded(x)} data-first={i === 0 ? "" : undefined} />
              <span>{word("ended.", x)}</span>
            </label>
          ))}
        </fieldset>
        <label class="form-line">
          <span>{t("close.memo")}</span>
          <textarea class="field field-small" rows={2} maxLength={500} dir="auto" value={memo} onInput={(e) => setMemo(e.currentTarget.value)} placeholder={t("close.memo_placeholder")} />
          <span class="quiet">{t("close.memo_hint")}</span>
        </label>
        <label class="form-line">
          <span>{t("close.topic")}</span>
          <input class="field field-small" list="topics" value={topic} onInput={(e) => setTopic(e.currentTarget.value)} placeholder={row.topic ?? ""} />
          <datalist id="topics">{topics.map((x) => <option key={x} value={x} />)}</datalist>
        </label>
        <label class="form-line">
          <span>{t("close.product")}</span>
          <input class="field field-small" list="products" maxLength={200} value={product} onInput={(e) => setProduct(e.currentTarget.value)} placeholder={row.product ?? ""} />
          <datalist id="products">{products.map((x) => <option key={x} value={x} />)}</datalist>
        </label>
        <Foot label={t("close.case")} keys={SEND_KEY} shut={shut} />
      </form>
    </Modal>
  );
}

function Merge({ row, shut }: Props) {
  const rows = desk.use((s) => s.rows);
  const same = [...rows.values()].filter((r) => r.visitor === row.visitor && r.id !== row.id && r.state !== "closed");
  const [into, setInto] = useState(same[0]?.reference ?? "");
  return (
    <Modal title={t("merge.title", { reference: row.reference })} onClose={shut}>
      <form onKeyDown={sends} onSubmit={(e) => { e.preventDefault(); shut(); void merge(row, into.trim()); }}>
        <p>{t("merge.words")}</p>
        {same.length > 0 && (
          <div class="choices-list">
            {same.map((r) => (
              <label key={r.id} class="choice">
                <input type="radio" name="into" checked={into === r.reference} onChange={() => setInto(r.reference)} />
                <span class="choice-name">{r.reference}</span>
                <span class="quiet" dir="auto">{r.problem}</span>
              </label>
            ))}
          </div>
        )}
        <label class="form-line">
          <span>{t("merge.into")}</span>
          <input class="field field-small" value={into} maxLength={20} placeholder="K7QM-4T3P" onInput={(e) => setInto(e.currentTarget.value)} />
        </label>
        <Foot label={t("merge")} disabled={into.trim() === ""} shut={shut} />
      </form>
    </Modal>
  );
}

function Keys({ shut }: { shut: () => void }) {
  const groups: [string, [string[], string][]][] = [
    [t("keys.list"), [[["j"], t("key.down")], [["k"], t("key.up")], [["/"], t("key.search")], [["l"], t("key.fresh")], [["g"], t("key.next")], [["Esc"], t("key.back")]]],
    [t("keys.case"), [[["c"], t("key.claim")], [["r"], t("key.reply")], [["n"], t("key.note")], [["w"], t("key.whisper")], [["s"], t("key.suggest")], [["t"], t("key.transfer")], [["e"], t("key.escalate")], [["z"], t("key.snooze")], [["m"], t("key.merge")], [["x"], t("key.close")], [["i"], t("key.side")]]],
    [t("keys.write"), [[[SEND_KEY], t("key.send")], [["/"], t("key.canned")], [["@"], t("key.mention")], [["b"], t("key.passages")], [["?"], t("key.help")]]],
  ];
  return (
    <Modal title={t("keys")} onClose={shut} wide>
      <div class="keys">
        {groups.map(([title, list]) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {list.map(([keys, what]) => (
                <div key={what}>
                  <dt>{keys.map((k) => <kbd key={k}>{k}</kbd>)}</dt>
                  <dd>{what}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}
