/** Texts by name on this device. All tabs of the shop share them. */
export interface Keeper {
  readonly get: (name: string) => string | undefined
  readonly set: (name: string, text: string | undefined) => void
  readonly names: () => readonly string[]
  /** False where the browser keeps nothing: what the page knows then ends with the page. */
  readonly isLasting: boolean
}

/** Every name of ours begins with it; the number grows when old texts cannot be read any more. */
export const namePrefix = "flash-sale:1:"

/** The browser's storage, or the page's memory where the shopper or the browser forbids it. */
export function openKeeper(storageOf: () => Storage = () => localStorage): Keeper {
  try {
    const storage = storageOf()
    const probe = `${namePrefix}probe`
    storage.setItem(probe, "1")
    storage.removeItem(probe)
    return lastingKeeper(storage)
  } catch {
    return memoryKeeper()
  }
}

function lastingKeeper(storage: Storage): Keeper {
  return {
    get: (name) => storage.getItem(namePrefix + name) ?? undefined,
    set(name, text) {
      try {
        if (text === undefined) storage.removeItem(namePrefix + name)
        else storage.setItem(namePrefix + name, text)
      } catch {
        // The storage is full. The page still knows the text, and sends its requests.
      }
    },
    names: () =>
      Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? "")
        .filter((name) => name.startsWith(namePrefix))
        .map((name) => name.slice(namePrefix.length)),
    isLasting: true,
  }
}

function memoryKeeper(): Keeper {
  const texts = new Map<string, string>()
  return {
    get: (name) => texts.get(name),
    set(name, text) {
      if (text === undefined) texts.delete(name)
      else texts.set(name, text)
    },
    names: () => [...texts.keys()],
    isLasting: false,
  }
}
