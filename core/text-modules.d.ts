// SQL statements and Lua scripts are imported as text (see local/text-modules.mjs, vitest.config.ts and the bundler's loader).
declare module "*.sql" {
  const text: string
  export default text
}
declare module "*.lua" {
  const text: string
  export default text
}
