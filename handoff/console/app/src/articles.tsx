// Settings: which articles lead to which desk, topic and product line.

import { useState } from "preact/hooks";

import { put } from "./api";
import { Line, Reading, tries, useRead } from "./form";
import { type Key, t, word } from "./i18n";
import { Modal } from "./parts";
import { desk } from "./state";
import { moment } from "./time";

interface Article {
  article: string;
  title: string;
  desk?: string;
  topic?: string;
  product?: string;
  from: string;
  p?: number;
  settled?: { desk?: string; topic?: string; product?: string; by?: string; at: string };
  notes?: string[];
  internal?: boolean;
  replaced_by?: string;
}

interface Shelf {
  articles: Article[];
  topics: string[]; // the site's table; empty: any
}

const PAGE = 100; // rows that are drawn; who looks for one writes its name

export function Articles() {
  const [shelf, failed, again, set] = useRead<Shelf>("/settings/articles");
  const me = desk.use((s) => s.me);
  const [find, setFind] = useState("");
  const [open, setOpen] = useState(false);
  const [edit, setEdit] = useState<Article | null>(null);
  if (shelf === null) return <section class="card card-wide"><Reading failed={failed} again={again} /></section>;
  const words = find.toLowerCase().split(/\s+/);
  const fits = shelf.articles.filter((a) => (!open || a.from === "none" || a.from === "suggested") && words.every((w) => [a.article, a.title, a.topic, a.product, a.desk].join(" ").toLowerCase().includes(w)));
  const name = (a: Article) => a.title || a.article;
  return (
    <section class="card card-wide">
      <h2>{t("articles.title")}</h2>
      <p class="quiet">{t("articles.words")}</p>
      <div class="row-of">
        <input class="field field-small articles-find" type="search" aria-label={t("articles.find")} placeholder={t("articles.find")} value={find} onInput={(e) => setFind(e.currentTarget.value)} />
        <label class="check"><input type="checkbox" checked={open} onChange={(e) => setOpen(e.currentTarget.checked)} /><span>{t("articles.only_open")}</span></label>
        <span class="quiet" aria-live="polite">{t("articles.count", { shown: Math.min(PAGE, fits.length), n: shelf.articles.length })}</span>
      </div>
      {fits.length === 0 ? <p>{t("articles.none")}</p> : (
        <div class="table-wrap" tabIndex={0} role="region" aria-label={t("articles.title")}>
          <table class="table">
            <thead><tr><th scope="col">{t("articles.article")}</th><th scope="col">{t("packet.desk")}</th><th scope="col">{t("packet.topic")}</th><th scope="col">{t("packet.product")}</th><th scope="col">{t("articles.from")}</th><th scope="col"><span class="unseen">{t("edit")}</span></th></tr></thead>
            <tbody>
              {fits.slice(0, PAGE).map((a) => (
                <tr key={a.article} class={a.replaced_by ? "off" : ""}>
                  <th scope="row"><span dir="auto">{name(a)}</span> {a.internal && <span class="tag">{t("articles.internal")}</span>}<span class="line-text">{a.article}{a.replaced_by ? " · " + t("articles.replaced", { id: a.replaced_by }) : ""}</span></th>
                  <td>{a.desk ? word("desk.", a.desk) : "–"}</td>
                  <td>{a.topic || "–"}</td>
                  <td>{a.product || "–"}</td>
                  <td><From a={a} /></td>
                  <td class="num">{me.leads && <button type="button" class="button button-small" aria-label={t("edit") + ": " + name(a)} onClick={() => setEdit(a)}>{t("edit")}</button>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {edit !== null && <LabelForm article={edit} topics={shelf.topics} products={[...new Set(shelf.articles.map((a) => a.product).filter((p): p is string => p !== undefined && p !== ""))].sort()} shut={() => setEdit(null)} done={(s) => { set(s); setEdit(null); }} />}
    </section>
  );
}

/** Where the labels are from, and who set them. */
function From({ a }: { a: Article }) {
  const by = a.settled;
  return (
    <>
      {a.from === "suggested" ? t("articles.from.suggested", { p: Math.round((a.p ?? 0) * 100) }) : word("articles.from.", a.from)}
      {by !== undefined && <span class="line-text">{t("articles.from.settled_by", { name: by.by || t("articles.terminal"), at: moment(by.at) })}</span>}
      {(a.notes ?? []).map((n) => <span key={n} class="line-text">{n}</span>)}
    </>
  );
}

function LabelForm({ article, topics, products, shut, done }: { article: Article; topics: string[]; products: string[]; shut: () => void; done: (s: Shelf) => void }) {
  const [x, set] = useState({ desk: article.settled?.desk ?? "", topic: article.settled?.topic ?? "", product: article.settled?.product ?? "" });
  const send = async (labels: typeof x, words?: string) => {
    const v = await tries(put<Shelf>("/settings/articles", { article: article.article, ...labels }), words);
    if (v !== undefined) done(v);
  };
  return (
    <Modal title={t("articles.edit", { title: article.title || article.article })} onClose={shut}>
      <form onSubmit={(e) => { e.preventDefault(); void send(x); }}>
        <Line label={t("packet.desk")}>
          <select class="field field-small" value={x.desk} onChange={(e) => set({ ...x, desk: e.currentTarget.value })}>
            <option value="">{t("articles.unset")}</option>
            {["service", "support", "both", "none"].map((d) => <option key={d} value={d}>{t(("desk." + d) as Key)}</option>)}
          </select>
        </Line>
        <Line label={t("packet.topic")}>
          {topics.length > 0 ? (
            <select class="field field-small" value={x.topic} onChange={(e) => set({ ...x, topic: e.currentTarget.value })}><option value="">{t("articles.unset")}</option>{topics.map((v) => <option key={v} value={v}>{v}</option>)}</select>
          ) : <input class="field field-small" placeholder={t("articles.unset")} maxLength={80} value={x.topic} onInput={(e) => set({ ...x, topic: e.currentTarget.value.trim() })} />}
        </Line>
        <Line label={t("packet.product")}>
          <input class="field field-small" list="article-products" placeholder={t("articles.unset")} maxLength={80} value={x.product} onInput={(e) => set({ ...x, product: e.currentTarget.value.trim() })} />
          <datalist id="article-products">{products.map((p) => <option key={p} value={p} />)}</datalist>
        </Line>
        <footer class="modal-foot">
          {article.settled !== undefined && <button type="button" class="button" onClick={() => void send({ desk: "", topic: "", product: "" }, t("removed"))}>{t("articles.take_back")}</button>}
          <span class="spring" />
          <button type="button" class="button" onClick={shut}>{t("cancel")}</button>
          <button type="submit" class="button button-main">{t("save")}</button>
        </footer>
      </form>
    </Modal>
  );
}
