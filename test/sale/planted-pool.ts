import type { Pool, PoolClient, QueryConfig, QueryResult } from "pg"

/** Sees each statement; `send` sends it. It may count it, refuse it, or lose its answer. */
export type Plant = (query: string | QueryConfig, send: () => Promise<QueryResult>) => Promise<QueryResult>

/** The pool, but every statement passes the plant, also on a connection that was taken from the pool. */
export function plantedPool(pool: Pool, plant: Plant): Pool {
  const planted = <Target extends Pool | PoolClient>(target: Target): Target =>
    new Proxy(target, {
      get(of, property) {
        if (property === "query") {
          return (query: string | QueryConfig, values?: unknown[]) => plant(query, () => of.query(query, values))
        }
        if (property === "connect") return async () => planted((await of.connect()) as unknown as PoolClient)
        const value: unknown = Reflect.get(of, property)
        return typeof value === "function" ? value.bind(of) : value
      },
    })
  return planted(pool)
}
