/** The edge's check that a person uses the page. */
export interface Challenge {
  /** Makes sure that the browser has the check's token, before a write. It waits a little, and never fails: the edge decides. */
  readonly ready: () => Promise<void>
  /** The edge refused a write: the next one needs a new token. */
  readonly refused: () => void
}

interface Integration {
  readonly getToken: () => Promise<string>
  readonly forceRefreshToken: () => Promise<void>
}

declare global {
  interface Window {
    /** Defined by the edge's script. */
    readonly AwsWafIntegration?: Integration
  }
}

const longestWaitMs = 4_000

const pause = (ms: number): Promise<void> => new Promise((resolve) => window.setTimeout(resolve, ms))

/** @param scriptUrl the edge's script, which also renews the token while the page is open; without it there is no check */
export function openChallenge(scriptUrl: string | undefined): Challenge {
  if (scriptUrl === undefined) return { ready: async () => undefined, refused: () => undefined }
  let isRefused = false
  const loaded = new Promise<void>((resolve) => {
    const script = document.createElement("script")
    script.src = scriptUrl
    script.defer = true
    script.onload = () => resolve()
    script.onerror = () => resolve()
    document.head.append(script)
  })
  const token = async () => {
    await loaded
    const integration = window.AwsWafIntegration
    if (isRefused) await integration?.forceRefreshToken()
    isRefused = false
    await integration?.getToken()
  }
  return {
    ready: () => Promise.race([token().catch(() => undefined), pause(longestWaitMs)]),
    refused() {
      isRefused = true
    },
  }
}
