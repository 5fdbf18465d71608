// The launcher's and the window's style, inside their own shadow. The page's
// own rules for the host are answered by ones that it cannot override: in a
// shadow, "important" belongs to the inside. Colours and offsets come with the
// settings.

export const css = `:host{all:initial!important}:host([hidden]){display:none!important}
div{font:400 16px/1.45 var(--f);color:var(--t)}
[hidden]{display:none!important}
.launcher,dialog{position:fixed;inset:auto var(--x) calc(var(--y) + env(safe-area-inset-bottom)) auto;z-index:2147483000;box-sizing:border-box;margin:0;border:1px solid var(--l);box-shadow:0 8px 28px rgb(0 0 0/.28)}
.left .launcher,.left dialog{right:auto;left:var(--x)}
.launcher{display:inline-flex;align-items:center;gap:8px;min-height:56px;padding:0 24px 0 20px;border-color:var(--o);border-radius:var(--q);background:var(--a);color:var(--o);font:600 16px var(--f);cursor:pointer}
.launcher:hover{background:var(--h)}
:focus-visible{outline:3px solid var(--a);outline-offset:3px}
svg{width:24px;fill:none;stroke:currentColor;stroke-width:1.75;stroke-linejoin:round}
b{min-width:22px;border-radius:11px;background:var(--o);color:var(--a);font-size:13px;line-height:22px}
dialog{width:min(var(--w),100vw - 2*var(--x));height:min(var(--g),100vh - var(--y) - 16px);max-width:none;max-height:none;padding:0;border-radius:var(--r);background:var(--s);color:inherit;overflow:hidden}
dialog:modal{inset:var(--top,0) 0 auto;width:100%;height:var(--height,100dvh);border:0;border-radius:0}
iframe{display:block;width:100%;height:100%;border:0}
p{margin:24px}a,button{color:inherit;font:inherit}
@media(max-width:599px){.launcher{padding:0 16px}.launcher span{display:none}}
@media print{div{display:none}}`;
