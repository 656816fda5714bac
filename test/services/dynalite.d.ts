/** dynalite has no types of its own. */
declare module "dynalite" {
  import type { Server } from "node:http"

  const createServer: (options?: { readonly createTableMs?: number; readonly maxItemSizeKb?: number }) => Server
  export default createServer
}
