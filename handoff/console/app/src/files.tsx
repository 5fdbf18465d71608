// Files: what is put in beside a reply, and what came with a message. Nothing of
// a file becomes part of the page but pictures, which the server has encoded.

import { useRef, useState } from "preact/hooks";

import { pathOf } from "./alone";
import { BASE } from "./api";
import { language, t } from "./i18n";
import { Icon } from "./icons";
import { Modal } from "./parts";
import type { SentFile } from "./types";
import { add, drop, MOST_FILES, uploads, uploadsOf, type Upload } from "./uploads";

const isPicture = (f: SentFile): boolean => f.type.startsWith("image/") && f.width !== undefined && f.height !== undefined;
const where = (id: string, f: SentFile, small = false): string => `${BASE}${pathOf(id)}/files/${encodeURIComponent(f.id)}${small ? "?size=small" : ""}`;

function kindOf(f: SentFile): string {
  if (f.type === "application/pdf") return "PDF";
  if (f.type === "text/csv") return "CSV";
  if (f.type.startsWith("text/")) return t("files.text");
  return f.type.split("/")[1].toUpperCase();
}

/** "1.4 MB", as the reader writes numbers. */
export function sizeWords(n: number): string {
  const mega = n >= 999_500;
  const value = mega ? n / 1e6 : Math.max(1, n / 1e3);
  return new Intl.NumberFormat(language, { style: "unit", unit: mega ? "megabyte" : "kilobyte", maximumFractionDigits: mega ? 1 : 0 }).format(value);
}

/** The button that picks files, and the field behind it. */
export function Attach({ id }: { id: string }) {
  const field = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={field}
        class="unseen"
        type="file"
        multiple
        tabIndex={-1}
        aria-hidden="true"
        accept="image/png,image/jpeg,image/gif,image/webp,application/pdf,text/plain,text/csv,.log,.md"
        onChange={(e) => {
          add(id, [...(e.currentTarget.files ?? [])]);
          e.currentTarget.value = ""; // the same one again is another choice
        }}
      />
      <button type="button" class="button button-quiet" onClick={() => field.current?.click()} title={t("files.hint", { n: MOST_FILES })}>
        <Icon name="clip" size={16} />
        <span>{t("files.attach")}</span>
      </button>
    </>
  );
}

/** How many files are still on their way, failed, or ready to be sent. */
export function useUploads(id: string): { ready: number; going: number } {
  const list = uploads.use((s) => s.of[id]) ?? [];
  return { ready: list.filter((u) => u.file !== null).length, going: list.filter((u) => u.file === null && u.failed === "").length };
}

/** What makes a part of the page take files that are dropped or pasted there. */
export function takesFiles(id: string, on: boolean) {
  const has = (e: DragEvent) => on && (e.dataTransfer?.types.includes("Files") ?? false);
  const mark = (e: DragEvent, over: boolean) => (e.currentTarget as HTMLElement).classList.toggle("takes-files", over);
  return {
    onDragOver: (e: DragEvent) => {
      if (!has(e)) return;
      e.preventDefault();
      mark(e, true);
    },
    onDragLeave: (e: DragEvent) => {
      if (!(e.currentTarget as HTMLElement).contains(e.relatedTarget as Node | null)) mark(e, false);
    },
    onDrop: (e: DragEvent) => {
      mark(e, false);
      if (!has(e)) return;
      e.preventDefault();
      add(id, [...e.dataTransfer!.files]);
    },
    onPaste: (e: ClipboardEvent) => {
      const files = [...(e.clipboardData?.files ?? [])];
      // Words that were copied come with a picture of themselves: the words are meant.
      if (!on || files.length === 0 || e.clipboardData!.types.includes("text/plain")) return;
      e.preventDefault();
      add(id, files);
    },
  };
}

/** What is put in and not yet sent. */
export function Attached({ id }: { id: string }) {
  const list = uploads.use((s) => s.of[id]) ?? uploadsOf(id);
  return (
    <>
      {list.length > 0 && (
        <ul class="attached" aria-label={t("files.attached")}>
          {list.map((u) => <Chip key={u.key} id={id} u={u} />)}
        </ul>
      )}
      <p class="unseen" aria-live="polite">{list.length > 0 && list.every((u) => u.file !== null) ? t("files.ready", { n: list.length }) : ""}</p>
    </>
  );
}

