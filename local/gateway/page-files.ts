import { createHash } from "node:crypto"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { lookup } from "mrmime"
import { hashedFiles, pageCacheControl } from "../../core/contracts/http/page.ts"

/** The encodings that the build writes beside each file, best first. */
const encodings = { br: ".br", gzip: ".gz" } as const
export type PageEncoding = keyof typeof encodings
export const pageEncodings = Object.keys(encodings) as readonly PageEncoding[]

/** A file of the page, in memory. */
export interface PageFile {
  readonly type: string
  readonly cacheControl: string
  readonly body: Buffer
  readonly encoded: ReadonlyMap<PageEncoding, Buffer>
  /** Of the content. The encodings of a file have tags of their own: `"<tag>-br"`. */
  readonly tag: string
}

/** The files by the path of their URL. A path that is not in the map is not a file: nothing outside the folder can be read. */
export type PageFiles = ReadonlyMap<string, PageFile>

const isEncoded = (path: string): boolean => Object.values(encodings).some((extension) => path.endsWith(extension))

/** Reads every file of the page's build into memory. @returns an empty map when the page has not been built */
export function readPageFiles(folder: string): PageFiles {
  const contents = new Map(
    entriesOf(folder).map((name) => [`/${name.replaceAll("\\", "/")}`, readFileSync(join(folder, name))] as const),
  )
  const files = [...contents].filter(([path]) => !isEncoded(path))
  return new Map(
    files.map(([path, body]) => {
      const encoded = new Map<PageEncoding, Buffer>()
      for (const encoding of pageEncodings) {
        const content = contents.get(`${path}${encodings[encoding]}`)
        if (content !== undefined) encoded.set(encoding, content)
      }
      return [path, pageFile(path, body, encoded)]
    }),
  )
}

/** A file of the page with its headers. */
export const pageFile = (path: string, body: Buffer, encoded: PageFile["encoded"] = new Map()): PageFile => ({
  type: contentTypeOf(path),
  cacheControl: path.startsWith(hashedFiles) ? pageCacheControl.hashed : pageCacheControl.other,
  body,
  encoded,
  tag: createHash("sha256").update(body).digest("base64url").slice(0, 22),
})

const contentTypeOf = (path: string): string => {
  const type = lookup(path) ?? "application/octet-stream"
  return /^text\/|javascript$|json$|xml$/.test(type) ? `${type}; charset=utf-8` : type
}

function entriesOf(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return []
    throw error
  }
}
