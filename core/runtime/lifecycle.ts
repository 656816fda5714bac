/** How a resource is warmed before traffic arrives, and how it is closed. */
export interface Upkeep<T> {
  /** Does in advance what the first use would otherwise wait for: connects, loads scripts. */
  readonly warm?: (resource: T) => unknown
  readonly close: (resource: T) => unknown
}

/** The resources that one runtime has opened. They are closed in reverse order. */
export interface Resources {
  /** Takes charge of a resource. @returns the resource @throws Error when the runtime is closed; the resource is closed then */
  own<T>(resource: T, upkeep: Upkeep<T>): T
  /** Warms every resource. @throws AggregateError when some could not be warmed, after all were tried */
  warm(): Promise<void>
  /** Closes every resource, the last opened first. @throws AggregateError when some closes failed, after all were tried */
  close(): Promise<void>
}

/** What a function is wired from, with one lifecycle in Lambda, in local processes and in tests. */
export interface Runtime<Parts> {
  /** The parts. The first call makes them; when that fails, the next call tries again. */
  open(): Promise<Parts>
  /**
   * Opens, and makes the connections that the first request would otherwise wait for. @throws AggregateError, and the errors of
   * open
   */
  warm(): Promise<void>
  /**
   * Closes what was opened. A later open makes the parts again. Lambda never calls it. @throws AggregateError as Resources.close
   */
  close(): Promise<void>
}

export function createResources(): Resources {
  const upkeep: { warm?: (() => unknown) | undefined; close: () => unknown }[] = []
  let isClosed = false
  return {
    own(resource, { warm, close }) {
      const entry = { warm: warm && (() => warm(resource)), close: () => close(resource) }
      if (isClosed) {
        attempt(entry.close).catch(() => {})
        throw new Error("A resource was opened after its runtime was closed")
      }
      upkeep.push(entry)
      return resource
    },
    async warm() {
      const failures = await failuresOf(upkeep.map(({ warm }) => attempt(warm ?? (() => {}))))
      if (failures.length > 0) throw failuresOfAll(failures, "could not be warmed")
    },
    async close() {
      isClosed = true
      const failures: unknown[] = []
      for (const { close } of upkeep.splice(0).reverse()) failures.push(...(await failuresOf([attempt(close)])))
      if (failures.length > 0) throw failuresOfAll(failures, "could not be closed")
    },
  }
}

export interface RuntimeOptions {
  /**
   * Opens while the module is loaded, and not at the first request. On AWS a function has the processor to itself then, and a
   * slow connection delays no request. A failure shows at the next open.
   */
  readonly eager?: boolean
}

interface Opened<Parts> {
  readonly resources: Resources
  readonly parts: Promise<Parts>
  warming?: Promise<void> | undefined
}

/** A runtime whose parts `make` opens. What `make` has opened before it fails is closed. */
export function defineRuntime<Parts>(
  make: (resources: Resources) => Promise<Parts>,
  { eager = false }: RuntimeOptions = {},
): Runtime<Parts> {
  let current: Opened<Parts> | undefined

  const start = (): Opened<Parts> => {
    const resources = createResources()
    const parts = make(resources).catch(async (error: unknown) => {
      if (current === started) current = undefined
      await resources.close().catch(() => {})
      throw error
    })
    const started: Opened<Parts> = { resources, parts }
    current = started
    return started
  }
  const open = () => (current ?? start()).parts
  if (eager) open().catch(() => {})

  return {
    open,
    warm() {
      const opened = current ?? start()
      // Callers at the same time share one warm-up: each of its own would take another connection of every pool.
      opened.warming ??= opened.parts
        .then(() => opened.resources.warm())
        .finally(() => {
          opened.warming = undefined
        })
      return opened.warming
    },
    async close() {
      if (current === undefined) return
      const { resources, parts } = current
      current = undefined
      await parts.catch(() => {})
      await resources.close()
    },
  }
}

/**
 * Parts that several runtimes of one process share: the first that asks opens them, and they close with the last that closes.
 * @returns opens them, on behalf of the runtime whose resources it is given
 */
export function shareParts<Parts>(make: (resources: Resources) => Promise<Parts>): (resources: Resources) => Promise<Parts> {
  const shared = defineRuntime(make)
  let users = 0
  return (resources) => {
    users += 1
    resources.own(shared, {
      warm: () => shared.warm(),
      async close() {
        users -= 1
        if (users === 0) await shared.close()
      },
    })
    return shared.open()
  }
}

/** All failures as one error. The first is its cause, because log lines show causes only. */
const failuresOfAll = (failures: readonly unknown[], what: string): AggregateError =>
  new AggregateError(failures, `${failures.length} resources ${what}`, { cause: failures[0] })

const attempt = async (action: () => unknown): Promise<unknown> => action()

async function failuresOf(attempts: readonly Promise<unknown>[]): Promise<unknown[]> {
  const results = await Promise.allSettled(attempts)
  return results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []))
}
