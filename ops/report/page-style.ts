import { Html } from "./html.ts"

/** The style of the report: for a phone, for print, in light and dark. */
export const style = new Html(`
:root{color-scheme:light dark;--line:#8884;--good:#15803d;--bad:#b91c1c}
@media (prefers-color-scheme:dark){:root{--good:#4ade80;--bad:#f87171}}
body{margin:0;font:16px/1.5 system-ui,sans-serif}
main{max-width:60rem;margin:0 auto;padding:1rem}
h1{font-size:1.5rem}h2{margin-top:2.5rem;border-bottom:1px solid var(--line)}
table{border-collapse:collapse;font-size:.9rem;min-width:50%}
th,td{padding:.25rem .6rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
.n,details td{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.wide,.plot{overflow-x:auto}
.plot svg{width:100%;min-width:34rem;height:auto;display:block}
figure{margin:1.5rem 0}figcaption{font-weight:600;overflow-wrap:anywhere}
figcaption small{font-weight:400;display:block}dd,p{overflow-wrap:anywhere}
dt{font-weight:600;margin-top:.8rem}dd{margin:0}
.verdict{padding:.6rem .8rem;border:2px solid;border-radius:.4rem}
.good{border-color:var(--good)}.bad{border-color:var(--bad)}
.good strong{color:var(--good)}.bad strong{color:var(--bad)}
summary{cursor:pointer}
@media print{details{display:none}figure,tr{break-inside:avoid}main{max-width:none}.plot svg{min-width:0}}
`)
