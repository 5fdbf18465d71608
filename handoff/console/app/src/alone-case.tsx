// The open conversation where it is no case: read, and nothing else.

import { linkOf } from "./alone";
import { languageName, t } from "./i18n";
import { Icon } from "./icons";
import { nameOf } from "./parts";
import { go } from "./route";
import { say } from "./say";
import type { OpenCase } from "./state";
import { Thread } from "./thread";
import { moment } from "./time";
import type { Alone, Row } from "./types";

export function AloneCase({ o, row, alone }: { o: OpenCase; row: Row; alone: Alone }) {
  const copy = () => {
    const address = location.origin + location.pathname + linkOf(o.id);
    // A page that is not on https has no clipboard: the address can be taken from where it is said.
    if (navigator.clipboard === undefined) return void say(address);
    navigator.clipboard.writeText(address).then(() => say(t("copied")), () => say(address));
  };
  return (
    <section class="case case-alone" aria-label={t("alone.label", { name: nameOf(row) })}>
      <header class="case-head">
        <button type="button" class="button button-icon only-phone" onClick={() => go({ open: "" })} aria-label={t("case.back")}>
          <Icon name="back" />
        </button>
        <div class="case-title">
          <h1><span dir="auto">{nameOf(row)}</span> <span class="tag tag-alone"><Icon name="bot" size={13} />{t("alone")}</span></h1>
          <p class="case-sub">
            <span>{moment(alone.opened_at)}</span>
            <span>{t("alone.messages", { n: alone.messages })}</span>
            {alone.language !== undefined && alone.language !== "" && <span>{languageName(alone.language)}</span>}
            {alone.helpful !== undefined && <span>{t(alone.helpful ? "alone.helped" : "alone.helped_not")}</span>}
          </p>
        </div>
        <div class="case-acts">
          <button type="button" class="button button-small" onClick={copy} title={t("alone.copy")}>
            <Icon name="out" size={16} /><span class="wide-only">{t("alone.copy")}</span><span class="unseen narrow-name">{t("alone.copy")}</span>
          </button>
        </div>
      </header>
      <div class="case-main">
        {o.status === "loading" ? <div class="thread-wrap" aria-busy="true"><p class="case-loading">{t("loading")}</p></div> : <Thread o={o} row={row} />}
        <p class="alone-foot"><Icon name="eye" size={16} /><span>{t("alone.words")}</span></p>
      </div>
    </section>
  );
}
