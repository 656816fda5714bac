import { type Html, html } from "./html.ts"

/** A table; the first `left` columns hold text, the others numbers. Without rows it says so. */
export const rowsTable = (headers: readonly string[], rows: readonly (readonly string[])[], left = 1): Html =>
  rows.length === 0
    ? html`<p>None in this window.</p>`
    : html`<div class="wide"><table><thead><tr>${headers.map((header, index) => html`<th${index < left ? "" : numeric}>${header}`)}</thead><tbody>${rows.map(
        (row) => html`<tr>${row.map((cell, index) => html`<td${index < left ? "" : numeric}>${cell}`)}`,
      )}</tbody></table></div>`

const numeric = html` class="n"`
