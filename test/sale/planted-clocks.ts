import type { Redis } from "ioredis"
import type { Pool } from "pg"
import { vi } from "vitest"

const redisSkewKey = "test:skew-seconds"
const redisClockKey = "test:opens-by-redis"

/** A script with another text in the place of one that it must have. */
function withText(script: string, right: string, wrong: string): string {
  if (!script.includes(right)) throw new Error(`The script does not have the text "${right}"`)
  return script.replace(right, wrong)
}

/**
 * The admission script, with the clock of its Redis wrong by the seconds that a test sets. A test may also plant the fault that
 * sales open and close by that clock.
 */
export function withSkewedClock(script: string): string {
  const time = 'local time = redis.call("TIME")'
  const skewed = withText(
    script,
    time,
    `${time}
       time[1] = tostring(tonumber(time[1]) + tonumber(redis.call("GET", "${redisSkewKey}") or "0"))`,
  )
  const afterTheClock = 'local progress = redis.call("HMGET"'
  return withText(
    skewed,
    afterTheClock,
    `moment = redis.call("EXISTS", "${redisClockKey}") == 1 and now or moment
       ${afterTheClock}`,
  )
}

/** The deviation of the clocks from the right time, in seconds. */
export interface Skew {
  readonly postgres?: number
  readonly redis?: number
  readonly node?: number
}

/**
 * Sets the clocks of PostgreSQL, of Redis (by `withSkewedClock`) and of this process wrong, for sessions that begin from now on.
 * PostgreSQL finds the planted functions before its own.
 */
export async function plantClocks({ superuser, redis }: { superuser: Pool; redis: Redis }) {
  const realNow = Date.now.bind(Date)
  let nodeSkewMs = 0
  vi.spyOn(Date, "now").mockImplementation(() => realNow() + nodeSkewMs)
  const planted = (name: string, volatility: string) => `
    CREATE FUNCTION public.${name}() RETURNS timestamptz ${volatility} SECURITY DEFINER LANGUAGE plpgsql
      SET search_path = pg_catalog AS $$ BEGIN RETURN pg_catalog.${name}() + (SELECT skew FROM public.planted_skew); END $$;`
  await superuser.query(`
    CREATE TABLE planted_skew (skew interval NOT NULL);
    INSERT INTO planted_skew VALUES ('0');
    ${planted("clock_timestamp", "VOLATILE")} ${planted("statement_timestamp", "STABLE")}
    DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = public, pg_catalog', current_database()); END $$;`)

  return {
    async set({ postgres = 0, redis: redisSkew = 0, node = 0 }: Skew) {
      nodeSkewMs = node * 1_000
      await superuser.query("UPDATE planted_skew SET skew = make_interval(secs => $1)", [postgres])
      await redis.set(redisSkewKey, redisSkew)
    },
    /** Plants the fault that admission opens and closes by Redis's clock. */
    openByRedis: (does: boolean) => (does ? redis.set(redisClockKey, 1) : redis.del(redisClockKey)),

    /**
     * PostgreSQL's clock, read once: its latest and its earliest possible value at a moment of `performance.now()`, in ms since
     * the epoch.
     */
    async postgresClock() {
      const sentMs = performance.now()
      const { rows } = await superuser.query<{ ms: number }>(
        "SELECT extract(epoch FROM public.clock_timestamp())::float8 * 1000 AS ms",
      )
      const answeredMs = performance.now()
      const ms = rows[0]?.ms ?? 0
      return { atMost: (atMs: number) => ms + atMs - sentMs, atLeast: (atMs: number) => ms + atMs - answeredMs }
    },
  }
}
