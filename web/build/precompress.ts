import { brotliCompressSync, constants, gzipSync } from "node:zlib"
import type { Plugin } from "vite"

const compressible = /\.(js|css|html|svg|json)$/

/** Writes `<file>.br` and `<file>.gz` beside each file of the build that compresses, so that no server compresses at run time. */
export const precompress = (): Plugin => ({
  name: "precompress",
  apply: "build",
  enforce: "post",
  generateBundle(_, bundle) {
    for (const [name, file] of Object.entries(bundle)) {
      if (!compressible.test(name)) continue
      const source = Buffer.from(file.type === "chunk" ? file.code : file.source)
      const br = brotliCompressSync(source, { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } })
      this.emitFile({ type: "asset", fileName: `${name}.br`, source: br })
      this.emitFile({ type: "asset", fileName: `${name}.gz`, source: gzipSync(source, { level: 9 }) })
    }
  },
})
