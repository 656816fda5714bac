export const escapeXml = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")

/** The size of a drawing in pixels. */
export interface Size {
  readonly width: number
  readonly height: number
}

/** An SVG document on white with a title (its baseline at 22) and a line below it (at 40). */
export function svgDocument({ width, height }: Size, title: string, subtitle: string, drawn: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13">
<title>${escapeXml(title)}</title>
<rect width="100%" height="100%" fill="white"/>
<text x="12" y="22" font-size="16" font-weight="bold">${escapeXml(title)}</text>
<text x="12" y="40" fill="#546e7a">${escapeXml(subtitle)}</text>
${drawn.join("\n")}
</svg>
`
}