function Chip({ id, u }: { id: string; u: Upload }) {
  const name = u.file?.name ?? u.name;
  return (
    <li class={"chip-file" + (u.failed !== "" ? " chip-failed" : "")}>
      {u.file !== null && isPicture(u.file) ? <img class="chip-picture" src={where(id, u.file, true)} alt="" width={36} height={36} /> : <span class="chip-icon"><Icon name={u.failed !== "" ? "alert" : "file"} size={18} /></span>}
      <span class="chip-words">
        <span class="chip-name" dir="auto" title={name}>{name}</span>
        {u.failed !== "" ? (
          <span class="chip-why" role="alert">{u.failed}</span>
        ) : u.file !== null ? (
          <span class="quiet">{kindOf(u.file)}, {sizeWords(u.file.size)}</span>
        ) : (
          <progress aria-label={t("files.sending", { name })} value={u.sent} max={u.size} />
        )}
      </span>
      {u.failed !== "" && !u.refused && <button type="button" class="link" onClick={u.again}>{t("again")}</button>}
      <button type="button" class="button button-icon" aria-label={t("files.remove", { name })} title={t("files.remove", { name })} onClick={() => drop(id, u.key)}><Icon name="close" size={14} /></button>
    </li>
  );
}

/** The files of a message. */
export function Files({ id, list }: { id: string; list: SentFile[] | undefined }) {
  if (list === undefined || list.length === 0) return null;
  return (
    <ul class="files" aria-label={t("files.label")}>
      {list.map((f) => <li key={f.id}>{isPicture(f) ? <Picture id={id} f={f} /> : <Row id={id} f={f} />}</li>)}
    </ul>
  );
}

/** What a picture may take up in a conversation. */
const MOST_WIDE = 360;
const MOST_HIGH = 320;

/** A picture at its own size or made to fit, with its room kept before it is there. */
function Picture({ id, f }: { id: string; f: SentFile }) {
  const [large, setLarge] = useState(false);
  const [gone, setGone] = useState(false);
  const scale = Math.min(1, MOST_WIDE / f.width!, MOST_HIGH / f.height!);
  if (gone) return <Row id={id} f={f} gone />;
  return (
    <>
      <button type="button" class="picture" onClick={() => setLarge(true)} aria-label={t("files.open", { name: f.name })} title={f.name}>
        <img src={where(id, f, true)} alt="" width={Math.max(1, Math.round(f.width! * scale))} height={Math.max(1, Math.round(f.height! * scale))} loading="lazy" decoding="async" onError={() => setGone(true)} />
      </button>
      {large && <Large id={id} f={f} shut={() => setLarge(false)} />}
    </>
  );
}

function Large({ id, f, shut }: { id: string; f: SentFile; shut: () => void }) {
  const [whole, setWhole] = useState(false); // at its own size, to be moved about in
  return (
    <div class="picture-large" onKeyDown={(e) => e.stopPropagation()}>
      <Modal title={f.name} onClose={shut} wide>
        <div class={"picture-room" + (whole ? " picture-whole" : "")} tabIndex={0} role="group" aria-label={f.name}>
          <img src={where(id, f)} alt={f.name} width={f.width} height={f.height} />
        </div>
        <footer class="modal-foot">
          <span class="quiet num">{f.width} × {f.height}, {sizeWords(f.size)}</span>
          <span class="spring" />
          <button type="button" class="button" aria-pressed={whole} onClick={() => setWhole(!whole)}>{t("files.whole")}</button>
          <a class="button" href={where(id, f)} download={f.name}>{t("files.save")}</a>
        </footer>
      </Modal>
    </div>
  );
}

function Row({ id, f, gone = false }: { id: string; f: SentFile; gone?: boolean }) {
  return (
    <a class="file" href={where(id, f)} download={f.name}>
      <Icon name={gone ? "alert" : "file"} size={20} />
      <span class="file-words">
        <span class="file-name" dir="auto">{f.name}</span>
        <span class="quiet">{gone ? t("files.gone") : `${kindOf(f)}, ${sizeWords(f.size)}`}</span>
      </span>
    </a>
  );
}
